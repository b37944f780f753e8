"""Proofs of deliveries, with the providers' own examples where they give some."""

import base64
import hashlib
import hmac
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from src.connectors.webhooks import AddressOnly, Proof, SecretHeader, Signature, SignedToken
from src.core.oauth import OAuth2App
from src.services.webhooks.proofs import Incoming, ProofKeys, is_proved

# Source: docs.github.com, "Validating webhook deliveries".
GITHUB = Signature(header="X-Hub-Signature-256", prefix="sha256=")
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_BODY = b"Hello, World!"
GITHUB_DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

BASE64 = Signature(header="X-Mac", encoding="base64", algorithm="sha512")
APP = OAuth2App("app-1", SecretStr("app-secret-0123456789-0123456789-0123456789"))
NOW = 1_800_000_000.0


def proved(proof: Proof, body: bytes = b"{}", known: str = "s3cret", **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    keys = ProofKeys(SecretStr(known), APP)
    return is_proved(proof, keys, Incoming(named, body), lambda: NOW)


def token(secret: str = "", **claims: object) -> str:
    key = OctKey.import_key(secret or APP.client_secret.get_secret_value())
    told = {"iss": "provider", "exp": int(NOW) + 60, **claims}
    given = {name: value for name, value in told.items() if value is not None}
    made: str = jwt.encode({"alg": "HS256"}, given, key)
    return made


def test_githubs_own_example() -> None:
    good = {"x_hub_signature_256": f"sha256={GITHUB_DIGEST}"}
    assert proved(GITHUB, GITHUB_BODY, GITHUB_SECRET, **good)
    assert not proved(GITHUB, GITHUB_BODY + b" ", GITHUB_SECRET, **good)
    assert not proved(GITHUB, GITHUB_BODY, "another", **good)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha256=",
        GITHUB_DIGEST,
        f"sha1={GITHUB_DIGEST}",
        f"sha256={GITHUB_DIGEST[:-1]}",
        f"sha256={GITHUB_DIGEST[:-2]}",
        f"sha256={GITHUB_DIGEST}00",
        "sha256=\u0661",
        "\x00",
    ],
)
def test_a_signature_that_is_odd_proves_nothing(value: str) -> None:
    assert not proved(GITHUB, GITHUB_BODY, GITHUB_SECRET, x_hub_signature_256=value)
    assert not proved(GITHUB, GITHUB_BODY, GITHUB_SECRET)


def test_a_signature_in_base64() -> None:
    digest = hmac.new(b"s3cret", b"{}", hashlib.sha512).digest()
    good = base64.b64encode(digest).decode()
    assert proved(BASE64, x_mac=good)
    for odd in (digest.hex(), good[:-4], f" {good}", "ä"):
        assert not proved(BASE64, x_mac=odd)


def test_a_secret_header() -> None:
    proof = SecretHeader(header="X-Goog-Channel-Token")
    assert proved(proof, x_goog_channel_token="s3cret")
    for odd in ("", "s3cre", "s3cret ", "S3CRET", "\ud800"):
        assert not proved(proof, x_goog_channel_token=odd)
    assert not proved(proof)


@pytest.mark.parametrize("scheme", ["Bearer", "JWT", "bearer"])
def test_a_token_of_the_apps(scheme: str) -> None:
    assert proved(SignedToken(), authorization=f"{scheme} {token()}")
    assert proved(SignedToken(), authorization=f"{scheme} {token(exp=int(NOW) + 5)}")
    assert not proved(SignedToken(), authorization=f"{scheme} {token(exp=int(NOW) - 3600)}")
    assert not proved(SignedToken(), authorization=f"{scheme} {token(nbf=int(NOW) + 3600)}")
    assert not proved(SignedToken(), authorization=f"{scheme} {token('other-secret' * 4)}")
    assert not proved(SignedToken(), authorization=f"{scheme} {'a' * 9000}")


DAY = 86_400
ENDLESS = [
    {"exp": None},
    {"exp": int(NOW) + DAY + 3600},
    {"exp": 1e300},
    {"exp": "tomorrow"},
    {"exp": True},
    {"iat": int(NOW) - DAY - 3600},
    {"iat": int(NOW) + 3600},
]


@pytest.mark.parametrize("claims", ENDLESS, ids=str)
def test_a_token_must_end_within_a_day(claims: dict[str, object]) -> None:
    assert proved(SignedToken(), authorization=f"Bearer {token(exp=int(NOW) + DAY)}")
    assert not proved(SignedToken(), authorization=f"Bearer {token(**claims)}")


def test_a_provider_that_documents_no_claims_may_send_a_token_without_an_end() -> None:
    proof = SignedToken(expires=False)
    assert proved(proof, authorization=f"Bearer {token(exp=None)}")
    for claims in ENDLESS[1:]:
        assert not proved(proof, authorization=f"Bearer {token(**claims)}")


def test_a_token_of_another_issuer_proves_nothing_where_it_must_name_the_app() -> None:
    proof = SignedToken(issued_by_app=True)
    assert proved(proof, authorization=f"Bearer {token(iss='app-1')}")
    for odd in ("app-2", "", None, ["app-1", "app-2"], 1):
        assert not proved(proof, authorization=f"Bearer {token(iss=odd)}")


@pytest.mark.parametrize("app", [None, OAuth2App("app-1"), OAuth2App("app-1", SecretStr(""))])
def test_without_the_apps_secret_no_token_holds(app: OAuth2App | None) -> None:
    keys = ProofKeys(SecretStr("s3cret"), app)
    for secret in ("s3cret" * 8, "app-1" * 8):
        incoming = Incoming({"authorization": f"Bearer {token(secret)}"}, b"{}")
        assert not is_proved(SignedToken(), keys, incoming, time.time)


def test_the_address_alone_and_the_apps_name() -> None:
    assert proved(AddressOnly())
    named = AddressOnly(client_id_header="Garmin-Client-Id")
    assert proved(named, garmin_client_id="app-1")
    for odd in ("", "app-2", "APP-1"):
        assert not proved(named, garmin_client_id=odd)
    assert not proved(named)
    assert not is_proved(
        named,
        ProofKeys(SecretStr("s3cret")),
        Incoming({"garmin-client-id": "None"}, b""),
        time.time,
    )
