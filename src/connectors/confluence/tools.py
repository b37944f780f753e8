"""What can be done in Confluence: write pages, and comment."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from pydantic import Field

from src.connectors.atlassian.adf import from_text
from src.connectors.base import BaseConnector
from src.connectors.confluence import scopes
from src.connectors.confluence.ids import CommentRef, ItemRef, parse_space
from src.connectors.confluence.mapping import to_comment, to_item
from src.connectors.confluence.paging import Told
from src.connectors.confluence.schemas import Comment as ConfluenceComment
from src.connectors.confluence.schemas import Content, Plain, Text
from src.connectors.tools import Tool, ToolArguments, picked
from src.core.errors import ValidationFailed
from src.models.unified import Comment, Item

BodyFormat = Literal["text", "storage"]
_LONGEST_TITLE = 255
_FORMAT = (
    "How body is written: text (blank lines separate paragraphs), or storage, which is"
    " Confluence's XHTML."
)


class CreatePage(ToolArguments):
    """Arguments of ``confluence_create_page``."""

    space_id: str = picked("confluence_space", description="The space that the page belongs to.")
    title: str = Field(
        min_length=1, max_length=_LONGEST_TITLE, description="Unique within the space."
    )
    body: str = Field(default="", description="What the page says.")
    body_format: BodyFormat = Field(default="text", description=_FORMAT)
    parent_id: str | None = picked(
        "confluence_page",
        description="What the page lies below; without one, below the space's homepage.",
        depends_on="space_id",
        default=None,
    )


class UpdatePage(ToolArguments):
    """Arguments of ``confluence_update_page``."""

    page_id: str = picked("confluence_page", description="The page, or blog post, to change.")
    title: str | None = Field(
        default=None, min_length=1, max_length=_LONGEST_TITLE, description="None: as it is."
    )
    body: str | None = Field(default=None, description="The whole new body. None: as it is.")
    body_format: BodyFormat = Field(default="text", description=_FORMAT)
    version: int | None = Field(
        default=None,
        ge=1,
        description="The version that the change is made to (fields.version of the item). If it is"
        " not the present one, nothing is changed and the answer is a conflict. None: the present"
        " one, whatever it says.",
    )
    message: str | None = Field(
        default=None, max_length=_LONGEST_TITLE, description="What the history says of the change."
    )


class AddComment(ToolArguments):
    """Arguments of ``confluence_add_comment``."""

    page_id: str = picked("confluence_page", description="The page, or blog post, to comment on.")
    body: str = Field(min_length=1, description="What the comment says.")
    body_format: BodyFormat = Field(default="text", description=_FORMAT)
    parent_comment_id: str | None = Field(
        default=None, description="The comment to answer, by the id that the comments route gave."
    )


def _body(text: str, body_format: BodyFormat) -> dict[str, str]:
    if body_format == "storage":
        return {"representation": "storage", "value": text}
    value = msgspec.json.encode(from_text(text)).decode()
    return {"representation": "atlas_doc_format", "value": value}


def _written(text: str) -> ItemRef:
    ref = ItemRef.parse(text, "page_id")
    if not ref.is_written:
        raise ValidationFailed([("page_id", "must be the id of a page or a blog post")])
    return ref


async def create_page(connector: BaseConnector, arguments: CreatePage) -> Item:
    """Make a page."""
    asked: dict[str, Any] = {
        "spaceId": parse_space(arguments.space_id, "space_id"),
        "status": "current",
        "title": arguments.title,
        "body": _body(arguments.body, arguments.body_format),
    }
    if arguments.parent_id is not None:
        asked["parentId"] = ItemRef.parse(arguments.parent_id, "parent_id").number
    made = await connector.rest.write("POST", "/wiki/api/v2/pages", Content, json=asked)
    return _item(made, ItemRef("page", made.id))


async def update_page(connector: BaseConnector, arguments: UpdatePage) -> Item:
    """Change a page; it is read first only for what the arguments do not say.

    Raises:
        ProviderConflict: Somebody changed it meanwhile.
    """
    ref = _written(arguments.page_id)
    if arguments.title is None and arguments.body is None:
        raise ValidationFailed([("body", "or title must say what is to change")])
    version, title = arguments.version, arguments.title
    body = None if arguments.body is None else _body(arguments.body, arguments.body_format)
    if version is None or title is None or body is None:
        present = await connector.rest.get(
            "/wiki/api/v2/{collection}/{number}",
            Content,
            params={"body-format": "storage"},
            **ref.at,
        )
        if version is None:
            version = present.version.number if present.version else 0
        title = title or present.title
        body = body or _body(_storage(present), "storage")
    changed = await connector.rest.write(
        "PUT",
        "/wiki/api/v2/{collection}/{number}",
        Content,
        json={
            "id": ref.number,
            "status": "current",
            "title": title,
            "body": body,
            "version": {"number": version + 1, "message": arguments.message or ""},
        },
        **ref.at,
    )
    return _item(changed, ref)


def _storage(content: Content) -> str:
    storage = content.body.storage if content.body else None
    return (storage.value if storage else None) or ""


def _item(content: Content, ref: ItemRef) -> Item:
    told = Told()
    told.hear(content.links)
    return to_item(content, ref.kind, told, include_body=False)


async def add_comment(connector: BaseConnector, arguments: AddComment) -> Comment:
    """Comment below a page, or answer a comment."""
    ref = _written(arguments.page_id)
    asked: dict[str, Any] = {"body": _body(arguments.body, arguments.body_format)}
    kind = "footer"
    if arguments.parent_comment_id is not None:
        parent = CommentRef.parse(arguments.parent_comment_id, "parent_comment_id")
        kind = parent.kind
        asked["parentCommentId"] = parent.number
    else:
        asked["pageId" if ref.kind == "page" else "blogPostId"] = ref.number
    said = await connector.rest.write(
        "POST",
        "/wiki/api/v2/{comments}",
        ConfluenceComment,
        json=asked,
        comments=f"{kind}-comments",
    )
    told = Told()
    told.hear(said.links)
    # The answer comes without the body that was sent.
    said.body = Text(**{asked["body"]["representation"]: Plain(asked["body"]["value"])})
    return to_comment(said, kind, told, ref)


TOOLS = (
    Tool(
        name="confluence_create_page",
        description="Create a page in a space, below another page if one is named.",
        arguments=CreatePage,
        run=create_page,
        scopes=(scopes.WRITE_PAGES,),
    ),
    Tool(
        name="confluence_update_page",
        description="Change the title or the whole body of a page or a blog post. With version,"
        " only if nobody has changed it since.",
        arguments=UpdatePage,
        run=update_page,
        scopes=(scopes.PAGES, scopes.WRITE_PAGES),
    ),
    Tool(
        name="confluence_add_comment",
        description="Comment below a page or a blog post, or answer a footer or inline comment.",
        arguments=AddComment,
        run=add_comment,
        scopes=(scopes.WRITE_COMMENTS,),
    ),
)
