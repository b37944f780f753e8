"""Write ``interfaces/openapi.json`` from the code: ``python -m src.api.generate_openapi``.

With ``--check`` nothing is written: the exit status says whether the file is up to date.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from src.api.assembly import create_app
from src.core.config import Settings

TARGET = Path(__file__).parents[2] / "interfaces" / "openapi.json"


@cache
def document() -> dict[str, Any]:
    """The document, the same whatever the environment is."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
    }
    return create_app(Settings.model_construct(**defaults)).openapi()


def rendered() -> str:
    """The document as the file holds it."""
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str], target: Path = TARGET) -> int:
    """Write the file, or check it."""
    text = rendered()
    if "--check" in arguments:
        if target.is_file() and target.read_text() == text:
            return 0
        sys.stderr.write(f"{target.name} is stale: run `make openapi` and commit it.\n")
        return 1
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
