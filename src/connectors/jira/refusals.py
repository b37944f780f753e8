"""What of Jira's refusals is not Atlassian's in common.

Source: developer.atlassian.com/cloud/jira/platform/rest/v3, and the words of Jira's query language.
"""

from __future__ import annotations

import re

from src.connectors.atlassian import refusals
from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.core.outbound import Response

BY_JIRA = "not_found_in_jira"
"""The reason of a 404 that Jira itself has said, and not the gateway before it."""

_LOST = re.compile(
    r"does not exist for the field '(project|parent)'"
    r"|with key '.{1,300}' does not exist for field '(parent|key)'"
    r"|Issue does not exist or you do not have permission"
)


def classify(response: Response) -> Refusal | None:
    """Tell what the common table cannot."""
    match response.status:
        case 400 if _LOST.search(provider_message(response) or ""):
            # A query that names a project or an issue which is not there, or is hidden.
            return Refusal(Verdict.GONE)
        case 404 if b'"errorMessages"' in response.content:
            return Refusal(Verdict.GONE, reason=BY_JIRA)
        case _:
            return refusals.classify(response)
