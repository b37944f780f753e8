"""What callers read of any provider: camelCase, without what was not asked for."""

from typing import Any

import msgspec
import pytest

from src.models.unified import Comment, Container, Item, Page, Person


def test_an_item_has_the_names_of_the_contract() -> None:
    item = Item(id="issue:1", type="issue", container_id="repo:1", title="Title")
    assert msgspec.to_builtins(item) == {
        "id": "issue:1",
        "type": "issue",
        "containerId": "repo:1",
        "parentId": None,
        "title": "Title",
        "body": None,
        "bodyFormat": None,
        "state": None,
        "status": None,
        "author": None,
        "assignees": (),
        "labels": (),
        "url": None,
        "mimeType": None,
        "size": None,
        "hasChildren": False,
        "commentCount": None,
        "createdAt": None,
        "updatedAt": None,
        "fields": {},
    }


def test_a_container_has_the_names_of_the_contract() -> None:
    container = Container(id="repo:1", type="repository", name="hello")
    assert set(msgspec.to_builtins(container)) == {
        "id",
        "type",
        "name",
        "description",
        "parentId",
        "hasChildren",
        "url",
        "createdAt",
        "updatedAt",
    }


def test_a_comment_has_the_names_of_the_contract() -> None:
    comment = Comment(id="c:1", item_id="issue:1", body="Hi", body_format="markdown")
    assert set(msgspec.to_builtins(comment)) == {
        "id",
        "itemId",
        "parentId",
        "type",
        "state",
        "body",
        "bodyFormat",
        "author",
        "url",
        "createdAt",
        "updatedAt",
        "fields",
    }


def test_a_person_has_the_names_of_the_contract() -> None:
    assert set(msgspec.to_builtins(Person(name="ghost"))) == {
        "id",
        "name",
        "email",
        "url",
        "avatarUrl",
    }


def test_what_the_provider_said_is_passed_on_as_it_came_and_only_when_asked_for() -> None:
    raw = msgspec.Raw(b'{"full_name":  "octocat/hello", "n": 1.50}')
    container = Container(id="repo:1", type="repository", name="hello", raw=raw)
    assert b'"raw":{"full_name":  "octocat/hello", "n": 1.50}' in msgspec.json.encode(container)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Container, {"id": "a/b", "type": "repository", "name": "x"}),
        (Item, {"id": "1", "type": "issue", "containerId": "a b", "title": "x"}),
        (Item, {"id": "1", "type": "issue", "containerId": "1", "title": "x", "state": "merged"}),
        (Comment, {"id": "1", "itemId": "1", "body": "x", "bodyFormat": "rst"}),
    ],
)
def test_what_the_contract_does_not_know_does_not_fit(kind: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, kind)


def test_a_model_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Person(name="ghost").name = "x"


def test_a_page_without_more_says_nothing_of_a_next_one() -> None:
    page = Page(items=(Person(name="ghost"),))
    assert (page.next_token, page.truncated) == (None, False)
