"""Two people, and what they connect with. Everything here is made up.

| | Mia, garmin.com | Li, garmin.cn |
|---|---|---|
| personal key | `MIA_KEY` | none |
| garth | `MIA_OAUTH1` | `LI_OAUTH1` |
| DI refresh token | `MIA_DI` | none |
"""

import msgspec

COM = "garmin.com"
CN = "garmin.cn"
CONSUMER_KEY = "7b0d2f64-sandbox-consumer"
CONSUMER_SECRET = "garmin_sandbox_consumer_secret"  # noqa: S105 - known to everybody
DI_CLIENT = "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2"


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    profile: int
    display_name: str
    full_name: str
    domain: str
    wellness_id: str


class OAuth1(msgspec.Struct, frozen=True):
    """What garth keeps for a year."""

    token: str
    secret: str
    mfa: str | None
    person: Person


MIA = Person(2591602, "mia krystof", "Mia Krystof", COM, "d3315b1072421d0dd7c8f6b8e1de4df8")
LI = Person(3300417, "li_na", "Li Na", CN, "4aacafe82427c251df9c9592d0c06768")
PEOPLE = (MIA, LI)

MIA_KEY = "gcp_sandbox_mia_0123456789abcdef"
KEYS = {MIA_KEY: MIA}
MIA_OAUTH1 = OAuth1(
    "7fdff19a-sandbox-oauth1-token", "49919d7c+sandbox/oauth1=secret", "MFA-1578-x|y", MIA
)
LI_OAUTH1 = OAuth1("0c9a55d1-sandbox-oauth1-token", "b7e1sandboxoauth1secret", None, LI)
OAUTH1 = {one.token: one for one in (MIA_OAUTH1, LI_OAUTH1)}
MIA_DI = "di_sandbox_refresh_mia"
DI = {MIA_DI: MIA}


def person_of(profile: int) -> Person | None:
    """Find somebody by the number of the profile."""
    return next((one for one in PEOPLE if one.profile == profile), None)
