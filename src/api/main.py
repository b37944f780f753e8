"""The application as a server finds it: ``uvicorn src.api.main:app``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.core.memory import starting

if TYPE_CHECKING:
    from fastapi import FastAPI


def __getattr__(name: str) -> FastAPI:
    """``app``, made when a server asks for it: an import alone reads no settings."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with starting():
        # Only here: what is imported is most of what a start makes.
        from src.api.assembly import create_app  # noqa: PLC0415

        globals()["app"] = app = create_app()
    return app
