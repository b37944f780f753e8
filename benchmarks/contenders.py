"""Everybody who is measured: our service with everything on, and the peers, each a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.processes import HOST, BenchmarkFailed, Workshop, free_port, mongod_of, request
from benchmarks.upstream import page

LIMITS = (100, 25, 1)
OURS, HTTPX, AIOHTTP, MEMORY, UPSTREAM = "ours", "a", "b", "c", "upstream"
NAMES = {
    OURS: "ours",
    HTTPX: "(a) httpx proxy",
    AIOHTTP: "(b) aiohttp proxy",
    MEMORY: "(c) from memory",
    UPSTREAM: "the upstream itself",
}
_ADMIN_KEY = "benchmark-admin-key-0123456789"
HEADERS = {
    "Host": HOST,
    "Authorization": f"Bearer {_ADMIN_KEY}",
    "X-Tenant-Id": "acme",
    "Accept": "application/json",
    "User-Agent": "benchmark/1",
}
START_SECONDS = 60.0


class Contender(msgspec.Struct, frozen=True, kw_only=True):
    """One server, how to ask it, and what it must answer."""

    name: str
    port: int
    paths: Mapping[int, str]
    lengths: Mapping[int, int]
    """Of the answer, by limit."""
    watched: Mapping[str, int]

    def request(self, limit: int) -> bytes:
        """The request as it goes over the wire, the same headers for everybody."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        return f"GET {self.paths[limit]} HTTP/1.1\r\n{lines}\r\n".encode()


def service_env(data_dir: Path, **more: str) -> dict[str, str]:
    """The settings that our service is measured with."""
    return {
        "DATA_DIR": str(data_dir),
        "AUTH_REQUIRED": "true",
        "ADMIN_API_KEY": _ADMIN_KEY,
        "LOG_LEVEL": "INFO",
        "LOG_JSON": "true",
        "CONDITIONAL_CACHE_MB": "0",
        **more,
    }


def start_upstream(shop: Workshop) -> tuple[subprocess.Popen[bytes], int]:
    """Start the imitation of GitHub; its process and port."""
    port = free_port()
    upstream = shop.start("upstream", ["-m", "benchmarks.upstream", "--port", str(port)])
    shop.wait("upstream", upstream, port, "/user", START_SECONDS)
    return upstream, port


def start_all(shop: Workshop) -> dict[str, Contender]:
    """Start everybody and check what they answer."""
    upstream, upstream_port = start_upstream(shop)
    ours, answers = start_ours(shop, OURS, upstream, upstream_port)
    for limit, answer in answers.items():
        (shop.folder / f"{limit}.json").write_bytes(answer)
    env = {"UPSTREAM": f"http://{HOST}:{upstream_port}", "ANSWERS": str(shop.folder)}
    bodies = {limit: page(limit) for limit in LIMITS}
    direct = {limit: f"/repositories/1/issues?state=all&per_page={limit}" for limit in LIMITS}
    contenders = (
        ours,
        _start_peer(shop, HTTPX, "httpx_proxy", env, bodies, upstream),
        _start_peer(shop, AIOHTTP, "aiohttp_proxy", env, bodies, upstream),
        _start_peer(shop, MEMORY, "from_memory", env, answers, upstream),
        _checked(
            Contender(
                name=UPSTREAM,
                port=upstream_port,
                paths=direct,
                lengths={limit: len(body) for limit, body in bodies.items()},
                watched={"server": upstream.pid},
            ),
            bodies,
        ),
    )
    return {contender.name: contender for contender in contenders}


def start_ours(
    shop: Workshop,
    name: str,
    upstream: subprocess.Popen[bytes],
    upstream_port: int,
    *,
    repository: int = 1,
    **settings: str,
) -> tuple[Contender, dict[int, bytes]]:
    """Start our service, connect it, and say what it answers by limit."""
    data_dir = shop.folder / f"data-{name}"
    api_url = f"http://{HOST}:{upstream_port}"
    env = service_env(data_dir, CONNECTORS__GITHUB__API_URL=api_url, **settings)
    server, port = shop.start_server(name, ["src.api.main:app"], env)
    shop.wait(name, server, port, "/api/health/ready", START_SECONDS)
    connection_id = connect(port)
    query = f"connectionId={connection_id}&containerId=repo:{repository}&include=body"
    paths = {limit: f"/api/connectors/github/items?{query}&limit={limit}" for limit in LIMITS}
    answers = {limit: _answer(port, path) for limit, path in paths.items()}
    for limit, answer in answers.items():
        data = json.loads(answer)["data"]
        whole = len(data["items"]) == limit and all(item["body"] for item in data["items"])
        if not (whole and data["hasMore"]):
            raise BenchmarkFailed(f"our answer for limit={limit} is not a whole page")
    contender = Contender(
        name=name,
        port=port,
        paths=paths,
        lengths={limit: len(answer) for limit, answer in answers.items()},
        watched={
            "server": server.pid,
            "mongod": mongod_of(data_dir).pid,
            "upstream": upstream.pid,
        },
    )
    return contender, answers


def connect(port: int) -> str:
    """Connect an account and answer the connection's id.

    Raises:
        BenchmarkFailed: Our service refused.
    """
    status, body = request(
        port,
        "POST",
        "/api/connectors/github/connect/callback",
        HEADERS,
        {"apiKey": "ghp_0123456789abcdefghij0123456789abcdef"},
    )
    if status not in {200, 201}:
        raise BenchmarkFailed(f"no connection could be made: {status} {body!r}")
    connection_id: str = json.loads(body)["data"]["connectionId"]
    return connection_id


def _start_peer(
    shop: Workshop,
    name: str,
    factory: str,
    env: Mapping[str, str],
    bodies: Mapping[int, bytes],
    upstream: subprocess.Popen[bytes],
) -> Contender:
    app = ["--factory", f"benchmarks.peers:{factory}", "--no-access-log", "--log-level", "warning"]
    server, port = shop.start_server(name, app, env)
    paths = {limit: f"/items?limit={limit}" for limit in LIMITS}
    shop.wait(name, server, port, paths[1], START_SECONDS)
    watched = {"server": server.pid, "upstream": upstream.pid}
    lengths = {limit: len(body) for limit, body in bodies.items()}
    contender = Contender(name=name, port=port, paths=paths, lengths=lengths, watched=watched)
    return _checked(contender, bodies)


def _checked(contender: Contender, bodies: Mapping[int, bytes]) -> Contender:
    for limit, path in contender.paths.items():
        if _answer(contender.port, path) != bodies[limit]:
            raise BenchmarkFailed(f"{contender.name} does not pass on the bytes")
    return contender


def _answer(port: int, path: str) -> bytes:
    status, body = request(port, "GET", path, HEADERS)
    if status != 200:  # noqa: PLR2004
        raise BenchmarkFailed(f"{path} answers {status}: {body[:600]!r}")
    return body
