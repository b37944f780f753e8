"""What somebody does at the imitation Jira while its streams are read."""

from functools import partial

from src.connectors.jira.schemas import Comment, Created
from src.connectors.rest.client import RestClient
from src.sandbox.atlassian.people import ACME
from src.testing import Hand, StreamSample

MARKETING = "10003"
"""Two hundred issues, most of them made within one minute."""
TALKATIVE = "21001"
TEXT = "Said meanwhile"


def _document(text: str) -> dict[str, object]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


class At:
    """One way in."""

    def __init__(self, *, is_server: bool) -> None:
        self.is_server = is_server

    def api(self, hand: Hand) -> RestClient:
        if self.is_server:
            return hand.rest.below("/rest/api/2")
        return hand.rest.below("/ex/jira/{cloud}/rest/api/3", cloud=ACME.id)

    def text(self, text: str) -> object:
        return text if self.is_server else _document(text)


async def add_issue(at: At, hand: Hand) -> str:
    fields = {
        "project": {"id": MARKETING},
        "issuetype": {"name": "Task"},
        "summary": "Made meanwhile",
        "description": at.text(TEXT),
    }
    made = await at.api(hand).write("POST", "/issue", Created, json={"fields": fields})
    return made.id


async def change_issue(at: At, hand: Hand, issue: str = "21050") -> str:
    change = {"fields": {"summary": "Changed meanwhile"}}
    await at.api(hand).change("PUT", "/issue/{issue}", json=change, issue=issue)
    return issue


async def delete_issue(at: At, hand: Hand, issue: str) -> None:
    await at.api(hand).change("DELETE", "/issue/{issue}", issue=issue)


async def add_comment(at: At, hand: Hand, issue: str = TALKATIVE) -> str:
    said = await at.api(hand).write(
        "POST", "/issue/{issue}/comment", Comment, json={"body": at.text(TEXT)}, issue=issue
    )
    return f"{issue}:{said.id}"


async def delete_comment(at: At, hand: Hand, comment: str) -> None:
    issue, _, number = comment.partition(":")
    path = "/issue/{issue}/comment/{comment}"
    await at.api(hand).change("DELETE", path, issue=issue, comment=number)


def streams(*, is_server: bool) -> dict[str, StreamSample]:
    """The streams of a data center, or of the cloud by its gateway."""
    at = At(is_server=is_server)
    return {
        "issues": StreamSample(
            container_ids=(MARKETING,),
            add=partial(add_issue, at),
            change=partial(change_issue, at),
            delete=partial(delete_issue, at),
            # The first of the minute that more than a page of issues was made in.
            doomed="21060",
            gone="99999",
        ),
        "comments": StreamSample(
            container_ids=(MARKETING,),
            add=partial(add_comment, at),
            # Comments are never changed here; one more on an issue without any finds it, too.
            change=partial(add_comment, at, issue="21050"),
            delete=partial(delete_comment, at),
            gone="99999",
        ),
    }
