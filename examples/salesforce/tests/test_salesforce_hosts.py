"""Which hosts get a token, and which an app's secret: where Salesforce has an API, or a login."""

import pytest
from pydantic import ValidationError

from examples.salesforce.config import TOLD, TYPED, Config

ORGS = [
    "https://acme.my.salesforce.com",
    "https://acme--uat.sandbox.my.salesforce.com",
    "https://acme-dev-ed.develop.my.salesforce.com",
    "https://brave-fox-1a2b3c-dev-ed.trailblaze.my.salesforce.com",
    "https://data-app-42-dev-ed.scratch.my.salesforce.com",
    "https://acme.my.salesforce.mil",
    "https://acme--uat.sandbox.my.salesforce.mil",
]
LOGINS = ["https://login.salesforce.com", "https://test.salesforce.com"]
NEITHER = [
    # Public sites of customers, whose names are theirs to choose.
    "https://acme.my.site.com",
    "https://evil.my.site.force.com",
    "https://sites.force.com",
    "https://evil.secure.force.com",
    "https://evil.force.com",
    "https://evil.my.salesforce-sites.com",
    # Pages, not the API.
    "https://acme.lightning.force.com",
    "https://acme.file.force.com",
    "https://www.salesforce.com",
    "https://trailhead.salesforce.com",
    # No org is told to be at its instance any more.
    "https://na123.salesforce.com",
    "https://eu5.salesforce.com",
    "https://cs12.salesforce.com",
    "https://my.salesforce.com",
    "https://salesforce.com",
    "https://evil.salesforce.mil",
    "https://my.salesforce.mil",
    "https://evil.my.salesforce.org",
    "https://evilmy.salesforce.com",
    "https://a.b.sandbox.my.salesforce.com",
    "https://-acme.my.salesforce.com",
    "https://acme..my.salesforce.com",
    "https://login.salesforce.com.evil.example",
    "https://evil.login.salesforce.com",
    "https://loginxsalesforce.com",
]


@pytest.mark.parametrize("address", ORGS)
def test_an_org_is_at_its_my_domain(address: str) -> None:
    assert TOLD.address(address) == TYPED.address(address) == address
    config = Config.model_validate({"instanceUrl": f"{address}/", "loginUrl": f"{address}/"})
    assert (config.instance_url, config.login_url) == (address, address)


@pytest.mark.parametrize("address", LOGINS)
def test_where_everybody_logs_in_is_no_org(address: str) -> None:
    assert Config.model_validate({"loginUrl": address}).login_url == address
    for home in (TOLD, TYPED):
        with pytest.raises(ValueError, match=r"such as https://acme\.my\.salesforce\.com"):
            home.address(address)
    with pytest.raises(ValidationError, match=r"such as https://acme\.my\.salesforce\.com"):
        Config.model_validate({"instanceUrl": address})


@pytest.mark.parametrize("address", NEITHER)
def test_all_other_hosts_get_nothing(address: str) -> None:
    for home in (TOLD, TYPED):
        with pytest.raises(ValueError, match="such as"):
            home.address(address)
    for field in ("instanceUrl", "loginUrl"):
        with pytest.raises(ValidationError, match="such as"):
            Config.model_validate({field: address})
