"""API v2: pages made and changed, comments said."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.confluence import errors, views
from src.sandbox.confluence.call import Call
from src.sandbox.confluence.records import Comment, Content
from src.sandbox.confluence.routes.comments import comment_of
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from src.sandbox.confluence.written import Written

_MOST_BYTES = 5_000_000


class Body(msgspec.Struct):
    """A body in one representation."""

    representation: str
    value: str


class NewPage(msgspec.Struct, rename="camel"):
    """What a page is made of."""

    space_id: str
    title: str
    body: Body
    status: str = "current"
    parent_id: str | None = None


class NewVersion(msgspec.Struct):
    """The version that a change makes."""

    number: int
    message: str = ""


class ChangedPage(msgspec.Struct):
    """What a page becomes."""

    id: str
    status: str
    title: str
    body: Body
    version: NewVersion


class NewComment(msgspec.Struct, rename="camel"):
    """What is said, and below what."""

    body: Body
    page_id: str | None = None
    blog_post_id: str | None = None
    parent_comment_id: str | None = None


def write_routes(written: "Written", prefix: str) -> "list[Route]":
    """Return the routes below a prefix."""

    def on(
        handler: "Callable[[Call, Written], Awaitable[Response]]",
    ) -> "Callable[[Request], Awaitable[Response]]":
        async def endpoint(request: "Request") -> "Response":
            return await handler(await Call.begin(request, written), written)

        return endpoint

    api = f"{prefix}/wiki/api/v2"
    return [
        Route(f"{api}/pages", on(_make), methods=["POST"]),
        Route(f"{api}/pages/{{id}}", on(_change("page")), methods=["PUT"]),
        Route(f"{api}/blogposts/{{id}}", on(_change("blogpost")), methods=["PUT"]),
        Route(f"{api}/pages/{{id}}", on(_trash), methods=["DELETE"]),
        Route(f"{api}/footer-comments/{{id}}", on(_unsay("footer")), methods=["DELETE"]),
        Route(f"{api}/inline-comments/{{id}}", on(_unsay("inline")), methods=["DELETE"]),
        Route(f"{api}/footer-comments", on(_say("footer")), methods=["POST"]),
        Route(f"{api}/inline-comments", on(_say("inline")), methods=["POST"]),
    ]


async def _read(call: Call, kind: type[Any]) -> Any:
    content = await call.request.body()
    if len(content) > _MOST_BYTES:
        raise errors.v2(413, "Request body too large")
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.v2(400, str(error)) from error


def _body(body: Body) -> tuple[str, dict[str, Any] | None]:
    """Return storage and document; a document must be one, without empty texts."""
    if body.representation == "storage":
        return body.value, None
    if body.representation != "atlas_doc_format":
        raise errors.v2(400, f"Representation {body.representation} is not supported")
    try:
        document = msgspec.json.decode(body.value, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise errors.v2(400, "The body is not valid ADF") from error
    words: list[str] = []
    if document.get("type") != "doc" or not _gather(document, words):
        raise errors.v2(400, "The body is not valid ADF")
    return f"<p>{' '.join(words)}</p>", document


def _gather(node: dict[str, Any], words: list[str]) -> bool:
    if node.get("type") == "text":
        words.append(str(node.get("text") or ""))
        return bool(node.get("text"))
    return all(_gather(one, words) for one in node.get("content", ()))


async def _make(call: Call, written: "Written") -> "Response":
    asked: NewPage = await _read(call, NewPage)
    space = int(asked.space_id) if asked.space_id.isdigit() else 0
    if not call.sees(space):
        raise errors.v2(404)
    _need_title(call, space, asked.title)
    found = call.world.spaces[space]
    parent = found.homepage
    if asked.parent_id is not None:
        kinds = ("page", "folder", "whiteboard", "database")
        parent = call.content_of(int(asked.parent_id), *kinds).id
    storage, document = _body(asked.body)
    kind = call.world.contents[parent].kind if parent else None
    page = Content(
        await written.number(),
        "page",
        space,
        asked.title,
        storage,
        document,
        parent,
        kind,
        author=call.caller.user.account_id,
        created_at=_now(),
        changed_at=_now(),
    )
    await written.keep(call.site.id, page)
    return json_answer(views.single(page, call))


def _need_title(call: Call, space: int, title: str) -> None:
    same = (
        one
        for one in call.world.contents.values()
        if one.space == space and one.title == title and one.kind == "page"
    )
    if next(same, None) is not None:
        key = call.world.spaces[space].key
        words = f"A page already exists with the same TITLE in this space: {title} ({key})"
        raise errors.v2(400, words)


def _change(kind: str) -> "Callable[[Call, Written], Awaitable[Response]]":
    async def changed(call: Call, written: "Written") -> "Response":
        present = call.content(kind)
        asked: ChangedPage = await _read(call, ChangedPage)
        if asked.version.number != present.version + 1:
            words = "Version must be incremented when updating a page."
            raise errors.v2(
                409,
                f"{words} Current Version: [{present.version}]."
                f" Provided version: [{asked.version.number}]",
            )
        if asked.title != present.title:
            _need_title(call, present.space, asked.title)
        storage, document = _body(asked.body)
        page = msgspec.structs.replace(
            present,
            title=asked.title,
            storage=storage,
            document=document,
            version=asked.version.number,
            message=asked.version.message,
            editor=call.caller.user.account_id,
            changed_at=_now(),
        )
        await written.keep(call.site.id, page)
        return json_answer(views.single(page, call))

    return changed


def _say(kind: str) -> "Callable[[Call, Written], Awaitable[Response]]":
    async def said(call: Call, written: "Written") -> "Response":
        asked: NewComment = await _read(call, NewComment)
        below = [asked.page_id, asked.blog_post_id, asked.parent_comment_id]
        if sum(one is not None for one in below) != 1:
            raise errors.v2(400, "Exactly one container must be given")
        parent = None
        if asked.parent_comment_id is not None:
            parent = comment_of(call, int(asked.parent_comment_id), kind)
            content = parent.content
        else:
            number = asked.page_id or asked.blog_post_id or ""
            content = call.content_of(int(number), "page" if asked.page_id else "blogpost").id
        storage, _ = _body(asked.body)
        comment = Comment(
            await written.number(),
            kind,
            content,
            storage,
            parent.id if parent else None,
            call.caller.user.account_id,
            _now(),
        )
        await written.keep(call.site.id, comment)
        shown = views.comment(comment, call)
        shown["_links"]["base"] = call.base
        return json_answer(shown, 201)

    return said


async def _trash(call: Call, written: "Written") -> "Response":
    present = call.content("page")
    await written.keep(call.site.id, msgspec.structs.replace(present, status="trashed"))
    return Response(status_code=204)


def _unsay(kind: str) -> "Callable[[Call, Written], Awaitable[Response]]":
    async def unsaid(call: Call, written: "Written") -> "Response":
        await written.unsay(call.site.id, comment_of(call, call.number("id"), kind))
        return Response(status_code=204)

    return unsaid


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
