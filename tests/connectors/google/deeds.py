"""What somebody does at the imitation Google while its streams are read."""

from base64 import urlsafe_b64encode
from email.message import EmailMessage

from src.connectors.google.calendar.schemas import Event
from src.connectors.google.drive.schemas import File
from src.connectors.google.gmail.schemas import FoundMessages, Message, Ref
from src.testing import Hand, StreamSample

NOTES = "1PlainNotes00000000000000000"
LATIN = "1Latin1Notes0000000000000000"
PLANS, CLIENTS = "gmail:label:Label_1", "gmail:label:Label_2"
OWN, TEAM = "calendar:list:ann@example.com", "calendar:list:c_team123@group.calendar.google.com"


async def make_file(hand: Hand, parent: str | None = None, kind: str = "text/plain") -> str:
    asked = {"name": "made.txt", "mimeType": kind, "parents": [parent] if parent else []}
    return (await hand.rest.write("POST", "/drive/v3/files", File, json=asked)).id


async def change_file(hand: Hand, file: str, **values: object) -> None:
    path = "/drive/v3/files/{file}"
    params = {"supportsAllDrives": "true"}
    parents = values.pop("into", None)
    if parents is not None:
        params["addParents"] = str(parents)
    await hand.rest.call("PATCH", path, params=params, json=values, file=file)


async def _add_file(hand: Hand) -> str:
    return f"drive:file:{await make_file(hand)}"


async def _rename_file(hand: Hand) -> str:
    await change_file(hand, LATIN, name="renamed.csv")
    return f"drive:file:{LATIN}"


async def _delete_file(hand: Hand, record_id: str) -> None:
    file = record_id.rpartition(":")[2]
    await hand.rest.change("DELETE", "/drive/v3/files/{file}", file=file)


async def send_mail(hand: Hand, *labels: str) -> str:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "ben@example.com", "Sent meanwhile"
    mail.set_content("Dear Ben")
    raw = {"raw": urlsafe_b64encode(bytes(mail)).decode()}
    sent = await hand.rest.write("POST", "/gmail/v1/users/me/messages/send", Ref, json=raw)
    if labels:
        await label_mail(hand, sent.id, add=labels)
    return sent.id


async def label_mail(
    hand: Hand, mail: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
) -> None:
    path = "/gmail/v1/users/me/messages/{message}/modify"
    asked = {"addLabelIds": add, "removeLabelIds": remove}
    await hand.rest.write("POST", path, Message, json=asked, message=mail)


async def labelled(hand: Hand, label: str) -> list[str]:
    path = "/gmail/v1/users/me/messages"
    found = await hand.rest.get(path, FoundMessages[Ref], params={"labelIds": label})
    return [one.id for one in found.rows]


async def _add_mail(hand: Hand) -> str:
    return f"gmail:message:{await send_mail(hand, 'Label_1')}"


async def _star_mail(hand: Hand) -> str:
    mail = (await labelled(hand, "Label_2"))[-1]
    await label_mail(hand, mail, add=("STARRED",))
    return f"gmail:message:{mail}"


async def _delete_mail(hand: Hand, record_id: str) -> None:
    await hand.switch("DELETE", f"/mails/ann/{record_id.rpartition(':')[2]}")


async def make_event(hand: Hand, calendar: str = "ann@example.com") -> str:
    asked = {
        "summary": "Made meanwhile",
        "start": {"dateTime": "2026-03-01T10:00:00+01:00"},
        "end": {"dateTime": "2026-03-01T11:00:00+01:00"},
    }
    path = "/calendar/v3/calendars/{calendar}/events"
    made = await hand.rest.write("POST", path, Event, json=asked, calendar=calendar)
    return f"calendar:event:{calendar}:{made.id}"


async def _move_event(hand: Hand) -> str:
    path = "/calendar/v3/calendars/{calendar}/events/{event}"
    asked = {"location": "Elsewhere"}
    await hand.rest.write(
        "PATCH", path, Event, json=asked, calendar="ann@example.com", event="plain0003"
    )
    return "calendar:event:ann@example.com:plain0003"


async def cancel_event(hand: Hand, record_id: str) -> None:
    _, _, calendar, event = record_id.split(":")
    path = "/calendar/v3/calendars/{calendar}/events/{event}"
    await hand.rest.change("DELETE", path, calendar=calendar, event=event)


FILES = StreamSample(
    add=_add_file,
    change=_rename_file,
    delete=_delete_file,
    doomed=f"drive:file:{NOTES}",
    gone="drive:folder:1NoSuchFolder000000000000000",
    requests=3,  # The account has a feed, and each of its two shared drives another.
    parts_are_feeds=True,
)
MESSAGES = StreamSample(
    container_ids=(PLANS, CLIENTS),
    add=_add_mail,
    change=_star_mail,
    delete=_delete_mail,
    gone="gmail:label:Label_99",
    parts_are_feeds=True,
)
EVENTS = StreamSample(
    container_ids=(OWN, TEAM),
    add=make_event,
    change=_move_event,
    delete=cancel_event,
    doomed="calendar:event:ann@example.com:plain0007",
    gone="calendar:list:nobody@example.com",
    requests=2,  # One for each calendar.
)
