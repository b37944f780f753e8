"""Token files are read without trust: a credential, or a complaint without any value."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from src.connectors.garmin.connector import GarminConnector
from src.connectors.garmin.token_files import (
    DiSecret,
    GarthSecret,
    claims,
    end_of,
    pack,
    unpack,
)
from src.core.errors import ValidationFailed
from src.models.credential import Credential

OAUTH1 = {
    "oauth_token": "7fdff19a-token",
    "oauth_token_secret": "49919d7c-secret",
    "mfa_token": "ab316f86|MFA-1578-x",
    "mfa_expiration_timestamp": "2024-08-02 05:56:10.000",
    "domain": "garmin.com",
}
OAUTH2 = {
    "scope": "CONNECT_READ CONNECT_WRITE",
    "jti": "1",
    "token_type": "Bearer",
    "access_token": "eyJhbGciOi.access",
    "refresh_token": "eyJ.refresh",
    "expires_in": 107182,
    "expires_at": 1691200000,
    "refresh_token_expires_in": 2591999,
    "refresh_token_expires_at": 1693792000,
}
GARTH = {"oauth1": OAUTH1, "oauth2": OAUTH2}


def jwt(**payload: Any) -> str:
    part = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"e30.{part}.signature"


DI = {
    "di_token": jwt(exp=1_691_200_000, client_id="GARMIN"),
    "di_refresh_token": "di-refresh",
    "di_client_id": "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2",
}


def dumped(*objects: Any) -> str:
    return base64.b64encode(json.dumps(objects).encode()).decode()


def read(raw: Any) -> Credential:
    return GarminConnector.read_token(raw)


def kept(credential: Credential) -> Any:
    assert credential.refresh_token is not None
    return unpack(credential.refresh_token.get_secret_value())


@pytest.mark.parametrize(
    "raw",
    [
        GARTH,
        {**GARTH, "more": 1},
        {"oauth1": json.dumps(OAUTH1), "oauth2": json.dumps(OAUTH2)},
        {"dump": dumped(OAUTH1, OAUTH2)},
        {"dump": f" {dumped(OAUTH1, OAUTH2)[:40]}\n{dumped(OAUTH1, OAUTH2)[40:]}\n"},
    ],
    ids=["objects", "with more", "texts", "dump", "dump in lines"],
)
def test_both_files_of_garth(raw: Any) -> None:
    credential = read(raw)
    assert credential.access_token.get_secret_value() == "eyJhbGciOi.access"
    assert credential.expires_at == datetime.fromtimestamp(1_691_200_000, UTC)
    assert credential.scopes == ("CONNECT_READ", "CONNECT_WRITE")
    # The refresh token of OAuth 2.0 is never used: that of OAuth 1.0 renews.
    assert kept(credential) == GarthSecret(
        "7fdff19a-token", "49919d7c-secret", "ab316f86|MFA-1578-x", "garmin.com"
    )


def test_a_file_of_garminconnect() -> None:
    credential = read(DI)
    assert credential.access_token.get_secret_value() == DI["di_token"]
    # Ten minutes before its end, with our usual five: as the library does.
    assert credential.expires_at == datetime.fromtimestamp(1_691_200_000 - 600, UTC)
    assert kept(credential) == DiSecret("di-refresh", DI["di_client_id"])
    assert read({**DI, "di_token": "opaque"}).expires_at is None


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"oauth1": OAUTH1},
        {"oauth1": OAUTH1, "oauth2": None},
        {"oauth1": [], "oauth2": OAUTH2},
        {"oauth1": "{", "oauth2": OAUTH2},
        {"oauth1": {**OAUTH1, "domain": "evil'garmin.example"}, "oauth2": OAUTH2},
        {"oauth1": {**OAUTH1, "oauth_token": "with space"}, "oauth2": OAUTH2},
        {"oauth1": {**OAUTH1, "oauth_token": "x" * 20_000}, "oauth2": OAUTH2},
        {"oauth1": OAUTH1, "oauth2": {**OAUTH2, "expires_at": 10**12}},
        {"oauth1": OAUTH1, "oauth2": {**OAUTH2, "expires_at": -1}},
        {"oauth1": OAUTH1, "oauth2": {**OAUTH2, "expires_at": True}},
        {"oauth1": OAUTH1, "oauth2": {**OAUTH2, "access_token": "line\nbreak"}},
        {"dump": 7},
        {"dump": "not base64!"},
        {"dump": base64.b64encode(b"[" * 100_000).decode()},
        {"dump": base64.b64encode(b"[" * 10_000).decode()},
        {"dump": dumped(OAUTH1)},
        {"dump": dumped(OAUTH2, OAUTH1)},
        {"di_token": "x"},
        {**DI, "di_refresh_token": ""},
        {**DI, "di_client_id": None},
    ],
)
def test_any_other_form_is_refused_without_a_value(raw: Any) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read(raw)
    (problem,) = caught.value.details["errors"]
    assert problem["field"] == "token.raw"
    for secret in ("evil", "with space", "break", "7fdff19a", "49919d7c", "eyJ"):
        assert secret not in problem["message"]
    assert len(problem["message"]) < 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from([*OAUTH1, *OAUTH2, *DI, "oauth1", "oauth2", "dump"])
_VALUES = _JSON | st.dictionaries(_NAMES, _JSON, max_size=6) | st.sampled_from([OAUTH1, OAUTH2])


@given(st.dictionaries(_NAMES, _VALUES, max_size=6))
@example({"oauth1": {**OAUTH1, "mfa_token": "\ud800"}, "oauth2": OAUTH2})
@example({"dump": "\ud800"})
@example({"di_token": "a.b.c", "di_refresh_token": "\ud800", "di_client_id": "x"})
@example({"di_token": jwt(exp=float("inf")), "di_refresh_token": "r", "di_client_id": "c"})
def test_whatever_comes_is_read_or_refused(raw: dict[str, Any]) -> None:
    try:
        credential = read(raw)
    except ValidationFailed:
        return
    assert credential.access_token.get_secret_value()
    assert kept(credential) is not None


@given(st.text() | st.text(alphabet="eyJ.-_AQ="))
def test_what_was_not_packed_is_not_unpacked(text: str) -> None:
    found = unpack(text)
    assert found is None or unpack(pack(found)) == found


@given(st.text() | st.builds(lambda value: f"e30.{value}.x", st.text()))
def test_a_token_of_any_form_has_claims_or_none(token: str) -> None:
    assert isinstance(claims(token), dict)
    assert end_of(token) is None or isinstance(end_of(token), float)


@pytest.mark.parametrize(
    ("exp", "end"), [(5, 5.0), (7.5, 7.5), (True, None), ("5", None), (-1, None), (10**11, None)]
)
def test_the_end_of_a_token(exp: Any, end: float | None) -> None:
    assert end_of(jwt(exp=exp)) == end
