"""Who asks, and what this installation is."""

from typing import TYPE_CHECKING

from src.sandbox.jira.views.people import person
from src.sandbox.kit import base_url, json_answer

if TYPE_CHECKING:
    from starlette.responses import Response

    from src.sandbox.jira.call import Call


async def show_myself(call: "Call") -> "Response":
    """Show the caller."""
    return json_answer(person(call, call.person))


async def show_server(call: "Call") -> "Response":
    """Show the installation."""
    site = call.site
    return json_answer(
        {
            "baseUrl": site.url if site else f"{base_url(call.request)}",
            "version": "1001.0.0-SNAPSHOT" if site else "9.12.5",
            "deploymentType": "Cloud" if site else "Server",
            "serverTitle": site.name if site else "Jira of our own",
        }
    )
