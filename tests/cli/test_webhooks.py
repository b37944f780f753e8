"""The operator's part of webhooks that are set up by hand for the platform's app."""

from src.core.logging import configure_logging
from tests.cli.conftest import Run
from tests.conftest import Service
from tests.secrecy import SECRETS

GARMIN = {
    "CONNECTORS__GARMIN__CLIENT_ID": "garmin-app",
    "CONNECTORS__GARMIN__CLIENT_SECRET": "garmin-app-secret",
}


async def test_the_operator_is_shown_the_address_of_the_platforms_app(
    service: Service, run: Run
) -> None:
    first = await run("webhooks", "address", "garmin", "--json", **GARMIN)
    assert first.code == 0, first.complained
    url: str = first.json["url"]
    SECRETS.note(url.rpartition("/")[2])
    assert url.startswith("http://localhost:8000/api/hooks/whk_")
    again = await run("webhooks", "address", "garmin", **GARMIN)
    assert url in again.said
    # The commands have set the log up for channels that are closed by now.
    configure_logging("INFO", as_json=False)
    delivered = await service.client.post(url.removeprefix("http://localhost:8000"), content=b"{}")
    # The address is right; only the header with the app's id is missing.
    assert delivered.status_code == 401


async def test_what_has_no_such_address(service: Service, run: Run) -> None:
    del service
    for arguments, settings in ((("garmin",), {}), (("github",), {}), (("none",), {})):
        ended = await run("webhooks", "address", *arguments, **settings)
        assert ended.code == 2
        assert ended.complained
