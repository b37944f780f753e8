"""Tokens that nobody is to use: given back only where that harms no other grant."""

from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from src.core.oauth import OAuth2App, OAuth2Client, OAuth2Spec, Revocation
from src.core.outbound import Outbound
from src.db.flows import Grants
from src.models.credential import Credential
from src.services.giving_back import GivingBack
from tests.conftest import Mongo

SPEC = OAuth2Spec(
    authorize_url="https://library.example/authorize",
    token_url="https://library.example/token",
)
WHOLE = Revocation(url="https://library.example/revoke")
ALONE = replace(WHOLE, ends_alone=True)


@pytest.mark.parametrize(
    ("revocation", "asked"),
    [(ALONE, ["/revoke"]), (WHOLE, []), (None, [])],
    ids=["alone", "whole", "none"],
)
async def test_of_an_unknown_account_only_what_ends_by_itself_is_given_back(
    mongo: Mongo, revocation: Revocation | None, asked: list[str]
) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(200)

    client = OAuth2Client(
        Outbound(httpx.MockTransport(answer)),
        replace(SPEC, revocation=revocation),
        OAuth2App("library", SecretStr("app-secret")),
    )
    giving_back = GivingBack(Grants(lambda: mongo.database))
    await giving_back.end_unused(client, Credential(SecretStr("granted-token")))
    assert seen == asked
