"""Which scopes Jira's addresses need: classic ones, or any of the granular."""

import re

SCOPES = {
    "read:jira-work": "read projects, issues and comments",
    "write:jira-work": "write issues and comments",
    "read:jira-user": "read users",
    "manage:jira-webhook": "manage webhooks",
    "manage:jira-project": "manage projects",
    "read:project:jira": "read projects",
    "read:issue-details:jira": "read issues",
    "read:comment:jira": "read comments",
    "write:issue:jira": "write issues",
    "write:comment:jira": "write comments",
    "read:user:jira": "read users",
    "read:board-scope:jira-software": "read boards",
    "read:issue:jira-software": "read issues of boards",
}
_HOOKS = ("manage:jira-webhook",)
_RULES = (
    ("GET", r"/rest/api/3/webhook", _HOOKS),
    ("POST", r"/rest/api/3/webhook", _HOOKS),
    ("PUT", r"/rest/api/3/webhook", _HOOKS),
    ("DELETE", r"/rest/api/3/webhook", _HOOKS),
    ("GET", r"/rest/agile/1\.0/board", ("read:board-scope:jira-software",)),
    ("GET", r"/rest/api/3/myself", ("read:jira-user", "read:user:jira")),
    ("GET", r"/rest/api/3/serverInfo", ()),
    ("GET", r"/rest/api/3/project", ("read:jira-work", "read:project:jira")),
    ("GET", r"/rest/api/3/issue/[^/]+/comment", ("read:jira-work", "read:comment:jira")),
    ("GET", r"/rest/api/3/", ("read:jira-work", "read:issue-details:jira")),
    ("POST", r"/rest/api/3/issue/[^/]+/comment", ("write:jira-work", "write:comment:jira")),
)


def needed(method: str, path: str) -> tuple[str, ...]:
    """Return the scopes of which a call needs one."""
    for wanted, pattern, scopes in _RULES:
        if method == wanted and re.match(pattern, path):
            return scopes
    return ("write:jira-work", "write:issue:jira")
