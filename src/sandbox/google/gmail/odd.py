"""Mail of every odd kind, as Gmail hands it out."""

import base64

import msgspec

from src.sandbox.google.gmail.records import Part

_TO = "Ann Müller <ann@example.com>"
_DEPTH = 60
Headers = tuple[tuple[str, str], ...]


class Odd(msgspec.Struct, frozen=True):
    """One of them; `name` is how tests find it, as the first word of the subject."""

    name: str
    body: Part
    text: str = "odd"
    title: str = ""
    sender: str | None = "Ben Ruíz <ben@example.com>"
    to: str = _TO
    more: Headers = ()
    has_subject: bool = True

    @property
    def subject(self) -> str | None:
        """What stands in the head."""
        return (self.title or f"{self.name} mail") if self.has_subject else None


def _text(
    content: str | bytes, kind: str = "plain", charset: str = "UTF-8", rest: str = ""
) -> Part:
    data = content.encode() if isinstance(content, str) else content
    headers = (("Content-Type", f'text/{kind}; charset="{charset}"{rest}'),)
    return Part(f"text/{kind}", headers, data)


def _multi(kind: str, *parts: Part) -> Part:
    headers = (("Content-Type", f'multipart/{kind}; boundary="b1"'),)
    return Part(f"multipart/{kind}", headers, parts=parts)


def _file(name: str, mime_type: str, content: bytes = b"content") -> Part:
    return Part(mime_type, data=content, filename=name)


def _inline(name: str, mime_type: str) -> Part:
    headers = (
        ("Content-Type", f'{mime_type}; name="{name}"'),
        ("Content-ID", f"<{name}@mail>"),
        ("Content-Disposition", f'inline; filename="{name}"'),
    )
    return Part(mime_type, headers, b"\x89PNG", name)


def _nested(depth: int) -> Part:
    part = _text("the innermost text")
    for _ in range(depth):
        part = _multi("mixed", part)
    return part


_HTML = (
    "<html><head><style>p {color: red}</style></head><body><div style='display:none'>preheader"
    "</div><p>Dear <b>Ann</b>,</p><p>please see <a href='https://example.com/a?b=1&amp;c=2'>the"
    " page</a>.<br>Fish &amp; chips</p><ul><li>one</li><li>two</li></ul>"
    "<script>alert(1)</script></body></html>"
)
_FLOWED = (
    "This is a long \r\nparagraph that was \r\nwrapped.\r\n\r\n> quoted \r\n> text\r\n-- \r\nBen"
)
_INVITE = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"

ODD: tuple[Odd, ...] = (
    Odd("plain", _text("Just text,\r\nof two lines.\r\n")),
    Odd("html", _text(_HTML, "html")),
    Odd("alternative", _multi("alternative", _text("The plain one"), _text(_HTML, "html"))),
    Odd("blank", _multi("alternative", _text(" \r\n"), _text(_HTML, "html"))),
    Odd(
        "related",
        _multi(
            "mixed",
            _multi(
                "alternative",
                _text("With a picture"),
                _multi("related", _text(_HTML, "html"), _inline("logo.png", "image/png")),
            ),
            _file("Ängebot 2026.pdf", "application/pdf", b"%PDF-1.7"),
            _file("note.txt", "text/plain", b"attached text"),
        ),
    ),
    Odd("latin", _text("Grüße aus Köln".encode("latin-1"), charset="iso-8859-1")),
    Odd("windows", _text("“Quotes” for 5 €".encode("cp1252"), charset="windows-1252")),
    Odd("japanese", _text("こんにちは".encode("iso2022_jp"), charset="iso-2022-jp")),
    Odd("unknown", _text("Grüße".encode(), charset="x-no-such")),
    Odd("wrong", _text("Grüße".encode("latin-1"), charset="utf-8")),
    Odd("flowed", _text(_FLOWED, rest="; format=flowed")),
    Odd("deep", _nested(_DEPTH)),
    Odd("empty", Part("text/plain", (("Content-Type", "text/plain"),))),
    Odd(
        "long",
        Part(
            "text/plain",
            (("Content-Type", 'text/plain; charset="UTF-8"'),),
            ("All of a very long text. " * 400).encode(),
            is_apart=True,
        ),
    ),
    Odd(
        "unpadded",
        Part("text/plain", shown=base64.urlsafe_b64encode(b"no padding").decode().rstrip("=")),
    ),
    Odd("broken", Part("text/plain", shown="Ym9y*\nZGVyb!GluZQ==x")),
    Odd(
        "forwarded",
        _multi(
            "mixed",
            _text("See below."),
            Part(
                "message/rfc822",
                (("Content-Type", "message/rfc822"),),
                parts=(
                    Part(
                        "text/plain",
                        (("Subject", "The mail within"), ("Content-Type", "text/plain")),
                        b"not the text of the outer mail",
                    ),
                ),
            ),
        ),
    ),
    Odd(
        "invite",
        _multi(
            "mixed",
            _multi(
                "alternative",
                _text("You are invited"),
                Part("text/calendar", (("Content-Type", "text/calendar"),), _INVITE),
            ),
            _file("invite.ics", "application/ics", _INVITE),
        ),
    ),
    Odd(
        "signed",
        _multi("signed", _text("Signed words"), _file("smime.p7s", "application/pkcs7-signature")),
    ),
    Odd(
        "report", _multi("report", _text("It could not be delivered."), _file("", "message/rfc822"))
    ),
    Odd("nothing", _multi("mixed")),
    Odd("file", _file("only.zip", "application/zip")),
    Odd(
        "encoded",
        _text("Words in the head."),
        title="=?utf-8?B?R3LDvMOf?= =?utf-8?B?ZSDigJMgIGVuY29kZWQ=?= =?iso-8859-1?Q?_K=F6ln?=",
        sender="=?utf-8?Q?M=C3=BCller=2C_Ben?= <ben@example.com>",
    ),
    Odd("subjectless", _text("No subject"), has_subject=False),
    Odd("folded", _text("Folded"), title="folded\r\n subject\r\n\tof three lines"),
    Odd("anonymous", _text("From nobody"), sender=None),
    Odd("group", _text("To a group"), to="undisclosed-recipients:;"),
    Odd("unquoted", _text("A name with a comma"), sender="Müller, Ben <ben@example.com>"),
    Odd("nul", _text(b"a\x00b\x08c")),
)
