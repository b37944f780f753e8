"""A spoilt copy of the small connector, and one check of the suite run on it."""

import inspect
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from src.testing import ConnectorConformance
from src.testing.bench import Bench
from src.testing.faults import TROUBLES
from tests.testing.test_shelf import TestShelf as _ShelfSuite

Suite = ConnectorConformance
Check = Callable[..., object]
GOOD = Path(__file__).parent / "shelf"
_NUMBERS = itertools.count()


def spoil(
    folder: Path,
    *changes: tuple[str, str],
    file: str = "connector.py",
    good: Path = GOOD,
    suite: type[Suite] = _ShelfSuite,
) -> Suite:
    """A suite of a small connector with each first text replaced by the second."""
    package = f"spoilt_{next(_NUMBERS)}"
    copy = folder / package / good.name
    shutil.copytree(good, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / package / "__init__.py").touch()
    text = (copy / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"nothing to spoil: {old}"
        text = text.replace(old, new)
    (copy / file).write_text(text, encoding="utf-8")
    kind = type("Spoilt", (suite,), {"module": f"{package}.{good.name}.connector"})
    made = kind()
    assert isinstance(made, ConnectorConformance)
    return made


async def run(suite: Suite, check: str, trouble: str = "") -> None:
    """Run one check of the suite as pytest would."""
    wanted = inspect.signature(getattr(suite, check)).parameters
    bench: list[Bench] = [suite.open_bench()] if "bench" in wanted else []
    arguments = [one for one in TROUBLES if one.name == trouble and "trouble" in wanted]
    outcome = getattr(suite, check)(*bench, *arguments)
    if inspect.isawaitable(outcome):
        await outcome


async def failure_of(suite: Suite, check: str, trouble: str = "") -> str:
    """What the check says when it fails, which it must."""
    with pytest.raises(pytest.fail.Exception) as caught:
        await run(suite, check, trouble)
    return str(caught.value)
