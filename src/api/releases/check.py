"""Is every breaking change since the last release named in CHANGELOG.md?

``python -m src.api.releases.check`` says what is missing; with ``--release`` the present document
becomes that of the last release.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from src.api.releases.changelog import HEADING, UNRELEASED, newest_version, problems
from src.api.releases.operations import breaking
from src.api.releases.schemas import Incomparable

ROOT = Path(__file__).parents[3]
_PRESENT = Path("interfaces/openapi.json")
_RELEASED = Path("interfaces/released/openapi.json")
_CHANGELOG = Path("CHANGELOG.md")


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Compare, or take the present document along into a release."""
    changelog = (root / _CHANGELOG).read_text(encoding="utf-8")
    found = _release(root, changelog) if "--release" in arguments else _check(root, changelog)
    if found:
        sys.stderr.write("\n".join(found) + "\n")
    return 1 if found else 0


def _check(root: Path, changelog: str) -> list[str]:
    released, present = _documents(root)
    if _version(released) != newest_version(changelog):
        return [
            f"{_RELEASED} is of {_version(released)}, and the newest release of {_CHANGELOG} is"
            f" {newest_version(changelog)}: `make release` takes the present document along."
        ]
    return _untold(changelog, released, present, UNRELEASED)


def _release(root: Path, changelog: str) -> list[str]:
    released, present = _documents(root)
    version = _version(present)
    if version != newest_version(changelog):
        return [
            f"{_PRESENT} is of {version}, and the newest release of {_CHANGELOG} is"
            f" {newest_version(changelog)}: both must be the new version."
        ]
    if version == _version(released):
        return [f"{version} is released: a new version needs another number."]
    if found := _untold(changelog, released, present, version):
        return found
    shutil.copyfile(root / _PRESENT, root / _RELEASED)
    return []


def _documents(root: Path) -> tuple[Any, Any]:
    """The released document and the present one."""
    released, present = (root / path for path in (_RELEASED, _PRESENT))
    return json.loads(released.read_bytes()), json.loads(present.read_bytes())


def _version(document: Any) -> str:
    return str(document["info"]["version"])


def _untold(changelog: str, released: Any, present: Any, version: str) -> list[str]:
    try:
        found = problems(changelog, breaking(released, present), version)
    except Incomparable as error:
        return [f"{_PRESENT}: {error} (src/api/releases/schemas.py)."]
    if not found:
        return []
    return [
        f"Callers of {_version(released)} break; {_CHANGELOG}, {version}, {HEADING!r}:",
        *found,
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
