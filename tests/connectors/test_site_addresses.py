"""Addresses of installations: one spelling of each, and nothing in them but host and port."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from src.connectors.atlassian.ways import CloudConfig
from src.connectors.github.sites import GitHubConfig
from src.connectors.jira.config import Config as JiraConfig
from src.connectors.supabase.config import Config as SupabaseConfig

Read = Callable[[str], str | None]
READERS: dict[str, Read] = {
    "github": lambda text: GitHubConfig(base_url=text).base_url,
    "jira site": lambda text: JiraConfig(site_url=text).site_url,
    "jira server": lambda text: JiraConfig(server_url=text).server_url,
    "confluence": lambda text: CloudConfig(site_url=text).site_url,
    "supabase": lambda text: SupabaseConfig(project_url=text).project_url,
}
ALL = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


@ALL
@pytest.mark.parametrize("text", ["https://a-1.Example:8443", " https://A-1.example:8443// "])
def test_each_address_has_one_spelling(read: Read, text: str) -> None:
    assert read(text) == "https://a-1.example:8443"


def test_a_server_keeps_its_context_path_as_it_is() -> None:
    config = JiraConfig(server_url="https://JIRA.acme.example/Jira/")
    assert config.server_url == "https://jira.acme.example/Jira"


@ALL
@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://a.example",
        "https://",
        "https://user@a.example",
        "https://user:pass@a.example",
        "https://a.example\\@b.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://a.example/../x",
        "https://a.example/./x",
        "https://a.example/a b",
        "https://a.example%2fx",
        "https://[::1]",
        "https://127。0。0。1",
        "https://a.example:",
        "https://a.example:123456",
        "https://a .example",
        "https://a.example\nx",
        f"https://{'a' * 300}",
    ],
)
def test_anything_else_is_refused(read: Read, text: str) -> None:
    with pytest.raises(ValidationError):
        read(text)
