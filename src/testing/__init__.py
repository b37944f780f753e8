"""The conformance suite: what every connector must pass, ours or dropped in from outside."""

from src.testing.conformance import ConnectorConformance

__all__ = ["ConnectorConformance"]
