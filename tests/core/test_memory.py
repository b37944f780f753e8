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


def test_what_is_imported_is_collected_no_more_and_large_blocks_stay() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TUNED], capture_output=True, text=True, check=True, timeout=60
    )
    frozen, threshold, untuned, tuned = map(int, done.stdout.split())
    assert frozen > 1_000
    assert threshold == 10_000
    if platform.libc_ver()[0] == "glibc":
        assert tuned < untuned / 10
