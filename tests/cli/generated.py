"""Connectors that `connector new` writes: a spread of answers, each pair of them but few twice."""

from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner, Result

from src.cli.__main__ import app

SPREAD: dict[str, Sequence[str]] = {
    "acme": (),
    "board_app": (
        "--auth=api_key",
        "--paging=page_number",
        "--containers=boards",
        "--items=stories",
    ),
    "school": ("--auth=basic", "--paging=offset", "--containers=classes", "--items=pupils"),
    "drives": ("--auth=oauth2", "--paging=next_url", "--items=boxes", "--comments=remarks"),
    "vault": (
        "--auth=oauth2",
        "--paging=link_header",
        "--containers=work_spaces",
        "--items=pages",
        "--api-url=https://api.vault.example/v1",
    ),
    "ledgers": ("--auth=basic", "--paging=none", "--containers=sheets", "--items=requests"),
    "quiet_one": ("--auth=api_key", "--paging=cursor", "--no-sync", "--comments=none"),
    "quiet_two": ("--auth=oauth2", "--paging=page_number", "--no-sync", "--comments=none"),
    "quiet_three": ("--auth=bearer", "--paging=offset", "--no-sync"),
    "quiet_four": ("--auth=basic", "--paging=link_header", "--no-sync", "--comments=none"),
    "quiet_five": ("--auth=bearer", "--paging=none", "--comments=none"),
    "quiet_six": (
        "--auth=api_key",
        "--paging=next_url",
        "--no-sync",
        "--name=Twenty-four & a dot. Co",
        "--api-url=https://api.quiet-six.example/v1/rest",
        "--containers=abcdefghijklm_nopqrstuvw",
        "--items=bcdefghijklmn_opqrstuvwx",
        "--comments=cdefghijklmno_pqrstuvwxy",
    ),
}
"""The arguments beside `--defaults`, by id."""


def new(home: Path, *arguments: str) -> Result:
    """Run the command in this process; nobody is there to be asked."""
    return CliRunner().invoke(app, ["connector", "new", "--into", str(home), *arguments])


def write(home: Path, *arguments: str) -> Path:
    """Write a folder without asking."""
    result = new(home, *arguments, "--defaults")
    assert result.exit_code == 0, (arguments, result.output)
    return home / arguments[0]
