"""What a provider, or a person, is told of an address of ours; and its errors without that."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from src.connectors.webhooks import AddressOnly, SecretHeader, Signature, WebhookSpec, Wish
from src.core.errors import AppError
from src.core.logging import MASK
from src.models.webhook import Receiver, Webhook
from src.services.webhooks.secrets import HookSecrets

HOOKS_PATH = "/hooks"
_SHORTEST_BEGINNING = 4
"""A shorter beginning of a secret tells nothing."""


class HookAddresses:
    """Addresses below ``PUBLIC_URL``."""

    def __init__(self, public_url: str, api_prefix: str) -> None:
        self._base = f"{public_url.rstrip('/')}{api_prefix}{HOOKS_PATH}"

    def url(self, receiver: Receiver, secrets: HookSecrets) -> SecretStr:
        """The whole address, which is a secret."""
        return SecretStr(f"{self._base}/{receiver.id}/{secrets.address.get_secret_value()}")

    def wish(self, webhook: Webhook, receiver: Receiver, secrets: HookSecrets) -> Wish:
        """What is to be set up at the provider."""
        return Wish(
            webhook_id=webhook.id,
            url=self.url(receiver, secrets),
            secret=secrets.proof,
            events=webhook.events,
            container_id=webhook.container_id,
        )


def header_of(spec: WebhookSpec) -> str | None:
    """The header that a person has to have sent, or that the secret signs into."""
    match spec.proof:
        case SecretHeader(header=header) | Signature(header=header):
            return header
        case _:
            return None


def has_own_secret(spec: WebhookSpec) -> bool:
    """Whether the person needs the secret of the proof, too."""
    return header_of(spec) is not None and not isinstance(spec.proof, AddressOnly)


def without(error: AppError, secrets: HookSecrets) -> AppError:
    """The error without what a provider has repeated of what it was told."""
    hidden = [secrets.address.get_secret_value(), secrets.proof.get_secret_value()]

    def clean(value: Any) -> Any:
        match value:
            case str():
                return _masked(value, hidden)
            case dict():
                return {key: clean(inner) for key, inner in value.items()}
            case list() | tuple():
                return [clean(inner) for inner in value]
            case _:
                return value

    error.message = clean(error.message)
    error.details = clean(error.details)
    error.args = (error.message,)
    return error


def _masked(text: str, hidden: list[str]) -> str:
    """The text without the secrets, nor the beginning of one where the text was cut."""
    for secret in hidden:
        text = text.replace(secret, MASK)
        for length in range(len(secret) - 1, _SHORTEST_BEGINNING - 1, -1):
            if text.endswith(secret[:length]):
                text = text.removesuffix(secret[:length]) + MASK
                break
    return text
