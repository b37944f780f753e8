"""Talking to the embedded `mongod` itself: is it there, is it ours, does it take writes?"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from src.db.folder import REPLICA_SET

if TYPE_CHECKING:
    from src.db.folder import Files

ANSWER_MILLISECONDS = 2_000


def accepts(port: int) -> bool:
    """Cheaper than a client, which would wait half a second between its attempts."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def is_ready(port: int, files: Files) -> bool:
    """Whether the server of this folder takes writes there; each call brings it a step nearer."""
    if not accepts(port):
        return False
    try:
        with _connect(port) as client:
            return _serves(client, files) and _is_primary(client, f"127.0.0.1:{port}")
    except PyMongoError:  # still starting, or just ended: the caller's deadline decides
        return False


def shut_down(port: int, files: Files) -> None:
    """Ask the server of this folder to end, over the wire: a pid could be a stranger's."""
    if not accepts(port):
        return
    try:
        with _connect(port) as client:
            if _serves(client, files):
                client.admin.command("shutdown", force=True, timeoutSecs=0)
    except PyMongoError:  # it ends without an answer
        return


def _connect(port: int) -> MongoClient[dict[str, Any]]:
    """A short-lived client to exactly this server."""
    return MongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        serverSelectionTimeoutMS=ANSWER_MILLISECONDS,
        socketTimeoutMS=ANSWER_MILLISECONDS,
    )


def _serves(client: MongoClient[dict[str, Any]], files: Files) -> bool:
    """Whether this server is the one of our folder, and not a stranger on our old port."""
    options = client.admin.command("getCmdLineOpts")["parsed"]
    return bool(options.get("storage", {}).get("dbPath") == str(files.database))


def _is_primary(client: MongoClient[dict[str, Any]], host: str) -> bool:
    """Bring the set of one member one step nearer to a writable primary."""
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return bool(hello["me"] == host)
    config = client.local["system.replset"].find_one()
    if config is None:
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    elif config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
    return False
