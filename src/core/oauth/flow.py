"""What one authorization makes up for itself: a state and a PKCE pair, 256 random bits each."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from pydantic import SecretStr

CODE_CHALLENGE_METHOD = "S256"
_RANDOM_BYTES = 32


def new_state() -> str:
    """A value that nobody can guess (RFC 6749 §10.12)."""
    return token_urlsafe(_RANDOM_BYTES)


@dataclass(frozen=True, slots=True)
class PkcePair:
    """The secret that stays here, and the challenge that goes ahead of it.

    Source: RFC 7636 §4.1, §4.2; 32 random bytes make the 43 characters that it recommends.
    """

    code_verifier: SecretStr
    code_challenge: str

    @classmethod
    def new(cls) -> PkcePair:
        """A fresh pair."""
        return cls.of(SecretStr(token_urlsafe(_RANDOM_BYTES)))

    @classmethod
    def of(cls, code_verifier: SecretStr) -> PkcePair:
        """The pair that belongs to a verifier."""
        digest = sha256(code_verifier.get_secret_value().encode()).digest()
        return cls(code_verifier, urlsafe_b64encode(digest).rstrip(b"=").decode())


@dataclass(frozen=True, slots=True)
class Former:
    """The authorization that another one follows: whose account, and whether it still works."""

    account_id: str | None
    lives: bool
