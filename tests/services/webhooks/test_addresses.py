"""What a provider repeats of an address is not told on."""

import pytest
from pydantic import SecretStr

from src.core.errors import ProviderRejected
from src.services.webhooks.addresses import without
from src.services.webhooks.secrets import HookSecrets

ADDRESS = "QLKLzven2TeyKNBaIjtnFkiHmUH9UIyzHZI3etbZDfs"
PROOF = "f3C9vLOS3sg5hDkUkMRRlBqJpbbKvBvhxBfMZq0fK1E"
URL = f"https://host.example/api/hooks/whk_65f0c1/{ADDRESS}"


@pytest.mark.parametrize(
    "said",
    [
        f"cannot reach {URL}",
        f"cannot reach /api/hooks/whk_65f0c1/{ADDRESS}?x=1 with {PROOF}",
        f"{ADDRESS} {ADDRESS}",
        f"cut {URL}"[:-1],
        f"cut {URL}"[:-20],
        f"the secret {PROOF[:10]}",
    ],
)
def test_neither_a_secret_nor_its_beginning_is_left(said: str) -> None:
    details = {"message": said, "errors": [{"field": "url", "message": said}]}
    error = without(
        ProviderRejected(said, details=details), HookSecrets(SecretStr(ADDRESS), SecretStr(PROOF))
    )
    told = f"{error.message} {error} {error.details}"
    assert "***" in told
    assert ADDRESS[:10] not in told
    assert PROOF[:10] not in told


def test_other_words_stay() -> None:
    error = without(
        ProviderRejected("no, thanks", details={"count": 3}),
        HookSecrets(SecretStr(ADDRESS), SecretStr(PROOF)),
    )
    assert (error.message, error.details) == ("no, thanks", {"count": 3})
