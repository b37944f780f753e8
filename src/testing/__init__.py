"""The conformance suite: what every connector must pass, ours or dropped in from outside."""

from src.testing.conformance import ConnectorConformance
from src.testing.streams import Hand, StreamSample

__all__ = ["ConnectorConformance", "Hand", "StreamSample"]
