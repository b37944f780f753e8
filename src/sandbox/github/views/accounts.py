"""Users and organisations as GitHub shows them."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from src.sandbox.github.records import Account

WEB = "https://github.com"


def node_id(kind: str, number: int) -> str:
    """Return an opaque node id in the older form."""
    return b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


def simple_account(api: str, account: "Account") -> dict[str, Any]:
    """Show an account the way other objects embed it."""
    url = f"{api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.type, account.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/{account.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def account_or_null(api: str, account: "Account | None") -> dict[str, Any] | None:
    """Show an account, or null when it has been deleted."""
    return simple_account(api, account) if account else None


def private_account(api: str, account: "Account", *, with_private: bool) -> dict[str, Any]:
    """Show the caller; the counts of private things need a scope."""
    private = {"private_gists": 0, "total_private_repos": 2, "owned_private_repos": 2}
    return {
        **simple_account(api, account),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email,
        "hireable": None,
        "bio": account.bio,
        "twitter_username": None,
        "notification_email": account.email,
        "public_repos": 4,
        "public_gists": 0,
        "followers": 20,
        "following": 0,
        "created_at": "2008-01-14T04:33:35Z",
        "updated_at": "2025-11-02T08:00:00Z",
        **(private if with_private else {}),
    }


def simple_organization(api: str, account: "Account") -> dict[str, Any]:
    """Show an organisation the way lists do."""
    url = f"{api}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("Organization", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "description": account.bio or "",
    }


def full_organization(api: str, account: "Account") -> dict[str, Any]:
    """Show one organisation."""
    return {
        **simple_organization(api, account),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email,
        "is_verified": False,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 12,
        "following": 0,
        "html_url": f"{WEB}/{account.login}",
        "created_at": "2015-06-01T09:00:00Z",
        "updated_at": "2025-10-01T09:00:00Z",
        "archived_at": None,
        "type": "Organization",
    }
