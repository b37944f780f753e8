"""A PostgreSQL of its own: of Debian's programs, in a folder that goes with it, with TLS."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from src.db.keeper import free_port
from tests.fakes.certificates import certify

ROOT = Path(__file__).parents[2]
README = ROOT / "examples" / "postgresql" / "README.md"
NAME = "db.example.com"
OWNER, OWNER_PASSWORD = "owner", "password-of-the-owner"
READER, READER_PASSWORD = "reader", "password-of-the-reader"
_PATIENCE = 120.0


def _programs() -> Path:
    if named := os.environ.get("POSTGRES_BIN"):
        return Path(named)
    if on_path := shutil.which("initdb"):
        # It may be a link, and the others stand where it leads.
        return Path(on_path).resolve().parent
    # Debian keeps each version's to themselves.
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is neither on the PATH, nor in /usr/lib/postgresql or POSTGRES_BIN"
    return max(found, key=lambda path: float(path.parts[-3])).parent


def _user() -> str | None:
    """Who runs it: PostgreSQL refuses to be root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@dataclass
class Cluster:
    """A server that can be stopped, killed and started again at the same place."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pg")))
    port: int = field(default_factory=free_port)
    authority: str = ""
    """The certificate of who signed the server's, in PEM form."""

    def make(self) -> None:
        self.authority = certify(self.folder, NAME)
        password = self.folder / "password"
        password.write_text(OWNER_PASSWORD)
        if (user := _user()) is not None:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, user)
        self._run(
            "initdb",
            *("--username", OWNER, "--pwfile", str(password), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "-D", str(self.data)),
        )
        settings = {
            "port": self.port,
            "listen_addresses": "'127.0.0.1'",
            "unix_socket_directories": f"'{self.folder}'",
            "ssl": "on",
            "ssl_cert_file": f"'{self.folder}/server.crt'",
            "ssl_key_file": f"'{self.folder}/server.key'",
            "fsync": "off",
            "log_connections": "on",
            "max_connections": 50,
        }
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str, check: bool = True) -> str:
        user = _user()
        done = subprocess.run(
            [str(_programs() / program), *arguments],
            cwd=self.folder,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": OWNER_PASSWORD, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stdout
        return done.stdout

    def start(self) -> None:
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-s", "start")

    def kill(self) -> None:
        """End it at once, with all connections; it recovers at the next start."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-s", "stop", check=False)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, text: str, database: str = "postgres") -> str:
        """What a script of the owner's answers."""
        return self._run(
            "psql",
            *("-h", str(self.folder), "-p", str(self.port), "-U", OWNER, "-d", database),
            *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text),
        ).strip()

    def until(self, question: str, database: str = "postgres") -> None:
        """Wait until the answer is yes."""
        end = time.monotonic() + _PATIENCE
        while self.sql(question, database) != "t":
            assert time.monotonic() < end, f"never: {question}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def visitors(self) -> int:
        """How many have knocked, whatever became of them."""
        return self.log.count("connection received")


def role_script(database: str, schema: str) -> str:
    """What the README says how the role is made, for this place."""
    script = re.search(r"```sql\n(.*?)```", README.read_text(), re.DOTALL)
    assert script is not None
    return (
        script[1]
        .replace("'a long random password'", f"'{READER_PASSWORD}'")
        .replace("shop", database)
        .replace("public", schema)
    )
