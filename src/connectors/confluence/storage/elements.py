"""What each element of storage becomes: tables from its name to a function of its frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from src.connectors.atlassian.adf.words import INLINE, Node
from src.connectors.confluence.storage.macros import macro


class Frame:
    """An element on its way: what it has gathered so far."""

    __slots__ = ("attributes", "content", "marks", "name", "parameters", "raw")

    def __init__(self, name: str, attributes: dict[str, str], marks: tuple[Node, ...]) -> None:
        self.name = name
        self.attributes = attributes
        self.marks = marks
        """Those in force before it began."""
        self.content: list[Node] = []
        self.raw: list[str] = []
        self.parameters: dict[str, str] = {}

    @property
    def text(self) -> str:
        """Its characters, as they are."""
        return "".join(self.raw)


_DIGITS = 5

Finish = Callable[[Frame, Frame], list[Node]]
"""From an element and the one around it to nodes."""

SILENT = frozenset(
    {
        "ac:placeholder",
        "ac:task-id",
        "ac:task-uuid",
        "ac:adf-fallback",
        "ac:adf-mark",
        "colgroup",
        "script",
        "style",
    }
)
"""Nothing within them is content."""

RAW = frozenset(
    {
        "ac:parameter",
        "ac:plain-text-body",
        "ac:task-status",
        "ac:adf-attribute",
        "pre",
    }
)
"""Their characters are taken as they are."""

STRUCTURAL = frozenset(
    {
        "x",
        "ul",
        "ol",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "ac:layout",
        "ac:layout-section",
        "ac:layout-cell",
        "ac:structured-macro",
        "ac:macro",
        "ac:rich-text-body",
        "ac:link",
        "ac:image",
        "ac:task-list",
        "ac:task",
        "ac:adf-extension",
        "ac:adf-node",
        "dl",
    }
)
"""Space between what they hold is none of theirs."""


def _link(attributes: dict[str, str]) -> Node | None:
    href = attributes.get("href")
    return {"type": "link", "attrs": {"href": href}} if href else None


MARKS: dict[str, Callable[[dict[str, str]], Node | None]] = {
    **dict.fromkeys(("strong", "b"), lambda _: {"type": "strong"}),
    **dict.fromkeys(("em", "i", "cite"), lambda _: {"type": "em"}),
    **dict.fromkeys(("s", "del", "strike"), lambda _: {"type": "strike"}),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), lambda _: {"type": "code"}),
    "sub": lambda _: {"type": "subsup", "attrs": {"type": "sub"}},
    "sup": lambda _: {"type": "subsup", "attrs": {"type": "sup"}},
    "a": _link,
}


def _node(kind: str, **attrs: Any) -> Finish:
    def finish(frame: Frame, _: Frame) -> list[Node]:
        return [_made(kind, frame.content, **attrs)] if frame.content else []

    return finish


def _made(kind: str, content: list[Node], **attrs: Any) -> Node:
    return {"type": kind, "attrs": attrs, "content": content}


def _running(kind: str, **attrs: Any) -> Finish:
    """Running text; a macro within it that is a block stands for itself."""

    def finish(frame: Frame, _: Frame) -> list[Node]:
        if all(one["type"] in INLINE for one in frame.content):
            return [_made(kind, frame.content, **attrs)] if frame.content else []
        return frame.content

    return finish


def _entry(frame: Frame, _: Frame) -> list[Node]:
    return [_made("listItem", frame.content)]


def _cell(kind: str) -> Finish:
    def finish(frame: Frame, _: Frame) -> list[Node]:
        spans = {name: _number(frame.attributes.get(name)) for name in ("colspan", "rowspan")}
        return [_made(kind, frame.content, **spans)]

    return finish


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS else 1


def _preformatted(frame: Frame, _: Frame) -> list[Node]:
    text = frame.text.strip("\n")
    return [{"type": "codeBlock", "content": [{"type": "text", "text": text}]}] if text else []


def _text(text: str | None) -> list[Node]:
    return [{"type": "text", "text": text}] if text else []


def _break(_: Frame, __: Frame) -> list[Node]:
    return [{"type": "hardBreak"}]


def _rule(_: Frame, __: Frame) -> list[Node]:
    return [{"type": "rule"}]


def _day(frame: Frame, _: Frame) -> list[Node]:
    return frame.content or _text(frame.attributes.get("datetime"))


def _emoticon(frame: Frame, _: Frame) -> list[Node]:
    given = frame.attributes
    shown = given.get("ac:emoji-fallback") or given.get("ac:emoji-shortname")
    name = given.get("ac:name")
    return _text(shown or (f":{name}:" if name else None))


def _user(frame: Frame, _: Frame) -> list[Node]:
    given = frame.attributes
    account = given.get("ri:account-id") or given.get("ri:username") or given.get("ri:userkey")
    return [{"type": "mention", "attrs": {"id": account}}] if account else []


def _target(*names: str) -> Finish:
    def finish(frame: Frame, around: Frame) -> list[Node]:
        for name in names:
            if value := frame.attributes.get(name):
                around.parameters["target"] = value
        return []

    return finish


def _address(frame: Frame, around: Frame) -> list[Node]:
    if value := frame.attributes.get("ri:value"):
        around.parameters["url"] = value
    return []


def _to_page(frame: Frame, _: Frame) -> list[Node]:
    told = frame.parameters
    said = told.get("target") or told.get("url") or frame.attributes.get("ac:anchor")
    return frame.content or _text(said)


def _link_text(frame: Frame, _: Frame) -> list[Node]:
    return frame.content or _text(frame.text)


def _image(frame: Frame, _: Frame) -> list[Node]:
    told = frame.parameters
    alt = frame.attributes.get("ac:alt") or frame.attributes.get("ac:title")
    if url := told.get("url"):
        picture = {"type": "media", "attrs": {"url": url, "alt": alt or ""}}
    else:
        named = alt or told.get("target")
        picture = {"type": "mediaInline", "attrs": {"alt": named} if named else {}}
    return [picture, *frame.content]


def _picture(frame: Frame, _: Frame) -> list[Node]:
    given = frame.attributes
    attrs = {"url": given.get("src", ""), "alt": given.get("alt", "")}
    return [{"type": "media", "attrs": attrs}]


def _parameter(frame: Frame, around: Frame) -> list[Node]:
    name = frame.attributes.get("ac:name") or frame.attributes.get("key") or ""
    told = frame.parameters
    around.parameters[name] = frame.text.strip() or told.get("url") or told.get("target") or ""
    return []


def _plain_body(frame: Frame, around: Frame) -> list[Node]:
    around.raw += frame.raw
    return []


def _task_status(frame: Frame, around: Frame) -> list[Node]:
    around.parameters["state"] = "DONE" if frame.text.strip() == "complete" else "TODO"
    return []


def _task(frame: Frame, _: Frame) -> list[Node]:
    return [_made("taskItem", frame.content, state=frame.parameters.get("state", "TODO"))]


def _macro(frame: Frame, _: Frame) -> list[Node]:
    name = frame.attributes.get("ac:name", "")
    return macro(name, frame.parameters, frame.text, frame.content)


_ADF = {"panel": "panel", "decision-list": "decisionList", "decision-item": "decisionItem"}


def _document_node(frame: Frame, _: Frame) -> list[Node]:
    """A node that storage has no element for, written as itself."""
    kind = _ADF.get(frame.attributes.get("type", ""))
    if kind is None:
        return frame.content
    return [_made(kind, frame.content, panelType=frame.parameters.get("panel-type"))]


FINISH: dict[str, Finish] = {
    "p": _running("paragraph"),
    **{f"h{level}": _running("heading", level=level) for level in range(1, 7)},
    "dt": _running("paragraph"),
    "dd": _running("paragraph"),
    "div": _running("paragraph"),
    "ac:caption": _running("paragraph"),
    "blockquote": _node("blockquote"),
    "ul": _node("bulletList"),
    "ol": _node("orderedList"),
    "li": _entry,
    "table": _node("table"),
    "tr": _node("tableRow"),
    "th": _cell("tableHeader"),
    "td": _cell("tableCell"),
    "pre": _preformatted,
    "br": _break,
    "hr": _rule,
    "time": _day,
    "img": _picture,
    "ac:emoticon": _emoticon,
    "ac:link": _to_page,
    "ac:plain-text-link-body": _link_text,
    "ac:image": _image,
    "ac:task-list": _node("taskList"),
    "ac:task": _task,
    "ac:task-status": _task_status,
    "ac:structured-macro": _macro,
    "ac:macro": _macro,
    "ac:parameter": _parameter,
    "ac:default-parameter": _parameter,
    "ac:plain-text-body": _plain_body,
    "ac:adf-node": _document_node,
    "ac:adf-attribute": _parameter,
    "ri:user": _user,
    "ri:page": _target("ri:content-title"),
    "ri:blog-post": _target("ri:content-title"),
    "ri:attachment": _target("ri:filename"),
    "ri:space": _target("ri:space-key"),
    "ri:shortcut": _target("ri:parameter"),
    "ri:content-entity": _target("ri:content-id"),
    "ri:url": _address,
}
