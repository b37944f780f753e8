"""Cursors: good for one question, for a day, as they were given out."""

import base64
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet
from hypothesis import assume, given
from hypothesis import strategies as st

from src.core.errors import CredentialsUnreadable, InvalidCursor
from src.services.cursors import MAX_AGE_SECONDS, Cursors
from src.services.encryption import Encryption

KEY = Fernet.generate_key().decode()
ROOT = Encryption(KEY).new_root()
QUESTION = ("acme", "user-1", "items", "con_1", 50, None, "open")
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NOON = 1_767_355_200.0

texts = st.text(max_size=200)
parts = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
questions = st.lists(parts, max_size=8).map(tuple)
tenants = st.text(min_size=1, max_size=40)


Question = tuple[object, ...]


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: float = NOON

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def cursors_by(clock: Clock, root: bytes = ROOT) -> Cursors:
    encryption = Encryption(KEY, clock)
    encryption.adopt_root(root)
    return Cursors(encryption)


@pytest.fixture
def cursors(clock: Clock) -> Cursors:
    return cursors_by(clock)


@pytest.mark.parametrize(
    "position",
    ["2", "", "/repos/o/r/issues?page=2&after=Y3Vy", "münchen 🥨 \u2028", "x" * 5000],
)
def test_a_position_comes_back_for_the_same_question(cursors: Cursors, position: str) -> None:
    cursor = cursors.seal(position, QUESTION)
    assert cursors.open(cursor, QUESTION) == position
    assert cursors.open(cursor, list(QUESTION)) == position


def test_a_cursor_is_good_in_every_process(clock: Clock) -> None:
    cursor = cursors_by(clock).seal("2", QUESTION)
    assert cursors_by(clock).open(cursor, QUESTION) == "2"


def test_a_cursor_is_opaque_and_needs_no_escaping(cursors: Cursors) -> None:
    cursor = cursors.seal("/repos/octocat", QUESTION)
    assert "octocat" not in cursor
    assert set(cursor) <= set(BASE64)


@pytest.mark.parametrize(
    "other",
    [
        ("globex", "user-1", "items", "con_1", 50, None, "open"),
        ("acme", "user-2", "items", "con_1", 50, None, "open"),
        ("acme", None, "items", "con_1", 50, None, "open"),
        ("acme", "user-1", "comments", "con_1", 50, None, "open"),
        ("acme", "user-1", "items", "con_2", 50, None, "open"),
        ("acme", "user-1", "items", "con_1", 51, None, "open"),
        ("acme", "user-1", "items", "con_1", "50", None, "open"),
        ("acme", "user-1", "items", "con_1", 50, "", "open"),
        ("acme", "user-1", "items", "con_1", 50, "None", "open"),
        ("acme", "user-1", "items", "con_1", 50, None, "closed"),
        ("acme", "user-1", "items", "con_1", 50, None),
        ("acme", "user-1", "items", "con_1", 50, None, "open", None),
        ("acmeuser-1", "items", "con_1", 50, None, "open"),
        ("acme\x1f'user-1'", "items", "con_1", 50, None, "open"),
        (),
    ],
)
def test_a_cursor_is_refused_for_another_question(
    cursors: Cursors, other: tuple[object, ...]
) -> None:
    cursor = cursors.seal("2", QUESTION)
    with pytest.raises(InvalidCursor):
        cursors.open(cursor, other)


# Lengths of which Base64 leaves none, two and four bits unused.
@pytest.mark.parametrize("position", ["", "x" * 16, "x" * 32])
def test_a_cursor_with_any_character_changed_is_refused(cursors: Cursors, position: str) -> None:
    cursor = cursors.seal(position, QUESTION)
    for place, character in enumerate(cursor):
        for other in {"A", "B", "_", "-", "!"} - {character}:
            with pytest.raises(InvalidCursor):
                cursors.open(cursor[:place] + other + cursor[place + 1 :], QUESTION)


@pytest.mark.parametrize("junk", ["!", "=", " ", "\n", "é", "🥨", "%3D", "A"])
def test_a_cursor_with_anything_added_is_refused(cursors: Cursors, junk: str) -> None:
    cursor = cursors.seal("2", QUESTION)
    for edited in (cursor + junk, junk + cursor, cursor[:20] + junk + cursor[20:]):
        with pytest.raises(InvalidCursor):
            cursors.open(edited, QUESTION)


