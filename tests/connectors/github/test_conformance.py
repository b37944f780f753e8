"""GitHub passes the suite that every connector must pass."""

from src.testing import ConnectorConformance


class TestGitHub(ConnectorConformance):
    connector_id = "github"
    token = "ghp_sandbox_octocat"
    container = "repo:1296269"
    item = "1296269:pull:101"
    parent = "org:octo-org"
    word = "theme"
    attacks = ("repo:hubot/robots", 'x" repo:hubot/robots is:open "', "zzz OR repo:octo-org/docs")
