"""What stands in the orgs at the beginning."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from .people import ACME, ADA, BEN, GIL, Org, User
from .schema import OBJECTS

Row = dict[str, Any]
FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
_INDUSTRIES = ("Shipping", "Energy", "Retail")
_STATUSES = ("New", "Working", "Closed")
_STAGES = ("Prospecting", "Closed Won", "Closed Lost")
COMMENTED_CASE = "500000000000001AAA"
_COMMENTS = 25


def written(moment: datetime) -> str:
    """Return a time as the API writes it; the database keeps whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def record_id(prefix: str, number: int) -> str:
    """Return an id of 18 characters; without capitals the last three are always these."""
    return f"{prefix}{number:012d}AAA"


def new_row(name: str, number: int, user: User, moment: datetime, **values: Any) -> Row:
    """Return a record with what the system fills in."""
    at = written(moment)
    return {
        **{field.name: None for field in OBJECTS[name].own},
        "Id": record_id(OBJECTS[name].prefix, number),
        "OwnerId": user.id,
        "IsDeleted": False,
        "CreatedDate": at,
        "CreatedById": user.id,
        "LastModifiedDate": at,
        "SystemModstamp": at,
        **settled(name, values),
    }


def settled(name: str, values: Row) -> Row:
    """Return values with what follows from them."""
    if OBJECTS[name].field("IsClosed") is None:
        return values
    status = str(values.get("Status") or values.get("StageName") or "")
    return {**values, "IsClosed": status.startswith(("Closed", "Completed"))}


@cache
def seeded(org: Org) -> dict[str, dict[str, Row]]:
    """Return the records of an org by object and id; nobody changes them in place."""
    rows = _acme() if org is ACME else _globex()
    by_object: dict[str, dict[str, Row]] = {name: {} for name in OBJECTS}
    for name, row in rows:
        by_object[name][row["Id"]] = row
    return by_object


def _acme() -> list[tuple[str, Row]]:
    def at(hours: int) -> datetime:
        return FIRST + timedelta(hours=hours)

    rows = [("Account", _account(number, at(number))) for number in range(1, 46)]
    rows += [
        (
            "Contact",
            new_row(
                "Contact",
                n,
                ADA,
                at(n),
                Name=f"{'Whale' if n % 3 else 'Rita'} Contact {n}",
                Email=f"contact{n}@acme.example",
            ),
        )
        for n in range(1, 25)
    ]
    rows += [
        (
            "Lead",
            new_row(
                "Lead",
                n,
                BEN,
                at(n),
                Name=f"Whale Lead {n}",
                Company="Tide",
                Status=_STATUSES[n % 3],
            ),
        )
        for n in range(1, 7)
    ]
    rows += [
        (
            "Opportunity",
            new_row(
                "Opportunity",
                n,
                ADA,
                at(n),
                Name=f"Deal {n}",
                StageName=_STAGES[n % 3],
                Amount=1000.5 * n,
            ),
        )
        for n in range(1, 13)
    ]
    rows += [
        (
            "Case",
            new_row(
                "Case",
                n,
                BEN,
                at(n),
                CaseNumber=f"{1000 + n:08d}",
                Subject=f"{'Whale' if n % 2 else 'Crane'} stuck at berth {n}",
                Status=_STATUSES[n % 3],
                Description=f"It can't move.\nDay {n}.",
            ),
        )
        for n in range(1, 13)
    ]
    rows += [
        (
            "CaseComment",
            new_row(
                "CaseComment",
                n,
                ADA if n % 2 else BEN,
                at(n),
                ParentId=COMMENTED_CASE,
                CommentBody=f"Look {n}.",
                IsPublished=n % 2 == 0,
            ),
        )
        for n in range(1, _COMMENTS + 1)
    ]
    # Ten at a time were imported in the same second.
    rows += [
        (
            "Task",
            new_row(
                "Task",
                n,
                BEN,
                at(n // 10),
                Subject=f"Call {n}",
                Status="Completed" if n % 4 == 0 else "Not Started",
            ),
        )
        for n in range(1, 131)
    ]
    rows += [
        (
            "Acme_Asset__c",
            new_row(
                "Acme_Asset__c",
                n,
                ADA,
                at(n),
                Name=f"A-{n:04d}",
                Place__c="50% off_shore's \\ yard",
            ),
        )
        for n in range(1, 6)
    ]
    return rows


def _account(number: int, moment: datetime) -> Row:
    street = {"street": "1 Pier", "city": "Kiel"}
    return new_row(
        "Account",
        number,
        ADA if number % 2 else BEN,
        moment,
        Name=f"{'Whale Freight' if number % 2 else 'Harbor'} {number}",
        Industry=_INDUSTRIES[number % 3],
        Website=f"https://freight{number}.example",
        BillingCity="Kiel",
        BillingAddress=street,
        AnnualRevenue=1_000_000.0 * number,
        Description="Ships whales." if number % 2 else None,
    )


def _globex() -> list[tuple[str, Row]]:
    return [
        ("Account", new_row("Account", n, GIL, FIRST, Name=f"Globex Account {n}"))
        for n in range(1, 4)
    ]
