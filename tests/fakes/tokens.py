"""Credentials that are simply there."""

from dataclasses import dataclass

from pydantic import SecretStr

from src.models.credential import Credential


@dataclass(frozen=True)
class Held:
    """A token that nobody renews."""

    token: str

    async def credential(self) -> Credential:
        return Credential(SecretStr(self.token))

    async def renew(self) -> bool:
        return False
