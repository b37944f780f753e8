"""Schemas have the names of the contract, not those of our classes."""

import re

import pytest

from src.api.generate_openapi import document
from src.api.schema_names import with_clear_names

REF = "#/components/schemas/"


def named(**schemas: dict[str, object]) -> list[str]:
    found = with_clear_names({"paths": {}, "components": {"schemas": schemas}})
    return list(found["components"]["schemas"])


def test_generics_are_lists_and_answers() -> None:
    names = document()["components"]["schemas"]
    assert {"Connection", "ConnectionList", "ConnectionListAnswer", "ItemListAnswer"} <= set(names)
    assert [name for name in names if re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) is None] == []


def test_every_success_is_a_named_answer() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                if status.startswith("2") and content:
                    assert content["schema"]["$ref"].endswith("Answer"), (path, content)


def test_a_title_is_the_name() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert schema["title"] == name


def test_a_name_that_is_taken_keeps_its_suffix() -> None:
    assert named(Job={"title": "Job"}, JobOut={"title": "JobOut"}) == ["Job", "JobOut"]


def test_alternatives_are_named_with_or() -> None:
    title = "Envelope[Union[AOut, ListOf[BOut]]]"
    assert named(x={"title": title}) == ["AOrBListAnswer"]


def test_two_schemas_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        named(one={"title": "Same"}, other={"title": "Same"})
