"""OAuth 1.0 signatures, checked (RFC 5849 §3.2). Written apart from those that sign."""

import hashlib
import hmac
import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARAMETER = re.compile(r'\s*([a-z_]+)="([^"]*)"')
SIGNATURE = "oauth_signature"


def read(header: str) -> dict[str, str]:
    """Return the parameters of the header, none where it is another scheme's."""
    scheme, _, rest = header.partition(" ")
    if scheme != "OAuth":
        return {}
    return {name: unquote(value) for name, value in _PARAMETER.findall(rest)}


def is_right(
    parameters: "Mapping[str, str]",
    url: str,
    body: str,
    consumer_secret: str,
    token_secret: str,
) -> bool:
    """Tell whether a POST is signed with these secrets; the address has no query."""
    pairs = [(name, value) for name, value in parameters.items() if name != SIGNATURE]
    pairs += parse_qsl(body, keep_blank_values=True)
    listed = sorted(f"{quote(name, '~')}={quote(value, '~')}" for name, value in pairs)
    text = f"POST&{quote(url, '~')}&{quote('&'.join(listed), '~')}"
    key = f"{quote(consumer_secret, '~')}&{quote(token_secret, '~')}"
    made = b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha1)).decode()
    return hmac.compare_digest(made, parameters.get(SIGNATURE, ""))
