"""``connector``: from an idea to a connector that is tested."""

import typer

from src.cli.connector.check import check
from src.cli.connector.new import new
from src.cli.connector.recording import record
from src.cli.connector.trying import try_connector

app = typer.Typer(help="Write connectors, and look whether they hold.", no_args_is_help=True)


app.command("new")(new)
app.command("check")(check)
app.command("try")(try_connector)
app.command("record")(record)
