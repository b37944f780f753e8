"""GitHub passes the suite that every connector must pass, with each kind of token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from src.testing import ConnectorConformance, StreamSample
from tests.connectors.github import deeds


class GitHub(ConnectorConformance):
    connector_id = "github"
    token = "ghp_sandbox_octocat"
    container = "repo:1296269"
    item = "1296269:pull:101"
    parent = "org:octo-org"
    word = "theme"
    # The reviews of a pull request stand at an address of their own.
    requests: ClassVar[Mapping[str, int]] = {"item": 2}
    tools: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "github_create_issue": {"repository": "repo:1296269", "title": "Broken"},
        "github_add_comment": {"repository": "repo:1296269", "number": 42, "body": "Same here."},
        "github_close_issue": {"repository": "repo:1296269", "number": 42},
        "github_create_pull_request": {
            "repository": "repo:1296269",
            "title": "Log in",
            "head": "feature/login",
            "base": "main",
        },
        "github_read_file": {"repository": "repo:1296269", "path": "README.md"},
        "github_write_file": {
            "repository": "repo:1296269",
            "path": "new.txt",
            "content": "new",
            "message": "Add a file",
        },
        "github_search_issues": {"repository": "repo:1296269", "q": "theme"},
    }
    resource_parents: ClassVar[Mapping[str, str]] = {
        "github_repo": "org:octo-org",
        "github_branch": "repo:1296269",
        "github_file": "repo:1296269",
    }
    # A small repository; the large one, with many pages, is for the first class below.
    streams: ClassVar[Mapping[str, StreamSample]] = {
        "repositories": deeds.REPOSITORIES,
        "issues": deeds.issues(deeds.DOCS, 3),
        "pulls": deeds.pulls(deeds.DOCS, 5),
        "comments": deeds.comments(deeds.DOCS, 3),
    }
    attacks = ("repo:hubot/robots", 'x" repo:hubot/robots is:open "', "zzz OR repo:octo-org/docs")


class TestGitHub(GitHub):
    graded_elsewhere = True
    streams: ClassVar[Mapping[str, StreamSample]] = {
        "repositories": deeds.REPOSITORIES,
        "issues": deeds.issues(deeds.HELLO, 42),
        "pulls": deeds.pulls(deeds.HELLO, 101),
        "comments": deeds.comments(deeds.HELLO, 42),
    }


class TestGitHubApp(GitHub):
    token = "ghu_sandbox_octocat"
    streams: ClassVar[Mapping[str, StreamSample]] = {
        **GitHub.streams,
        # The installations, and the repositories of both.
        "repositories": replace(deeds.REPOSITORIES, requests=3),
    }
    parent = "inst:50002"
    resource_parents: ClassVar[Mapping[str, str]] = {
        **GitHub.resource_parents,
        "github_repo": "inst:50002",
    }


class TestEnterpriseServer(GitHub):
    graded_elsewhere = True
    config: ClassVar[Mapping[str, Any]] = {"baseUrl": "https://github.acme.com"}
