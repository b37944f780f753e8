"""From Confluence's nouns to ours. Pure functions; ``docs/connectors/confluence.md`` has the table.

People come as ids only; ``people.named`` gives them their names.
"""

from __future__ import annotations

from src.connectors.confluence.bodies import to_body
from src.connectors.confluence.ids import (
    TYPES,
    CommentRef,
    ItemRef,
    Kind,
    parent_of,
    space_id,
)
from src.connectors.confluence.paging import Told
from src.connectors.confluence.schemas import (
    Comment as ConfluenceComment,
)
from src.connectors.confluence.schemas import (
    Content,
    Editor,
    Found,
    FoundVersion,
    Space,
    SpaceHit,
    Version,
)
from src.connectors.rest.values import timestamp
from src.models.unified import Comment, CommentState, Container, Item, Person

_NO_VERSION = Version()
_NO_FOUND_VERSION = FoundVersion()
_STATES: dict[str | None, CommentState] = {
    "open": "open",
    "reopened": "open",
    # Its text is gone from the page, but nobody has said that it is settled.
    "dangling": "open",
    "resolved": "resolved",
}


def to_container(space: Space, told: Told) -> Container:
    """A space."""
    description = space.description.plain if space.description else None
    return Container(
        id=space_id(space.id),
        type=space.type,
        name=space.name,
        description=(description.value or None) if description else None,
        url=told.address(space.links),
        created_at=timestamp(space.created_at),
    )


def hit_to_container(hit: SpaceHit, told: Told, kind: str | None) -> Container | None:
    """A space in a search; None for one of another kind."""
    space = hit.space
    if space is None or kind not in {None, space.type}:
        return None
    return Container(
        id=space_id(space.id), type=space.type, name=space.name, url=told.address(space.links)
    )


def person(account: str | None) -> Person | None:
    """Somebody whose name is not known yet; None for an account that is gone altogether."""
    return Person(id=account, name=account) if account else None


def to_item(content: Content, kind: Kind, told: Told, *, include_body: bool) -> Item:
    """A page, a blog post, or one of the things without text that stand between pages."""
    version = content.version or _NO_VERSION
    children = content.direct_children
    has_children = kind not in {"blogpost", "embed"} if children is None else bool(children.results)
    labels = content.labels
    return Item(
        id=f"{kind}:{content.id}",
        type=TYPES[kind],
        container_id=space_id(content.space_id),
        parent_id=parent_of(content.parent_id, content.parent_type),
        title=content.title or "",
        body=to_body(content.body) if include_body else None,
        body_format="markdown" if include_body else None,
        status=content.status,
        author=person(content.author_id),
        labels=tuple(label.name for label in labels.results) if labels else (),
        url=told.address(content.links),
        has_children=has_children,
        created_at=timestamp(content.created_at),
        updated_at=timestamp(version.created_at),
        fields={
            "version": version.number,
            "versionMessage": version.message or None,
            "modifiedBy": version.author_id,
            "ownerId": content.owner_id,
            "position": content.position,
            "subtype": content.subtype,
            "embedUrl": content.embed_url,
        },
    )


def found_to_item(found: Found, space: str, told: Told, *, include_body: bool) -> Item:
    """A page or a blog post that a search found."""
    version = found.version or _NO_FOUND_VERSION
    kind: Kind = "blogpost" if found.type == "blogpost" else "page"
    parent = found.ancestors[-1] if found.ancestors else None
    labels = found.metadata.labels if found.metadata else None
    history = found.history
    return Item(
        id=f"{kind}:{found.id}",
        type=TYPES[kind],
        container_id=space_id(space),
        parent_id=parent_of(parent.id, parent.type) if parent else None,
        title=found.title or "",
        body=to_body(found.body) if include_body else None,
        body_format="markdown" if include_body else None,
        status=found.status,
        author=_editor(history.created_by if history else None),
        labels=tuple(label.name for label in labels.results) if labels else (),
        url=told.address(found.links),
        has_children=kind == "page",
        created_at=timestamp(history.created_date if history else None),
        updated_at=timestamp(version.when),
        fields={
            "version": version.number,
            "versionMessage": version.message or None,
            "modifiedBy": version.by.account_id if version.by else None,
        },
    )


def _editor(editor: Editor | None) -> Person | None:
    if editor is None or not (editor.account_id or editor.display_name):
        return None
    account = editor.account_id
    return Person(id=account, name=editor.display_name or account or "")


def to_comment(comment: ConfluenceComment, kind: str, told: Told, item: ItemRef) -> Comment:
    """A footer or an inline comment; an answer has the kind of what it answers."""
    ref = CommentRef("inline" if kind == "inline" else "footer", comment.id)
    version = comment.version or _NO_VERSION
    anchor = comment.properties
    parent = comment.parent_comment_id
    changed = timestamp(version.created_at)
    return Comment(
        id=str(ref),
        item_id=str(item),
        parent_id=f"{ref.kind}:{parent}" if parent else None,
        type=f"{ref.kind}_comment",
        state=_STATES.get(comment.resolution_status),
        body=to_body(comment.body),
        body_format="markdown",
        author=person(version.author_id),
        url=told.address(comment.links),
        # Only the present version has a time; the first one is the beginning.
        created_at=changed if version.number == 1 else None,
        updated_at=changed,
        fields={
            "version": version.number,
            "resolutionStatus": comment.resolution_status,
            "anchorText": anchor.inline_original_selection if anchor else None,
            "anchorRef": anchor.inline_marker_ref if anchor else None,
        },
    )
