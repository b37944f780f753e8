"""Users and sites: one user has two sites, one a single one, one none."""

import msgspec

ALL_PRODUCTS = ("jira", "confluence")


class Site(msgspec.Struct, frozen=True):
    """A site of the cloud; its id is the same for all of its products."""

    id: str
    name: str
    url: str
    products: tuple[str, ...] = ALL_PRODUCTS


class User(msgspec.Struct, frozen=True):
    """Somebody with an Atlassian account."""

    account_id: str
    login: str
    """As the consent page names them."""
    name: str
    email: str
    time_zone: str
    offset: int
    """Of the time zone, in hours; the same all year here."""
    sites: tuple[Site, ...] = ()
    active: bool = True

    def site(self, cloud_id: str) -> Site | None:
        """Find one of the user's sites."""
        return next((site for site in self.sites if site.id == cloud_id), None)


ACME = Site("1324a887-45db-4bf4-9e99-ef0ff456d421", "Acme", "https://acme.atlassian.net")
UMBRELLA = Site(
    "9f2c6f0a-1a6e-4f0f-8c55-0d8e2f1b7a10", "Umbrella ☂", "https://umbrella.atlassian.net"
)
SITES = (ACME, UMBRELLA)

MIA = User(
    "5b10a2844c20165700ede21g",
    "mia",
    "Mia Krystof",
    "mia@example.com",
    "Australia/Brisbane",
    10,
    (ACME, UMBRELLA),
)
BEN = User(
    "5fc9e78d2730d800760becc4",
    "ben",
    "Ben Ruíz",
    "ben@example.com",
    "America/Phoenix",
    -7,
    (ACME,),
)
NORA = User(
    "70121:5c0a7b6f-3f0e-4a1c-9b3e-000000000003",
    "nora",
    "Nora 山田",
    "nora@example.com",
    "Asia/Tokyo",
    9,
)
USERS = (MIA, BEN, NORA)


def site_at(host: str) -> Site:
    """Find the site at an address; where the imitation has an address of its own, the first."""
    return next((site for site in SITES if site.url == f"https://{host}"), ACME)


def user_of(login: str) -> User | None:
    """Find a user by the name on the consent page."""
    return next((user for user in USERS if user.login == login), None)
