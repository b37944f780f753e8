"""A tap of the Singer SDK, its messages written as JSON lines."""

import contextlib
import io
import sys
import tempfile
import time
from typing import Any, ClassVar

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseHATEOASPaginator


class Links(BaseHATEOASPaginator):
    """The address of the next page stands in a header."""

    def get_next_url(self, response: Any) -> str | None:
        following = response.links.get("next")
        return following["url"] if following else None


class Issues(RESTStream[Any]):
    """All issues, with the fields that ours reads."""

    name = "issues"
    path = "/repositories/1/issues"
    primary_keys: ClassVar[list[str]] = ["id"]
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("number", th.IntegerType),
        th.Property("title", th.StringType),
        th.Property("state", th.StringType),
        th.Property("body", th.StringType),
        th.Property("html_url", th.StringType),
        th.Property("comments", th.IntegerType),
        th.Property("created_at", th.StringType),
        th.Property("updated_at", th.StringType),
        th.Property("user", th.ObjectType(th.Property("login", th.StringType))),
        th.Property("labels", th.ArrayType(th.ObjectType(th.Property("name", th.StringType)))),
        th.Property("assignees", th.ArrayType(th.ObjectType(th.Property("login", th.StringType)))),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    def get_new_paginator(self) -> Links:
        return Links()

    def get_url_params(self, context: Any, next_page_token: Any) -> dict[str, Any]:  # noqa: ARG002
        if next_page_token:
            pairs = (part.split("=", 1) for part in next_page_token.query.split("&"))
            return dict(pairs)
        return {"state": "all", "per_page": 100}


class TapIssues(Tap):
    """The tap."""

    name = "tap-issues"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType)
    ).to_dict()

    def discover_streams(self) -> list[Any]:
        return [Issues(self)]


def main(url: str) -> None:
    tap = TapIssues(config={"url": url})
    began = time.perf_counter()
    with tempfile.TemporaryFile() as raw:
        lines = io.TextIOWrapper(raw, encoding="utf-8", write_through=False)
        with contextlib.redirect_stdout(lines):
            tap.sync_all()
        lines.flush()
        seconds = time.perf_counter() - began
        raw.seek(0)
        count = sum(b'"RECORD"' in line[:40] for line in raw)
        lines.detach()
    sys.stdout.write(f'\n{{"items": {count}, "seconds": {seconds}}}\n')


main(sys.argv[1])