def test_a_cursor_that_was_cut_anywhere_is_refused(cursors: Cursors) -> None:
    cursor = cursors.seal("2", QUESTION)
    for length in range(len(cursor)):
        with pytest.raises(InvalidCursor):
            cursors.open(cursor[:length], QUESTION)


@pytest.mark.parametrize("cursor", ["2", "gAAAAA", "null", "../../etc/passwd", "x" * 10_000])
def test_what_was_never_a_cursor_is_refused(cursors: Cursors, cursor: str) -> None:
    with pytest.raises(InvalidCursor, match="start without a cursor"):
        cursors.open(cursor, QUESTION)


def test_a_cursor_of_another_installation_is_refused(clock: Clock, cursors: Cursors) -> None:
    foreign = cursors_by(clock, Encryption(KEY).new_root())
    with pytest.raises(InvalidCursor):
        cursors.open(foreign.seal("2", QUESTION), QUESTION)


def test_a_cursor_is_good_for_a_day(clock: Clock, cursors: Cursors) -> None:
    cursor = cursors.seal("2", QUESTION)
    clock.at = NOON + MAX_AGE_SECONDS
    assert cursors.open(cursor, QUESTION) == "2"
    clock.at = NOON + MAX_AGE_SECONDS + 1
    with pytest.raises(InvalidCursor):
        cursors.open(cursor, QUESTION)
    assert MAX_AGE_SECONDS == 24 * 60 * 60


def test_with_the_wrong_key_cursors_are_unreadable_and_not_a_crash() -> None:
    encryption = Encryption(KEY)
    with pytest.raises(CredentialsUnreadable):
        encryption.adopt_root(Encryption(Fernet.generate_key().decode()).new_root())
    with pytest.raises(CredentialsUnreadable):
        Cursors(encryption).open("gAAAAA", QUESTION)


ANY = cursors_by(Clock())
"""For all examples of a property; a cursor leaves nothing behind."""


@given(texts, questions)
def test_any_position_comes_back_for_its_question(position: str, question: Question) -> None:
    assert ANY.open(ANY.seal(position, question), question) == position


@given(texts, questions, parts, parts, questions)
def test_any_other_question_is_refused(
    position: str, before: Question, part: object, other: object, after: Question
) -> None:
    assume(repr(part) != repr(other))
    cursor = ANY.seal(position, (*before, part, *after))
    for question in ((*before, other, *after), (*before, *after)):
        with pytest.raises(InvalidCursor):
            ANY.open(cursor, question)


@given(texts, tenants, tenants, questions)
def test_any_other_tenant_is_refused(
    position: str, tenant: str, other: str, rest: Question
) -> None:
    assume(tenant != other)
    with pytest.raises(InvalidCursor):
        ANY.open(ANY.seal(position, (tenant, *rest)), (other, *rest))


@given(texts, questions, st.data())
def test_any_changed_character_is_refused(
    position: str, question: Question, data: st.DataObject
) -> None:
    cursor = ANY.seal(position, question)
    # From the end, where Base64 may leave bits unused.
    at = len(cursor) - 1 - data.draw(st.integers(0, 3) | st.integers(0, len(cursor) - 1))
    characters = st.sampled_from(BASE64) | st.characters()
    # Cursors differ each time, so that no draw may depend on one.
    drawn = data.draw(characters)
    character = drawn if drawn != cursor[at] else "!"
    with pytest.raises(InvalidCursor):
        ANY.open(cursor[:at] + character + cursor[at + 1 :], question)


@given(texts, questions, st.data())
def test_any_changed_bit_is_refused(position: str, question: Question, data: st.DataObject) -> None:
    cursor = ANY.seal(position, question)
    content = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InvalidCursor):
        ANY.open(_encoded(bytes(content)), question)


@given(st.text(st.characters(), max_size=400) | st.binary().map(_encoded), questions)
def test_any_text_that_was_never_a_cursor_is_refused(junk: str, question: Question) -> None:
    with pytest.raises(InvalidCursor):
        ANY.open(junk, question)


def test_a_cursor_that_is_kept_does_not_expire_and_answers_to_no_other_question(
    cursors: Cursors, clock: Clock
) -> None:
    cursor = cursors.seal("17", QUESTION)
    clock.at += 400 * MAX_AGE_SECONDS
    assert cursors.open(cursor, QUESTION, expires=False) == "17"
    with pytest.raises(InvalidCursor):
        cursors.open(cursor, QUESTION)
    with pytest.raises(InvalidCursor, match="was given for, or start") as refused:
        cursors.open(cursor, ("globex", *QUESTION[1:]), expires=False)
    assert "hours" not in refused.value.message
