"""Users as Jira shows them."""

from typing import TYPE_CHECKING, Any

from src.sandbox.jira.seed.people import PEOPLE

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Person

_AVATAR = "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net"


def user(call: "Call", login: str | None) -> dict[str, Any] | None:
    """Show somebody; nobody is null."""
    return None if login is None else person(call, PEOPLE[login])


def person(call: "Call", one: "Person") -> dict[str, Any]:
    """Show a user: by account id in the cloud, by name and key in a data center."""
    shown: dict[str, Any] = {
        "avatarUrls": {
            size: f"{_AVATAR}/{one.login}/{size[:2]}" for size in ("48x48", "24x24", "16x16")
        },
        "displayName": one.name,
        "active": one.active,
        "timeZone": call.caller.user.time_zone,
    }
    if one.email and one.active:
        shown["emailAddress"] = one.email
    if call.is_server:
        return {
            "self": f"{call.api}/user?username={one.login}",
            "key": one.key,
            "name": one.login,
            **shown,
        }
    return {
        "self": f"{call.api}/user?accountId={one.account_id}",
        "accountId": one.account_id,
        "accountType": "atlassian",
        **shown,
    }
