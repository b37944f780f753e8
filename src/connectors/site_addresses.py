"""Addresses of installations of a provider, as people copy them into a configuration."""

from __future__ import annotations

import re

ORIGIN = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?")
"""A host by its name, and perhaps a port: no user, no path, no spelling of an IPv6 address."""


def site_origin(text: str, *, such_as: str, without: str = "") -> str:
    """The address in lower case; slashes at its end do no harm.

    Args:
        text: What was typed.
        such_as: An address of this kind, for those who typed another.
        without: A path that people copy along with it.

    Raises:
        ValueError: It is no such address.
    """
    bare = text.strip().rstrip("/").removesuffix(without).rstrip("/")
    if ORIGIN.fullmatch(bare) is None:
        raise ValueError(f"must be an address such as {such_as}")
    return bare.lower()
