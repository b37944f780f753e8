"""Organisations, their people and their projects."""

from src.sandbox.supabase.records import Organization, Project, User
from src.sandbox.supabase.seed.tables import LAB_TABLES, ODD_SCHEMA, SHOP_TABLES

ACME = Organization("acmeacmeacmeacmeacme", "Acme")
UMBRELLA = Organization("umbrellaumbrellaumbr", "Umbrella & Söhne")
EMPTY = Organization("emptyemptyemptyempty", "Empty")
ORGANIZATIONS = (ACME, UMBRELLA, EMPTY)

SHOP = Project(
    "storestorestorestore",
    "Web shop",
    ACME,
    SHOP_TABLES,
    schemas=("archive", "private", "public", ODD_SCHEMA),
    exposed=("public", "archive", ODD_SCHEMA),
    hosts=("data.acme.example",),
)
LAB = Project("labslabslabslabslabs", "Lab", ACME, LAB_TABLES, max_rows=10)
ASLEEP = Project("sleepsleepsleepsleep", "Last year", ACME, status="INACTIVE")
HIVE = Project("hivehivehivehivehive", "Hive orders", UMBRELLA, LAB_TABLES)
NUMBERED = tuple(
    Project(f"numbered{letter * 12}", f"Numbered {letter}", UMBRELLA) for letter in "abcdefgh"
)
PROJECTS = (SHOP, LAB, ASLEEP, HIVE, *NUMBERED)

MIA = User(
    "0d4bf1c2-58a5-4d7e-9c0a-3f1f2b6c7d10",
    "mia@example.com",
    (ACME.slug, UMBRELLA.slug, EMPTY.slug),
)
BEN = User("7c9e6679-7425-40de-944b-e07fc1f90ae7", "ben@example.com", (UMBRELLA.slug,))


def organization_of(slug: str) -> Organization | None:
    """Find an organisation."""
    return next((one for one in ORGANIZATIONS if one.slug == slug), None)


def project_of(ref: str) -> Project | None:
    """Find a project."""
    return next((one for one in PROJECTS if one.ref == ref), None)


def project_at(host: str) -> Project | None:
    """Find a project by where it answers."""
    return next((one for one in PROJECTS if host in {f"{one.ref}.supabase.co", *one.hosts}), None)
