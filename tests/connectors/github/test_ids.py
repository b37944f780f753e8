"""Ids of GitHub's things: read, written, and refused when they are none of ours."""

import re

import pytest

from src.connectors.github.ids import (
    ItemRef,
    organization_id,
    parse_organization,
    parse_repository,
    repository_id,
)
from src.core.errors import ValidationFailed
from src.models.ids import PROVIDER_ID_PATTERN


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("1:issue:2", ItemRef("1", "issue", 2)),
        ("1296269:pull:101", ItemRef("1296269", "pull", 101)),
        (f"{'9' * 19}:issue:{'9' * 10}", ItemRef("9" * 19, "issue", 9999999999)),
    ],
)
def test_an_item_id_is_read_and_written_alike(text: str, ref: ItemRef) -> None:
    assert ItemRef.parse(text) == ref
    assert str(ref) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:2",
        "1:issue",
        "1:issue:",
        ":issue:2",
        "1:Issue:2",
        "1:comment:2",
        "1:issue:2:3",
        "1:issue:2\n",
        " 1:issue:2",
        "1:issue:-2",
        "1:issue:2.0",
        "\N{ARABIC-INDIC DIGIT ONE}:issue:2",
        "1:issue:../3",
        f"{'9' * 20}:issue:1",
        f"1:issue:{'9' * 11}",
    ],
)
def test_what_is_no_item_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        ItemRef.parse(text)
    assert caught.value.details["errors"][0]["field"] == "itemId"


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("org:octo-org", "octo-org"),
        ("org:my_company", "my_company"),
        ("org:", None),
        ("org:a/b", None),
        ("org:a b", None),
        ("org:octo-org\n", None),
        ("repo:1", None),
        ("octo-org", None),
    ],
)
def test_organisations(text: str, login: str | None) -> None:
    assert parse_organization(text) == login
    if login is not None:
        assert organization_id(login) == text


def test_repositories() -> None:
    assert parse_repository("repo:1296269", "containerId") == "1296269"
    assert repository_id(1296269) == "repo:1296269"


@pytest.mark.parametrize("text", ["", "repo:", "repo:x", "1", "repo:1\n", "repo:-1", "org:x"])
def test_what_is_no_repository_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        parse_repository(text, "containerId")
    assert caught.value.details["errors"][0]["field"] == "containerId"


def test_every_id_that_we_write_has_the_form_of_the_contract() -> None:
    ref = ItemRef("9" * 19, "pull", 9999999999)
    for text in (
        *(str(ref), ref.comment(10**18), ref.review_comment(10**18)),
        *(organization_id("octo-org"), repository_id(1)),
    ):
        assert re.fullmatch(PROVIDER_ID_PATTERN, text)
