"""Google's scopes by the names that we use. Source: developers.google.com/identity/protocols."""

from __future__ import annotations

_PREFIX = "https://www.googleapis.com/auth/"

OPENID = "openid"
EMAIL = "email"
PROFILE = "profile"
IDENTITY = (OPENID, EMAIL, PROFILE)
"""Whose account it is; without them there is no account to pin."""

DRIVE = f"{_PREFIX}drive"
DRIVE_READ = f"{_PREFIX}drive.readonly"
DRIVE_METADATA_READ = f"{_PREFIX}drive.metadata.readonly"
DRIVE_FILE = f"{_PREFIX}drive.file"
"""Files that the app has made, or that its user has picked for it; asks the least of a user."""

SHEETS = f"{_PREFIX}spreadsheets"
SHEETS_READ = f"{_PREFIX}spreadsheets.readonly"

GMAIL_READ = f"{_PREFIX}gmail.readonly"
GMAIL_MODIFY = f"{_PREFIX}gmail.modify"
GMAIL_SEND = f"{_PREFIX}gmail.send"
GMAIL_ALL = "https://mail.google.com/"
"""What mail programs ask for; never asked for here, but a token that is imported may have it."""

CALENDAR = f"{_PREFIX}calendar"
CALENDAR_READ = f"{_PREFIX}calendar.readonly"
CALENDAR_EVENTS = f"{_PREFIX}calendar.events"

IMPLIED: dict[str, tuple[str, ...]] = {
    # A grant names these two by their addresses, whatever they were asked for as.
    f"{_PREFIX}userinfo.email": (EMAIL,),
    f"{_PREFIX}userinfo.profile": (PROFILE,),
    DRIVE: (DRIVE_READ, DRIVE_METADATA_READ, DRIVE_FILE, SHEETS, SHEETS_READ),
    DRIVE_READ: (DRIVE_METADATA_READ, SHEETS_READ),
    SHEETS: (SHEETS_READ,),
    GMAIL_ALL: (GMAIL_MODIFY, GMAIL_READ, GMAIL_SEND),
    GMAIL_MODIFY: (GMAIL_READ, GMAIL_SEND),
    CALENDAR: (CALENDAR_READ, CALENDAR_EVENTS),
}
"""Which scope does for which: as the methods that we call list them in their references."""
