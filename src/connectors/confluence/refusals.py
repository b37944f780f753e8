"""How Confluence says no, beside what both of Atlassian's products do."""

from __future__ import annotations

from src.connectors.atlassian import refusals
from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.core.outbound import Response

_CONFLICT = 409
_TOO_LARGE = 413


def classify(response: Response) -> Refusal | None:
    """Tell a page that was changed meanwhile from other conflicts."""
    said = (provider_message(response) or "").lower()
    if response.status == _CONFLICT and "version" in said:
        return Refusal(
            Verdict.CONFLICT,
            sentence="The page has been changed meanwhile, or the version is not its present one."
            " Read it again and change what it says now.",
        )
    if response.status == _TOO_LARGE:
        return Refusal(
            Verdict.REJECTED, sentence="Confluence does not take bodies of more than 5 MB."
        )
    return refusals.classify(response)
