"""Partial answers: `fields` says what is wanted, `nextPageToken,files(id,owners(displayName))`.

Source: developers.google.com/workspace/drive/api/guides/fields-parameter.
"""

from typing import Any, TypeAlias

Mask: TypeAlias = "dict[str, Mask]"


class BadFields(ValueError):
    """What names no fields."""


def read_mask(text: str) -> Mask:
    """Read a list of fields; `*` is everything.

    Raises:
        BadFields: It cannot be read.
    """
    mask, rest = _read(text)
    if rest or not mask:
        raise BadFields(text)
    return mask


def _read(text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while text and text[0] != ")":
        size = next((at for at, char in enumerate(text) if char in ",()/"), len(text))
        name, text = text[:size].strip(), text[size:]
        if not name:
            raise BadFields(text)
        inner: Mask = {}
        if text.startswith("("):
            inner, text = _read(text[1:])
            if not text.startswith(")") or not inner:
                raise BadFields(text)
            text = text[1:]
        elif text.startswith("/"):
            raise BadFields(text)
        mask[name] = inner
        if text.startswith(","):
            text = text[1:]
            if not text:
                raise BadFields(text)
    return mask, text


def masked(value: Any, mask: Mask) -> Any:
    """Return of a value what the mask names."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(one, mask) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: masked(value[name], inner) for name, inner in mask.items() if name in value}
