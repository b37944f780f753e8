"""How a server process treats memory.

A page of a hundred items is half a megabyte that comes, is turned into another half, and is gone.
The C library gives such blocks back to the system at once and fetches them anew, page by page, for
the next request; Python's collector looks through everything that was imported, again and again.
Both cost more than the mapping itself, and the latter a third of a start (docs/performance.md).
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_MOST_ARENAS = -8
"""Names of ``mallopt(3)``."""

_KEPT_BYTES = 32 * 1024 * 1024
_LARGE_BYTES = 4 * 1024 * 1024
_GARBAGE_OBJECTS = 10_000


@contextmanager
def starting() -> Iterator[None]:
    """Look for no garbage while a server process starts: what it makes then, it keeps."""
    gc.disable()
    try:
        yield
        tune_memory()
    finally:
        gc.enable()


def tune_memory() -> None:
    """Keep what will be needed again; call it once, when everything is imported."""
    # Only glibc has it, and only glibc needs it.
    with suppress(AttributeError, OSError, TypeError):
        c_library = ctypes.CDLL(None)
        c_library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        c_library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
        # The driver's threads take turns with ours: a heap for each holds memory for nobody.
        c_library.mallopt(_MOST_ARENAS, 1)
    # Uncollected: the little garbage among it is not worth a look at everything.
    gc.freeze()
    gc.set_threshold(_GARBAGE_OBJECTS)
