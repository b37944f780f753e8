"""Providers that say with a token where the account is: its API has a host of its own.

Salesforce calls it ``instance_url``, others ``api_domain``. The credential is sent there, so such
an address is believed no more than one that a person types: it must be one of the provider's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from src.connectors.site_addresses import site_origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where an account's API is; authorization stays where it was, and so does whose app it is."""

    field: str
    """The field of the configuration that holds it, as callers write it: ``instanceUrl``."""
    hosts: re.Pattern[str]
    """What the provider's hosts look like, whole and in lower case."""
    such_as: str
    """An address of this kind, for those who typed another."""
    told_as: str | None = None
    """Its name in a token answer, which replaces what stood in the field; None = it is typed."""

    def address(self, text: str) -> str:
        """The origin, in lower case.

        Raises:
            ValueError: It is not at one of the provider's hosts, or more than an origin.
        """
        origin = site_origin(text, such_as=self.such_as)
        host = urlsplit(origin).netloc
        if self.hosts.fullmatch(host) is None:
            raise ValueError(f"must be an address such as {self.such_as}")
        return origin
