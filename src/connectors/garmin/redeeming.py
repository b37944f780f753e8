"""How a personal key and imported tokens become access tokens.

Sources: developer.garmin.com, "Personal API"; the libraries garth and python-garminconnect. Names
of fields that Garmin does not document are read in every form that has been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from pydantic import SecretStr

from src.connectors.garmin.token_files import (
    EARLIER,
    DiSecret,
    GarthSecret,
    claims,
    end_of,
    pack,
    unpack,
)
from src.core.oauth import (
    ClientRefused,
    GrantDead,
    Kept,
    Meaning,
    OAuth1Keys,
    Redemption,
    Renewal,
    SchemeProof,
    UserProof,
)

DAY = timedelta(hours=24)
KEY_DEAD = (
    "Garmin does not accept the key: it has ended, was deleted, or is another one. Make a new one"
    " at connect.garmin.com/app/settings/personalApiToken."
)
TOKEN_DEAD = "Garmin does not accept the imported token any more. Import a new token file."  # noqa: S105
NO_FILE = "This token can only be renewed from a whole token file (raw). Import one."
OTHER_DOMAIN = "The token file belongs to another Garmin: set config.domain to its domain."
NO_CONSUMER = (
    "Tokens of garth are renewed with a consumer key, which the operator has not set"
    " (CONNECTORS__GARMIN__CONSUMER_KEY)."
)
EXCHANGE = "/oauth-service/oauth/exchange/user/2.0"

_OF_THE_CLOCK = ("timestamp", "nonce")
_OF_THE_APP = frozenset({"invalid_client", "unauthorized_client"})
_ACCESS = ("access_token", "token", "accessToken")
_LIFE = ("expires_in", "expiresIn")


def _of_key(kept: Kept) -> Redemption:
    return Redemption(
        url=kept.token_url,
        proof=SchemeProof("ApiKey", kept.secret),
        read=_key_answer,
        meaning=_dead_by_status,
    )


def _key_answer(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer in the words of OAuth 2.0; its life may stand in the token alone."""
    token = next((answer[name] for name in _ACCESS if answer.get(name)), None)
    life = next((answer[name] for name in _LIFE if answer.get(name) is not None), None)
    end = end_of(token) if life is None and isinstance(token, str) else None
    return {"access_token": token, "expires_in": life, "expires_at": end}


def _dead_by_status(status: int, _: Mapping[str, Any]) -> Meaning | None:
    return Meaning.GRANT if status == HTTPStatus.UNAUTHORIZED else None


def _of_file(kept: Kept) -> Redemption:
    secret = unpack(kept.secret.get_secret_value())
    if secret is None:
        raise _dead(NO_FILE)
    return _of_di(kept, secret) if isinstance(secret, DiSecret) else _of_garth(kept, secret)


def _of_garth(kept: Kept, secret: GarthSecret) -> Redemption:
    consumer = kept.consumer
    if consumer is None or consumer.client_secret is None:
        raise ClientRefused(NO_CONSUMER, description=NO_CONSUMER)
    host = urlsplit(kept.api_url)
    if secret.domain is not None and not (host.netloc + host.path).endswith(secret.domain):
        raise _dead(OTHER_DOMAIN)
    mfa = {"mfa_token": secret.mfa_token} if secret.mfa_token else {}
    return Redemption(
        url=kept.api_url + EXCHANGE,
        proof=OAuth1Keys(
            consumer.client_id,
            consumer.client_secret,
            SecretStr(secret.token),
            SecretStr(secret.token_secret),
        ),
        fields=mfa,
        secrets=tuple(map(SecretStr, mfa.values())),
        read=_garth_answer,
        meaning=_garth_meaning,
    )


def _garth_answer(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its refresh token is left out: what renews is the token of OAuth 1.0, which stays."""
    left_out = ("refresh_token", "refresh_token_expires_in", "expires_at")
    return {name: value for name, value in answer.items() if name not in left_out}


def _garth_meaning(status: int, answer: Mapping[str, Any]) -> Meaning | None:
    """A signature can also be refused for the consumer's or our clock's sake."""
    if status != HTTPStatus.UNAUTHORIZED:
        return None
    said = msgspec.json.encode(dict(answer)).decode().lower()
    if "consumer" in said:
        return Meaning.CLIENT
    return Meaning.REQUEST if any(word in said for word in _OF_THE_CLOCK) else Meaning.GRANT


def _of_di(kept: Kept, secret: DiSecret) -> Redemption:
    def read(answer: Mapping[str, Any]) -> Mapping[str, Any]:
        token = answer.get("access_token")
        if not isinstance(token, str):
            return answer
        named = claims(token).get("client_id")
        client_id = named if isinstance(named, str) and named else secret.client_id
        given = answer.get("refresh_token")
        refresh_token = given if isinstance(given, str) and given else secret.refresh_token
        end = end_of(token)
        return {
            "access_token": token,
            "refresh_token": pack(DiSecret(refresh_token, client_id)),
            "expires_at": None if end is None else max(end - EARLIER.total_seconds(), 0),
            "expires_in": answer.get("expires_in"),
            "scope": answer.get("scope"),
        }

    return Redemption(
        url=kept.token_url,
        proof=UserProof(secret.client_id),
        fields={
            "grant_type": "refresh_token",
            "client_id": secret.client_id,
            "refresh_token": secret.refresh_token,
        },
        secrets=(SecretStr(secret.refresh_token),),
        read=read,
        meaning=_di_meaning,
    )


def _di_meaning(status: int, answer: Mapping[str, Any]) -> Meaning | None:
    """The client is the file's, too: if it is refused, the file is of no use."""
    refused = status == HTTPStatus.UNAUTHORIZED or answer.get("error") in _OF_THE_APP
    return Meaning.GRANT if refused else None


def _dead(explanation: str) -> GrantDead:
    error = GrantDead("The token cannot be renewed.")
    error.explanation = explanation
    return error


KEY_RENEWAL = Renewal(redeem=_of_key, lifetime=DAY, dead=KEY_DEAD)
FILE_RENEWAL = Renewal(redeem=_of_file, rotates=True, dead=TOKEN_DEAD)
