"""What somebody does at the imitation Confluence while its streams are read."""

from src.connectors.confluence.schemas import Comment, Content
from src.testing import Hand, StreamSample

PROJECT, DOCUMENTS = "space:98305", "space:98306"
RUNBOOK, NEWS = "98491", "99001"
TEXT = {"representation": "storage", "value": "<p>Meanwhile</p>"}


async def add_page(hand: Hand) -> str:
    page = {"spaceId": "98306", "status": "current", "title": "Made meanwhile", "body": TEXT}
    made = await hand.rest.write("POST", "/wiki/api/v2/pages", Content, json=page)
    return f"page:{made.id}"


async def change_post(hand: Hand) -> str:
    change = {
        "id": NEWS,
        "status": "current",
        "title": "Changed meanwhile",
        "body": TEXT,
        "version": {"number": 2},
    }
    path = "/wiki/api/v2/{collection}/{number}"
    await hand.rest.write("PUT", path, Content, json=change, collection="blogposts", number=NEWS)
    return f"blogpost:{NEWS}"


async def delete_page(hand: Hand, page: str) -> None:
    path, number = "/wiki/api/v2/{collection}/{number}", page.partition(":")[2]
    await hand.rest.change("DELETE", path, collection="pages", number=number)


async def add_comment(hand: Hand) -> str:
    return await _say(hand, "footer", {"pageId": RUNBOOK})


async def answer_inline(hand: Hand) -> str:
    """Comments are never changed here; an answer to an inline one is found in the other list."""
    return await _say(hand, "inline", {"parentCommentId": "444171"})


async def _say(hand: Hand, kind: str, place: dict[str, str]) -> str:
    said = await hand.rest.write(
        "POST",
        "/wiki/api/v2/{comments}",
        Comment,
        json={"body": TEXT, **place},
        comments=f"{kind}-comments",
    )
    return f"{kind}:{said.id}"


async def delete_comment(hand: Hand, comment: str) -> None:
    kind, _, number = comment.partition(":")
    await hand.rest.change(
        "DELETE",
        "/wiki/api/v2/{comments}/{comment}",
        comments=f"{kind}-comments",
        comment=number,
    )


STREAMS = {
    "pages": StreamSample(
        container_ids=(PROJECT, DOCUMENTS),
        add=add_page,
        change=change_post,
        delete=delete_page,
        gone="space:99999",
        # Pages and blog posts are two lists.
        requests=2,
    ),
    "comments": StreamSample(
        container_ids=(PROJECT,),
        add=add_comment,
        change=answer_inline,
        delete=delete_comment,
        gone="space:99999",
        # Footer and inline comments are two lists.
        requests=2,
    ),
}
