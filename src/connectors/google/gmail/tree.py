"""Labels as a tree: a ``/`` in a label's name makes it a part of another."""

from __future__ import annotations

from collections.abc import Iterable

from src.connectors.google.gmail.schemas import Label


class Tree:
    """All labels, Gmail's own first, the others by name."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self.labels = sorted(labels, key=lambda one: (one.type == "user", one.name.casefold()))
        self._by_id = {label.id: label for label in self.labels}
        self._by_name = {label.name: label.id for label in self.labels if label.type == "user"}
        self._above = {label.id: self._find(label) for label in self.labels}
        self.holding = frozenset(above for above in self._above.values() if above)
        """Ids of those that have others within them."""

    def _find(self, label: Label) -> str | None:
        """The nearest label whose name this one's begins with; gaps are stepped over."""
        name = label.name if label.type == "user" else ""
        while "/" in name:
            name = name.rpartition("/")[0]
            if name in self._by_name:
                return self._by_name[name]
        return None

    def above(self, label: Label) -> str | None:
        """The id of the label it is within."""
        return self._above.get(label.id)

    def way(self, label_id: str) -> list[Label]:
        """From the outermost label to this one; empty for one that is not there."""
        way: list[Label] = []
        at: str | None = label_id
        while at is not None and (label := self._by_id.get(at)) is not None:
            way.insert(0, label)
            at = self._above[at]
        return way

    def found(self, within: str | None, q: str | None) -> list[Label]:
        """Labels directly within another (None = within none); with ``q`` all below, by name."""
        words = (q or "").casefold().split()
        if not words:
            return [label for label in self.labels if self._above[label.id] == within]
        return [
            label
            for label in self.labels
            if all(word in label.name.casefold() for word in words)
            and (within is None or any(one.id == within for one in self.way(label.id)[:-1]))
        ]
