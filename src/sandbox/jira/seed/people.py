"""Users as a site knows them."""

from src.sandbox.atlassian.people import USERS
from src.sandbox.jira.records import Person

FORMER = Person("5d53f3cbc6b9320d9ea5bdc2", "former", "Former user", active=False)
GONE = Person("unknown", "gone", "Unknown user", active=False)
PEOPLE = {
    **{user.login: Person(user.account_id, user.login, user.name, user.email) for user in USERS},
    FORMER.login: FORMER,
    GONE.login: GONE,
}


def find_person(name: str) -> Person | None:
    """Find somebody by account id, login or key."""
    return next(
        (one for one in PEOPLE.values() if name in {one.account_id, one.login, one.key}), None
    )
