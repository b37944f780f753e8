"""Users of the imitation."""

import msgspec


class User(msgspec.Struct, frozen=True):
    """Somebody with a Google account."""

    sub: str
    login: str
    """As the consent page names them."""
    name: str
    email: str
    time_zone: str
    has_mail: bool = True


ANN = User("109876543210987654321", "ann", "Ann Müller", "ann@example.com", "Europe/Berlin")
BEN = User("108765432109876543210", "ben", "Ben Ruíz", "ben@example.com", "America/Phoenix")
CLOE = User(
    "107654321098765432109", "cloe", "Cloé 山田", "cloe@example.com", "Asia/Tokyo", has_mail=False
)
"""Her organisation has switched Gmail off."""

USERS = (ANN, BEN, CLOE)


def user_of(login: str) -> User | None:
    """Find a user by the name on the consent page."""
    return next((user for user in USERS if user.login == login), None)
