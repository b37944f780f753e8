"""The orgs and their users."""

import msgspec


class Org(msgspec.Struct, frozen=True):
    """A customer of Salesforce, at a host of its own."""

    id: str
    name: str
    host: str

    @property
    def instance_url(self) -> str:
        """Return what token answers tell."""
        return f"https://{self.host}"


class User(msgspec.Struct, frozen=True):
    """Somebody who logs in."""

    id: str
    name: str
    username: str
    org: Org


ACME = Org("00D000000000001EAA", "Acme", "acme-dev-ed.develop.my.salesforce.com")
GLOBEX = Org("00D000000000002EAA", "Globex", "globex.my.salesforce.com")
ORGS = {org.host: org for org in (ACME, GLOBEX)}

ADA = User("005000000000001AAA", "Ada Marsh", "ada@acme.example", ACME)
BEN = User("005000000000002AAA", "Ben Ode", "ben@acme.example", ACME)
GIL = User("005000000000003AAA", "Gil Roe", "gil@globex.example", GLOBEX)
USERS = {user.id: user for user in (ADA, BEN, GIL)}
