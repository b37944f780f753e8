"""Markup inside a line: emphasis, code, links, images, mentions."""

from __future__ import annotations

import re
from collections.abc import Callable

from src.connectors.atlassian.markup import destination

_CODE = re.compile(r"\{\{([^\n{}]{1,2000})\}\}")
_MACRO = re.compile(r"\{(?:color|anchor)(?::[^{}\n]{0,100})?\}")
_IMAGE = re.compile(r"!([^\s!|][^!|\n]{0,500})(?:\|[^!\n]{0,200})?!")
_MENTION = re.compile(r"\[~([^\[\]\n|]{1,200})\]")
_LINK = re.compile(r"\[([^\[\]\n|]{1,500})\|([^\[\]\n|]{1,2000})(?:\|[^\[\]\n]{0,200})?\]")
_ADDRESS = re.compile(r"\[((?:https?|ftp|mailto):[^\[\]\s|]{1,2000})\]")
_BOLD = re.compile(r"(?<![\w\\*])\*(?=[^\s*])([^*\n]{1,1000})(?<=[^\s*])\*(?![\w*])")
_STRIKE = re.compile(r"(?<![\w\\-])-(?=[^\s-])([^-\n]{1,1000})(?<=[^\s-])-(?![\w-])")
_INSERTED = re.compile(r"(?<![\w\\+])\+(?=[^\s+])([^+\n]{1,1000})(?<=[^\s+])\+(?![\w+])")
_CITED = re.compile(r"\?\?(?=\S)([^?\n]{1,1000})(?<=\S)\?\?")
_ESCAPED = re.compile(r"\\([{}\[\]!|?+^~-])")


def _linked(found: re.Match[str]) -> str:
    target = destination(found[2])
    return f"[{found[1]}]({target})" if target else found[1]


def _shown(found: re.Match[str]) -> str:
    target = destination(found[1])
    return f"![{found[1]}]({target})" if target else found[1]


Written = str | Callable[[re.Match[str]], str]
_SUBSTITUTIONS: tuple[tuple[str, re.Pattern[str], Written], ...] = (
    ("{", _MACRO, ""),
    ("[~", _MENTION, r"@\1"),
    ("*", _BOLD, r"**\1**"),
    ("-", _STRIKE, r"~~\1~~"),
    ("+", _INSERTED, r"\1"),
    ("??", _CITED, r"_\1_"),
    ("!", _IMAGE, _shown),
    ("[", _LINK, _linked),
    ("[", _ADDRESS, r"<\1>"),
)
"""In this order: what a link or an image becomes is not looked at again."""


def inline(line: str) -> str:
    """A line as Markdown; what stands in code is left alone."""
    if "{{" not in line:
        return _plain(line)
    # Every second part was in {{ }}.
    parts = _CODE.split(line)
    return "".join(f"`{part}`" if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    for sign, pattern, written in _SUBSTITUTIONS:
        if sign in text:
            text = pattern.sub(written, text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text.replace("\\\\", "  \n"))
    return text
