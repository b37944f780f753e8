"""Text out of a mail's bytes and headers: encodings, encoded words, addresses. It never fails."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from email.message import Message as Head
from email.utils import getaddresses

from src.models.unified import Person

_OUTSIDE_ALPHABET = re.compile(r"[^A-Za-z0-9+/]+")
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{1,64})(?:\*[^?\s]{0,64})?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SHIFTING = re.compile(r"[\x00\x1b]")
"""Signs of an encoding that looks like ASCII to those who do not know it (ISO-2022-JP, UTF-16)."""

_GOES_ON = 0x80
_LONGEST_HEADER = 20_000
_MOST_BRACKETS = 50
"""More of them than this are no comments and groups: the standard library would go too deep."""


def decode_base64url(data: str) -> bytes:
    """Bytes of base64url or base64, with or without padding; what is malformed is left out."""
    text = _OUTSIDE_ALPHABET.sub("", data.translate({ord("-"): "+", ord("_"): "/"}))
    if len(text) % 4 == 1:
        text = text[:-1]
    return b64decode(text + "=" * (-len(text) % 4))


def whole_characters(content: bytes) -> bytes:
    """Text in UTF-8 without the character that a cut has left in two at its end."""
    end = len(content)
    while end and content[end - 1] & 0xC0 == _GOES_ON:
        end -= 1
    return content[: max(end - 1, 0)]


def decode_text(content: bytes, charset: str | None) -> str:
    """Bytes as text.

    Gmail mostly hands texts out in UTF-8 whatever their header says, so that is tried first.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _as(content, charset) or content.decode("cp1252", "replace")
    if charset and _SHIFTING.search(text):
        return _as(content, charset) or text
    return text.removeprefix("\ufeff")


def _as(content: bytes, charset: str | None) -> str | None:
    if not charset:
        return None
    try:
        return content.decode(charset)
    # ``rot13`` and the like are codecs, but none of text; some choke on what they are given.
    except (LookupError, ValueError):
        return None


def plain(text: str) -> str:
    """Text for a reader: line ends of one kind, no control characters."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def header_text(value: str) -> str:
    """A header's text: unfolded, with its encoded words (RFC 2047) in plain letters."""
    value = _BETWEEN_WORDS.sub(r"\1", value[:_LONGEST_HEADER])
    return " ".join(_FORBIDDEN.sub(" ", _decoded_words(value)).split())


def _decoded_words(value: str) -> str:
    """Neighbours of one charset are joined first: mailers cut characters in two."""
    if "=?" not in value:
        return value
    text: list[str] = []
    charset, content, place = "", b"", 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[place : word.start()]
        if between or word[1].lower() != charset:
            text += [decode_text(content, charset), between]
            charset, content = word[1].lower(), b""
        content += _word_bytes(word[2], word[3])
        place = word.end()
    return "".join([*text, decode_text(content, charset), value[place:]])


def _word_bytes(encoding: str, word: str) -> bytes:
    if encoding in "bB":
        return decode_base64url(word)
    return binascii.a2b_qp(word.encode("utf-8", "replace"), header=True)


def people(value: str) -> tuple[Person, ...]:
    """The persons of an address header."""
    value = " ".join(value[:_LONGEST_HEADER].split())
    if max(map(value.count, "(:<[")) > _MOST_BRACKETS:
        value = re.sub(r"[(:]", " ", value)
    found: list[Person] = []
    waiting = ""
    for name, address in getaddresses([value]):
        if "@" not in address:
            # Gmail decodes names without quoting them: "Müller, Ann <ann@example.com>".
            waiting = f"{waiting}{address or name}, " if address or name else waiting
            continue
        shown = header_text(f"{waiting}{name}".strip(", ")) if waiting or name else ""
        waiting = ""
        found.append(Person(name=shown or address, email=address))
    return tuple(found)


def parameter(content_type: str | None, name: str) -> str | None:
    """A parameter of a ``Content-Type``, its charset for instance, in small letters."""
    if not content_type:
        return None
    head = Head()
    head["Content-Type"] = " ".join(content_type[:_LONGEST_HEADER].split())
    value = head.get_content_charset() if name == "charset" else head.get_param(name)
    return value.lower() if isinstance(value, str) else None
