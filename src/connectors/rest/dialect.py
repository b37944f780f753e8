"""What is particular to a provider: where it is, how it speaks HTTP, what its lists are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from src.connectors.rest.errors import Classify
from src.connectors.rest.paginators import Paginator
from src.core.security import origin_of
from src.models.rate_limit import RateLimit

R = TypeVar("R")
Params = Mapping[str, str | Sequence[str] | None]
"""A query; a list of values is written as the same name several times."""

PathValues = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is, and whether the operator said so."""

    url: str
    by_operator: bool = False
    hosts: Mapping[str, str] = field(default_factory=dict)
    """The provider's further addresses, by name; all are ``url`` where that is not its own."""

    @property
    def origin(self) -> str:
        """Who we would be talking to."""
        return origin_of(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What is particular to a provider's HTTP; every field has the common default."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request: ``Accept``, a version."""
    path_patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    """What each parameter of a path looks like, whole; another value is not sent."""
    classify: Classify | None = None
    """Reads an answer before the table of statuses does, also one with status 200."""
    rate_limit: Callable[[Mapping[str, str]], RateLimit | None] = lambda _: None
    """Reads from the headers of an answer what is left of the provider's limit."""
    credential_kind: Callable[[str], str | None] = lambda _: None
    """What a credential's form tells of its kind (GitHub's prefixes)."""
    is_partial: Callable[[Mapping[str, str]], bool] = lambda _: False
    """Whether the headers of a listing say that part of it is kept back."""


@dataclass(frozen=True, slots=True)
class List(Generic[R]):
    """What a listing is made of: its rows, their mapping, its paging, and perhaps a wrapping."""

    path: str
    """A template: ``/shelves/{shelf}/books``."""
    row: type[R]
    """The fragment of one row."""
    paginator: Paginator
    wrapped_in: Any = None
    """A generic fragment around the rows, with the properties ``rows`` and ``truncated``; the
    paginator sees it. None = the answer is the list itself."""
