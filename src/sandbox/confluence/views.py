"""How records are shown by API v2 and v1."""

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import msgspec

from src.sandbox.confluence import errors
from src.sandbox.confluence.seed.bodies import document, paragraph, text

if TYPE_CHECKING:
    from src.sandbox.confluence.call import Call
    from src.sandbox.confluence.records import Comment, Content, Person, Space, World

_TAG = re.compile(r"<[^<>]*>")
_LISTED = ("storage", "atlas_doc_format")
_SINGLE = (*_LISTED, "view", "export_view", "anonymous_export_view", "styled_view", "editor")


def plain(storage: str) -> str:
    """Return the words of a storage."""
    words = storage.replace("<![CDATA[", " ").replace("]]>", " ")
    return " ".join(unescape(_TAG.sub(" ", words)).split())


def _adf(content: "Content | Comment") -> dict[str, Any]:
    found = getattr(content, "document", None)
    return found or document(paragraph(text(plain(content.storage) or " ")))


def body(call: "Call", content: "Content | Comment", *, single: bool = False) -> dict[str, Any]:
    """Return a body in the representation that was asked for, or an empty one."""
    asked = call.params.get("body-format")
    if asked is None:
        return {}
    if asked not in (_SINGLE if single else _LISTED):
        raise errors.v2(400, f"Provided value {{{asked}}} for 'body-format' is not supported")
    # Only pages of the old editor have storage of their own.
    is_document = asked == "atlas_doc_format"
    value = msgspec.json.encode(_adf(content)).decode() if is_document else content.storage
    return {asked: {"representation": asked, "value": value}}


def webui(world: "World", content: "Content") -> str:
    """Return where a browser finds something, below the site's base."""
    key = world.spaces[content.space].key
    kinds = {"page": "pages", "blogpost": "blog"}
    title = f"/{quote_plus(content.title)}" if content.kind == "page" else ""
    return f"/spaces/{key}/{kinds.get(content.kind, content.kind)}/{content.id}{title}"


def space(one: "Space", call: "Call") -> dict[str, Any]:
    """Show a space as v2 does."""
    words = one.description if call.params.get("description-format") == "plain" else None
    return {
        "id": str(one.id),
        "key": one.key,
        "name": one.name,
        "type": one.type,
        "status": one.status,
        "authorId": one.author,
        "createdAt": one.created_at,
        "homepageId": str(one.homepage) if one.homepage else None,
        "description": {"plain": {"value": words, "representation": "plain"}} if words else None,
        "icon": None,
        "currentActiveAlias": one.key,
        "_links": {"webui": f"/spaces/{one.key}"},
    }


def _version(content: "Content") -> dict[str, Any]:
    return {
        "createdAt": content.changed_at,
        "message": content.message,
        "number": content.version,
        "minorEdit": False,
        "authorId": content.editor or content.author,
    }


def listed(one: "Content", call: "Call", *, single: bool = False) -> dict[str, Any]:
    """Show a page, a blog post, or something else in a space, as v2 does."""
    shown: dict[str, Any] = {
        "id": str(one.id),
        "type": one.kind,
        "status": one.status,
        "title": one.title,
        "spaceId": str(one.space),
        "parentId": str(one.parent) if one.parent else None,
        "parentType": one.parent_kind,
        "position": one.position,
        "authorId": one.author,
        "ownerId": one.author,
        "lastOwnerId": None,
        "createdAt": one.created_at,
        "version": _version(one),
        "_links": {"webui": webui(call.world, one), "tinyui": f"/x/{one.id:x}"},
    }
    if one.kind in {"page", "blogpost"}:
        shown["body"] = body(call, one, single=single)
        del shown["type"]
    return shown


def single(one: "Content", call: "Call") -> dict[str, Any]:
    """Show one thing with what was asked for besides."""
    shown = listed(one, call, single=True)
    shown["_links"]["base"] = call.base
    if call.params.get("include-labels") == "true":
        labels = [
            {"id": str(n), "name": name, "prefix": "global"} for n, name in enumerate(one.labels)
        ]
        shown["labels"] = {"results": labels, "meta": {"hasMore": False}, "_links": {}}
    if call.params.get("include-direct-children") == "true":
        children = [child(below) for below in call.world.children(one.id)[:50]]
        shown["directChildren"] = {"results": children, "meta": {"hasMore": False}, "_links": {}}
    return shown


def child(one: "Content") -> dict[str, Any]:
    """Show an entry of the tree."""
    return {
        "id": str(one.id),
        "status": one.status,
        "title": one.title,
        "type": one.kind,
        "spaceId": str(one.space),
        "childPosition": one.position,
    }


def comment(one: "Comment", call: "Call") -> dict[str, Any]:
    """Show a comment as v2 does."""
    content = call.world.contents[one.content]
    page_url = webui(call.world, content)
    shown: dict[str, Any] = {
        "id": str(one.id),
        "status": "current",
        "title": f"Re: {content.title}",
        "pageId" if content.kind == "page" else "blogPostId": str(content.id),
        "version": {
            "createdAt": one.created_at,
            "message": "",
            "number": one.version,
            "minorEdit": False,
            "authorId": one.author,
        },
        "body": body(call, one),
        "_links": {"webui": f"{page_url}?focusedCommentId={one.id}"},
    }
    if one.parent is not None:
        shown["parentCommentId"] = str(one.parent)
    if one.kind == "inline":
        shown["resolutionStatus"] = one.resolution or "open"
        shown["properties"] = {
            "inlineMarkerRef": f"ref-{one.id}",
            "inlineOriginalSelection": one.anchor,
        }
    return shown


def person(one: "Person") -> dict[str, Any]:
    """Show somebody as users-bulk does."""
    return {
        "accountId": one.account_id,
        "accountType": "atlassian",
        "accountStatus": one.status,
        "displayName": one.name if one.status == "active" else "",
        "publicName": one.name,
        "email": one.email,
        "timeZone": None,
        "personalSpaceId": None,
        "isExternalCollaborator": False,
        "profilePicture": {"path": f"/wiki/aa-avatar/{one.account_id}", "isDefault": False},
    }
