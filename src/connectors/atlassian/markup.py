"""Writing Markdown (CommonMark with GitHub's tables): what is text stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

HARD_BREAK = "\\\n"
_SPECIAL = re.compile(
    r"[\\`*\[\]<~]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word it means nothing
    r"|&(?=#?\w{1,40};)"
)
_MAY_BE_SPECIAL = re.compile(r"[\\`*\[\]<_~&]")
_LINE_START = re.compile(
    r"^(?:[ \t]*)(?:(?P<mark>#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=:|](?=[-=:| \t]*$))"
    r"|(?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$))",
    re.MULTILINE,
)
_MAY_START = frozenset("#>-+=:|0123456789 \t")
_RUNS = re.compile(r"`+")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,40}")
_OVERLOOKED = re.compile(r"[\s\x00-\x20]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp"})
_UNFIT_IN_ADDRESS = re.compile(r"[\s\x00-\x20\x7f<>()\\]")
_PIPE = re.compile(r"\|")


def escaped(text: str) -> str:
    """Text that a Markdown reader shows as it is."""
    if _MAY_BE_SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(r"\\\g<0>", text)


def one_line(text: str) -> str:
    """The same with its line ends as spaces."""
    return " ".join(_lines(text)) if "\n" in text or "\r" in text else text


def _lines(text: str) -> list[str]:
    """The lines that hold something."""
    # No pattern: one that begins with space looks at a long run of it from every place.
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return [line for line in lines if line]


def paragraph(inline: str) -> str:
    """A block of running text, in which no line begins a list, a heading or a quote."""
    inline = inline.strip()
    if not inline or (inline[0] not in _MAY_START and "\n" not in inline and "\r" not in inline):
        return inline
    inline = "\n".join(_lines(inline))
    return _LINE_START.sub(_unmarked, inline)


def _unmarked(match: re.Match[str]) -> str:
    if match["mark"]:
        return f"\\{match['mark']}"
    return f"{match['number']}\\{match['dot']}"


def code_span(text: str) -> str:
    """Code within a line."""
    text = one_line(text)
    if "`" not in text:
        # A span drops a space on both sides when there is one on both.
        pad = " " if text[:1] == text[-1:] == " " and text.strip() else ""
        return f"`{pad}{text}{pad}`" if text.strip() else text
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}"


def code_block(text: str, language: str = "") -> str:
    """Code in lines of its own, between fences longer than any within."""
    fence = "`" * max(3, _longest_run(text) + 1)
    name = language if _LANGUAGE.fullmatch(language) else ""
    return f"{fence}{name}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUNS.findall(text)), default=0)


def destination(address: str) -> str | None:
    """An address as a link takes it; None for one that would do something else than lead there."""
    if not address.startswith(("https://", "http://")):
        # Readers overlook such characters within a scheme.
        scheme = _SCHEME.match(_OVERLOOKED.sub("", address))
        if not address or (scheme is not None and scheme[1].lower() not in _SAFE_SCHEMES):
            return None
    if _UNFIT_IN_ADDRESS.search(address) is None:
        return address
    return quote(address, safe="/:?#[]@!$&'*+,;=%~-._", errors="replace")


def autolink(address: str) -> str:
    """An address that is its own text."""
    target = destination(address)
    if target is None or _SCHEME.match(target) is None:
        return escaped(address)
    return f"<{target}>"


def image(alt: str, address: str) -> str:
    """A picture at an address."""
    target = destination(address)
    return f"![{escaped(one_line(alt))}]({target})" if target else escaped(alt)


def heading(level: int, inline: str) -> str:
    """A heading."""
    title = one_line(inline.replace(HARD_BREAK, " ")).strip()
    # Closing number signs would be cut off.
    title = f"{title[:-1]}\\#" if title.endswith("#") else title
    return f"{'#' * min(max(level, 1), 6)} {title}" if title else ""


def quoted(body: str) -> str:
    """A body as a quotation."""
    return "\n".join(f"> {line}" if line else ">" for line in body.split("\n"))


def entry(marker: str, body: str) -> str:
    """An entry of a list: its lines begin below the text of the first."""
    if not body:
        return marker
    if "\n" not in body:
        return f"{marker} {body}"
    indent = " " * (len(marker) + 1)
    first, *rest = body.split("\n")
    return "\n".join((f"{marker} {first}", *(f"{indent}{line}" if line else "" for line in rest)))


def cell(body: str) -> str:
    """A body within one line of a table."""
    body = body.strip().replace(HARD_BREAK, "\n")
    if "\n" in body or "\r" in body:
        body = "<br>".join(line.strip() for line in body.splitlines() if line.strip())
    return _PIPE.sub(r"\\|", body) if "|" in body else body


def table(rows: Sequence[Sequence[str]], *, has_header: bool) -> str:
    """A table of cells; without a header of its own it gets an empty one, for it must have one.

    The header says how many columns there are; other rows may have fewer cells.
    """
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    header = rows[0] if has_header else ()
    lines = [_row([*header, *[""] * (width - len(header))]), _row(["---"] * width)]
    lines += [_row(row) for row in (rows[1:] if has_header else rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
