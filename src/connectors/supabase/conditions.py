"""What rows a caller asks for, in no query language."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from src.connectors.tools import ToolArguments

Column = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[^\x00]+$")]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Value = Text | int | float | bool
MOST_VALUES = 100


class Operator(StrEnum):
    """How a column is compared; in a pattern ``%`` and ``*`` stand for anything."""

    EQUAL = "eq"
    NOT_EQUAL = "neq"
    GREATER = "gt"
    AT_LEAST = "gte"
    LESS = "lt"
    AT_MOST = "lte"
    LIKE = "like"
    ILIKE = "ilike"
    IN = "in"
    IS_NULL = "is_null"


_TEXTS = frozenset({Operator.LIKE, Operator.ILIKE})


class Condition(ToolArguments):
    """One comparison; all of a list must hold."""

    column: Column
    operator: Operator = Field(default=Operator.EQUAL, strict=False)
    value: Value | Annotated[list[Value], Field(min_length=1, max_length=MOST_VALUES)] = Field(
        description="A list for `in`, true or false for `is_null`."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _fits(self.operator, self.value):
            raise ValueError(f"{self.operator.value} does not take this value")
        return self


def _fits(operator: Operator, value: Any) -> bool:
    match operator:
        case Operator.IN:
            return isinstance(value, list)
        case Operator.IS_NULL:
            return isinstance(value, bool)
        case _ if operator in _TEXTS:
            return isinstance(value, str)
        case _:
            return not isinstance(value, list)


class Order(ToolArguments):
    """One column to sort by."""

    column: Column
    descending: bool = False
