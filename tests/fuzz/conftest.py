"""The servers of the process tests serve here too."""

from tests.processes.conftest import servers

__all__ = ["servers"]
