"""Tools on the command line: which there are, and one of them run."""

from __future__ import annotations

from pydantic import ValidationError

from src.cli.connector.answers import plain, show_document, show_tools
from src.cli.connector.opening import Ready
from src.connectors.base import RunsTools
from src.core.errors import UnsupportedCapability, ValidationFailed
from src.models.base import complaint


async def run_tool(
    ready: Ready, name: str | None, arguments: str, *, allow_changes: bool, as_json: bool
) -> None:
    """List the tools, or run the one that is named.

    Raises:
        ValidationFailed: There is no such tool, its arguments are wrong, or it changes something.
        UnsupportedCapability: The connector has none.
        AppError: Whatever the provider does.
    """
    manifest = ready.loaded.manifest
    if not issubclass(ready.loaded.connector_class, RunsTools):
        known = ", ".join(ready.loaded.connector_class.capabilities()) or "nothing but identify"
        raise UnsupportedCapability(f"{manifest.name} has no tools, only: {known}.")
    if name is None:
        show_tools(manifest.tools, as_json=as_json)
        return
    tool = manifest.tool(name)
    if tool is None:
        known = ", ".join(one.name for one in manifest.tools)
        raise ValidationFailed([("--tool", f"must be one of: {known}")])
    if not (tool.read_only or allow_changes or ready.wanted.sandbox):
        raise ValidationFailed(
            [("--tool", "changes something at the provider: say --allow-changes")]
        )
    try:
        checked = tool.arguments.model_validate_json(arguments, strict=True)
    except ValidationError as error:
        raise ValidationFailed(
            [
                (".".join(map(str, ("--arguments", *each["loc"]))), complaint(each))
                for each in error.errors(include_url=False, include_input=False)
            ]
        ) from error
    known_account = await ready.connector().identify()
    answer = await tool.run(ready.connector(known_account), checked)
    show_document(plain(answer), ready.secrets, as_json=as_json)
