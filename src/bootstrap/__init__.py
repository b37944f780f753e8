"""The composition root: everything is built here, once, and nowhere else.

Read ``build.py`` first: it puts the parts together, in the order in which they need each other.
Each of the other files builds one part and hands on what the next ones need.
"""

from __future__ import annotations

from src.bootstrap.build import build_container
from src.bootstrap.container import Container
from src.bootstrap.database import open_database
from src.bootstrap.foundation import require_known

__all__ = ["Container", "build_container", "open_database", "require_known"]
