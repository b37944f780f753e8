"""A server process keeps the memory that its next request needs again."""

import platform
import subprocess
import sys

TUNED = """
import gc, resource
from src.core.memory import tune_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        blocks = [bytes(400_000) for _ in range(4)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

untuned = faults()
tune_memory()
faults()
print(gc.get_freeze_count(), gc.get_threshold()[0], untuned, faults())
"""

STARTED = """
import gc
from contextlib import suppress
from src.core.memory import starting

runs = []
gc.callbacks.append(lambda phase, _: runs.append(phase))
with suppress(LookupError), starting():
    raise LookupError
print(gc.isenabled(), gc.get_freeze_count() > 0)
runs.clear()
with starting():
    made = [[] for _ in range(50_000)]
print(len(runs), gc.isenabled(), gc.get_freeze_count() > 50_000)
"""


def test_no_garbage_is_looked_for_while_a_process_starts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["True False", "0 True True"]


def test_what_is_imported_is_collected_no_more_and_large_blocks_stay() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TUNED], capture_output=True, text=True, check=True, timeout=60
    )
    frozen, threshold, untuned, tuned = map(int, done.stdout.split())
    assert frozen > 1_000
    assert threshold == 10_000
    if platform.libc_ver()[0] == "glibc":
        assert tuned < untuned / 10
