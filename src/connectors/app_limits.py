"""Limits that a provider sets for an OAuth app, whoever its users are, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import Field, model_validator

from src.models.base import Model

HOUR = 3_600
_DAY = 86_400
READING = frozenset({"GET", "HEAD"})


class AppWindow(Model):
    """So many points within each span of the clock in UTC, for some or all requests of an app."""

    seconds: int = Field(ge=60)
    """Its length. A window begins with the day and then each so many seconds."""
    points: int = Field(ge=1)
    reserve: int = Field(default=0, ge=0)
    """Points that background work leaves to those who wait for an answer."""
    methods: frozenset[str] | None = None
    """The requests that count, by HTTP method; None = all."""

    @model_validator(mode="after")
    def _fits(self) -> AppWindow:
        if _DAY % self.seconds:
            raise ValueError("app_limit: a day has no whole number of these windows")
        if self.reserve >= self.points:
            raise ValueError("app_limit: the reserve leaves nothing to background work")
        return self

    @cached_property
    def name(self) -> str:
        """What tells it from the other windows of the same app."""
        return f"{self.seconds}:{'+'.join(sorted(self.methods or ()))}"

    def counts(self, endpoint: str) -> bool:
        """Whether a request, ``GET /things/{id}``, is one of those that count."""
        return self.methods is None or endpoint.partition(" ")[0] in self.methods


@dataclass(frozen=True, slots=True)
class ToldUsage:
    """What a provider tells of one window: points that are used up, of how many."""

    window: AppWindow
    used: int
    points: int


class AppLimit(Model):
    """A provider's limit for an OAuth app, over all tenants that use it; keys are exempt."""

    points_per_hour: int | None = Field(default=None, ge=1)
    """For a limit of one window, which begins with each hour."""
    reserve: int = Field(default=0, ge=0)
    """Of that window."""
    windows: tuple[AppWindow, ...] = ()
    """For a limit of several windows, which hold side by side."""
    cost: int = Field(default=1, ge=1)
    """Points of one request."""
    costs: dict[str, int] = Field(default_factory=dict)
    """Points of requests that cost more, by method and path template: ``GET /things/{id}``."""
    told: Callable[[Mapping[str, str]], Sequence[ToldUsage]] | None = None
    """What the headers of an answer say of the windows: they know better than we do."""

    @model_validator(mode="after")
    def _makes_windows(self) -> AppLimit:
        names = [window.name for window in self.all_windows]
        if not names or len(names) != len(set(names)):
            raise ValueError("app_limit: needs windows, each of another length or for others")
        return self

    @cached_property
    def all_windows(self) -> tuple[AppWindow, ...]:
        """Every window that holds."""
        if self.points_per_hour is None:
            return self.windows
        hour = AppWindow(seconds=HOUR, points=self.points_per_hour, reserve=self.reserve)
        return (hour, *self.windows)
