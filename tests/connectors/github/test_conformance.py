"""GitHub passes the suite that every connector must pass, with each kind of token."""

from collections.abc import Mapping
from typing import Any, ClassVar

from src.testing import ConnectorConformance


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
    attacks = ("repo:hubot/robots", 'x" repo:hubot/robots is:open "', "zzz OR repo:octo-org/docs")


class TestGitHub(GitHub):
    pass


class TestGitHubApp(GitHub):
    token = "ghu_sandbox_octocat"
    parent = "inst:50002"
    resource_parents: ClassVar[Mapping[str, str]] = {
        **GitHub.resource_parents,
        "github_repo": "inst:50002",
    }


class TestEnterpriseServer(GitHub):
    config: ClassVar[Mapping[str, Any]] = {"baseUrl": "https://github.acme.com"}
