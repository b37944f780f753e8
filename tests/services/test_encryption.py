"""Sealing: a secret opens with our keys, in its place, and nowhere else."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest

from src.core.errors import CredentialsUnreadable, ServiceUnavailable
from src.models.credential import Place
from src.services.encryption import Encryption, EncryptionKeyError

OLD, NEW, OTHER = (urlsafe_b64encode(letter * 32).decode() for letter in (b"a", b"b", b"c"))
PLACE = Place("acme", "con_1", "credential", "https://api.github.com")
SECRET = {"access_token": "ghp_schlüssel-🔑", "scopes": ["repo"], "refresh_token": None}


@pytest.mark.parametrize("secret", [SECRET, {}, {"key": "x" * 100_000}])
def test_a_secret_comes_back_from_its_place(secret: dict[str, Any]) -> None:
    encryption = Encryption(NEW)
    assert encryption.open(encryption.seal(secret, PLACE), PLACE) == secret


def test_a_sealed_secret_shows_nothing_and_differs_each_time() -> None:
    encryption = Encryption(NEW)
    one, two = encryption.seal(SECRET, PLACE), encryption.seal(SECRET, PLACE)
    assert one != two
    assert b"ghp_" not in one


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, tenant_id="globex"),
        replace(PLACE, owner_id="con_2"),
        replace(PLACE, purpose="client_secret"),
        replace(PLACE, origin="https://github.evil.example"),
        # The same text, cut at other points.
        Place("acmecon_1", "", "credential", "https://api.github.com"),
        Place("acme", "con_1credential", "", "https://api.github.com"),
    ],
)
def test_a_ciphertext_that_is_copied_elsewhere_does_not_open(elsewhere: Place) -> None:
    encryption = Encryption(NEW)
    sealed = encryption.seal(SECRET, PLACE)
    with pytest.raises(CredentialsUnreadable, match="another place") as refused:
        encryption.open(sealed, elsewhere)
    assert "ghp_" not in str(refused.value)


def test_after_a_rotation_the_newest_key_seals_and_the_old_one_still_opens() -> None:
    before = Encryption(OLD).seal(SECRET, PLACE)
    rotated = Encryption(f" {NEW} , {OLD} ,")
    assert rotated.open(before, PLACE) == SECRET
    after = rotated.seal(SECRET, PLACE)
    assert Encryption(NEW).open(after, PLACE) == SECRET
    with pytest.raises(CredentialsUnreadable):
        Encryption(OLD).open(after, PLACE)


def test_a_secret_of_another_key_is_unreadable() -> None:
    sealed = Encryption(OTHER).seal(SECRET, PLACE)
    with pytest.raises(CredentialsUnreadable, match="present ENCRYPTION_KEY"):
        Encryption(f"{NEW},{OLD}").open(sealed, PLACE)


@pytest.mark.parametrize("cut", [0, 1, 40, -4])
def test_a_damaged_secret_is_unreadable(cut: int) -> None:
    encryption = Encryption(NEW)
    with pytest.raises(CredentialsUnreadable):
        encryption.open(encryption.seal(SECRET, PLACE)[:cut], PLACE)


@pytest.mark.parametrize(
    "keys",
    ["", " , ", "short", NEW[:-1], NEW[:-5] + "=", f"{NEW},short", "ü" * 44, "hunter2" * 7],
)
def test_what_is_no_key_is_refused_in_a_sentence_without_telling_it(keys: str) -> None:
    with pytest.raises(EncryptionKeyError, match="ENCRYPTION_KEY must be one or several") as said:
        Encryption(keys)
    assert "hunter2" not in str(said.value)
    assert NEW not in str(said.value)


def test_the_fingerprint_names_the_key_that_seals_and_does_not_tell_it() -> None:
    assert Encryption(NEW).fingerprint == Encryption(f"{NEW},{OLD}").fingerprint
    assert Encryption(NEW).fingerprint != Encryption(OLD).fingerprint
    assert Encryption(f"{NEW},{OLD}").fingerprints == (
        Encryption(NEW).fingerprint,
        Encryption(OLD).fingerprint,
    )
    assert len(Encryption(NEW).fingerprint) == 16
    assert Encryption(NEW).fingerprint not in NEW


def rooted(keys: str, root: bytes) -> Encryption:
    encryption = Encryption(keys)
    encryption.adopt_root(root)
    return encryption


def test_keys_of_the_root_differ_by_purpose() -> None:
    encryption = rooted(NEW, Encryption(NEW).new_root())
    sealed = encryption.box("cursor").seal(b"inside")
    assert encryption.box("cursor").open(sealed, 60) == b"inside"
    assert encryption.box("audit").open(sealed, 60) is None


def test_keys_of_the_root_are_the_same_in_every_process_and_after_a_rotation() -> None:
    root = Encryption(OLD).new_root()
    sealed = rooted(OLD, root).box("cursor").seal(b"inside")
    assert rooted(OLD, root).box("cursor").open(sealed, 60) == b"inside"
    assert rooted(f"{NEW},{OLD}", root).box("cursor").open(sealed, 60) == b"inside"


def test_each_root_is_a_new_secret() -> None:
    encryption = Encryption(NEW)
    sealed = rooted(NEW, encryption.new_root()).box("cursor").seal(b"inside")
    assert rooted(NEW, encryption.new_root()).box("cursor").open(sealed, 60) is None


def test_before_the_root_is_read_nothing_is_derived() -> None:
    encryption = Encryption(NEW)
    assert not encryption.has_root
    with pytest.raises(ServiceUnavailable):
        encryption.box("cursor")


def test_a_root_of_another_key_is_not_adopted() -> None:
    encryption = Encryption(NEW)
    with pytest.raises(CredentialsUnreadable):
        encryption.adopt_root(Encryption(OTHER).new_root())
    assert not encryption.has_root
    with pytest.raises(CredentialsUnreadable):
        encryption.box("cursor")


def test_only_a_root_is_adopted_as_one() -> None:
    encryption = Encryption(NEW)
    with pytest.raises(CredentialsUnreadable, match="another place"):
        encryption.adopt_root(encryption.seal({"root": "00" * 32}, PLACE))
    assert not encryption.has_root
