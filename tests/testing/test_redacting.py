"""What is taken out of recorded answers, and what of their form stays."""

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.cli.connector.explaining import Secrets
from src.connectors.asking import Verb
from src.testing.pseudonyms import Pseudonyms
from src.testing.recorded import (
    FORMAT,
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Recording,
    RecordingError,
    read_recordings,
)
from src.testing.recording import write
from src.testing.redacting import REDACTED, Redaction
from src.testing.remaining import remains

ROOT = Path(__file__).parents[2]
KEY = b"a key of this installation's own"
TOKEN = "tok_5up3rs3cret"
HELD = Secrets((TOKEN,))
HIDE = partial(HELD.mask, by=REDACTED)
SECRET = "s3cr3tVALUE0987654321"


def recording(body: Any, path: str = "/things", **fields: Any) -> Recording:
    response = RecordedResponse(status=200, json=body, headers=fields.pop("headers", {}))
    exchange = Exchange(request=RecordedRequest(method="GET", path=path), response=response)
    return Recording(format=FORMAT, verb=Verb.ITEMS, exchanges=[exchange], **fields)


def redacted(given: Recording, *ways: str, account: str = "Olga Orlova") -> Recording:
    return Redaction(Pseudonyms(KEY), HIDE, ways).apply(given, account=account)


def body_of(given: Recording) -> Any:
    return given.exchanges[0].response.json


def test_people_are_others_everywhere_and_still_the_same() -> None:
    body = {
        "owner": {"login": "ada", "name": "Ada Lovelace", "email": "ada@engine.org"},
        "items": [{"author": {"login": "ada"}, "text": "Ask Ada Lovelace <ada@engine.org>, @ada"}],
        "url": "https://x.example/users/ada",
    }
    found = body_of(redacted(recording(body, "/users/ada/things")))
    owner = found["owner"]
    assert found["items"][0]["author"]["login"] == owner["login"] != "ada"
    assert found["items"][0]["text"] == f"Ask {owner['name']} <{owner['email']}>, @{owner['login']}"
    assert found["url"].endswith(f"/users/{owner['login']}")
    assert owner["email"].endswith("@example.com")
    assert "ada" not in json.dumps(found).lower()


def test_things_that_have_names_keep_them() -> None:
    body = {
        "id": 5,
        "name": "House",
        "state": "open",
        "project": {"name": "Garden"},
        "n": [1, True],
    }
    assert body_of(redacted(recording(body))) == body


def test_a_name_that_is_a_word_changes_no_state() -> None:
    body = {"user": {"login": "open"}, "state": "open", "title": "open"}
    found = body_of(redacted(recording(body)))
    assert (found["state"], found["title"]) == ("open", "open")
    assert found["user"]["login"] != "open"


def test_the_account_is_nobody_we_know() -> None:
    given = recording({"name": "acme-bot"}, account={"id": "7", "name": "acme-bot"})
    done = redacted(given, account="acme-bot")
    assert done.account is not None
    assert done.account["name"] == body_of(done)["name"] != "acme-bot"
    assert done.account["id"] == "7"


def test_credentials_are_no_more_and_places_in_lists_stay() -> None:
    body = {
        "access_token": "abcdefgh1234",
        "session_key": "abc",
        "nextPageToken": "place-2",
        "file": f"https://x.example/f?sig=abcdef&page=2&token={TOKEN}",
        "note": f"my key is {TOKEN}!",
    }
    headers = {"link": "<{provider}/things?page_token=abc&access_token=def>"}
    done = redacted(recording(body, headers=headers))
    found = body_of(done)
    assert found["access_token"] == found["session_key"] == "redacted"
    assert found["nextPageToken"] == "place-2"
    assert found["file"] == "https://x.example/f?sig=redacted&page=2&token=redacted"
    assert found["note"] == "my key is redacted!"
    link = done.exchanges[0].response.headers["link"]
    assert link == "<{provider}/things?page_token=abc&access_token=redacted>"


def test_ids_that_are_named_are_others_wherever_they_are_meant() -> None:
    body = {"rows": [{"id": 2, "parent_id": 31, "page": 31}, {"id": 31, "key": "ABC-12", "n": 2}]}
    given = recording(
        body,
        "/boxes/31/rows?per_page=2&box_id=31",
        query={"container_id": "box:31", "limit": 2},
        headers={"link": "<{provider}/boxes/31/rows?page=2>, <{provider}/boxes/31/rows?page=31>"},
    )
    done = redacted(given, "rows.*.id", "**.key")
    rows = body_of(done)["rows"]
    other = rows[1]["id"]
    assert isinstance(other, int)
    assert len(str(other)) == 2
    assert (rows[0]["parent_id"], rows[0]["page"]) == (other, 31)
    assert rows[1]["n"] == 2
    assert rows[1]["key"] != "ABC-12"
    assert rows[1]["key"][3] == "-"
    assert done.query == {"container_id": f"box:{other}", "limit": 2}
    exchange = done.exchanges[0]
    assert exchange.request.path == f"/boxes/{other}/rows?per_page=2&box_id={other}"
    assert exchange.response.headers["link"].count(f"/boxes/{other}/rows") == 2
    assert exchange.response.headers["link"].endswith("page=31>")


def test_one_key_makes_the_same_names_each_time_and_another_makes_others() -> None:
    body = [{"user": {"name": f"Person {number}"}} for number in range(200)]
    first, again = (body_of(redacted(recording(body))) for _ in range(2))
    assert first == again
    assert len({one["user"]["name"] for one in first}) == 200
    others = Redaction(Pseudonyms(b"x" * 32), HIDE).apply(recording(body), account="Olga")
    assert body_of(others) != first


LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.just(f"a {TOKEN} b"))
BODY = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "name", "user", "email", "token", "x"]), inner),
    ),
    max_leaves=12,
)


def form(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: form(one) for name, one in value.items()}
    if isinstance(value, list):
        return [form(one) for one in value]
    return type(value)


@settings(max_examples=60, deadline=None)
@given(body=BODY)
def test_the_form_stays_and_the_token_goes(body: Any) -> None:
    found = body_of(redacted(recording(body), "**.id"))
    assert form(found) == form(body)
    assert TOKEN not in msgspec.json.encode(found).decode()


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "name",
    [
        *("webhook_secret", "secret_key", "app_secret", "runners_token", "csrfToken", "botToken"),
        *("encryption_key", "service_key", "pwd", "pass", "db_pass", "preview_access_token"),
        *("previous_refresh_token", "secretAccessKey", "nextAuthSecret", "connectionString"),
        *("password_hash", "apikey", "x-api-key", "synchronizer_token", "client_credentials"),
    ],
)
def test_names_say_what_is_secret_by_how_they_end(name: str) -> None:
    url = f"https://x.example/f?a=1&{name}={SECRET}"
    inside = json.dumps({"deep": [{name: SECRET}]})
    body = {name: SECRET, "url": url, "data": inside, "packed": packed(inside)}
    found = body_of(redacted(recording(body)))
    assert found[name] == REDACTED
    assert found["url"] == f"https://x.example/f?a=1&{name}={REDACTED}"
    assert json.loads(found["data"]) == {"deep": [{name: REDACTED}]}
    assert json.loads(base64.urlsafe_b64decode(found["packed"])) == {"deep": [{name: REDACTED}]}


@pytest.mark.parametrize(
    "name",
    [
        *("next_page_token", "pageToken", "syncToken", "nextSyncToken", "continuationToken"),
        *("issue_key", "projectKey", "monkey", "compass", "token_type", "keyPrefix", "tokenizer"),
    ],
)
def test_names_that_are_like_them_and_open_nothing_stay(name: str) -> None:
    body = {name: "place-2", "url": f"https://x.example/f?{name}=place-2"}
    done = redacted(recording(body))
    assert body_of(done) == body
    assert remains(done, HELD.are_in) is None


def test_people_are_found_in_whatever_they_were_put() -> None:
    mail = "From: Jane Doe <jane.doe@corp.com>"
    body = {
        "user": {"name": "Jane Doe", "email": "jane.doe@corp.com"},
        "members": {"Jane Doe": 1, "Max Roe": 2, "limit": 3},
        "places": {"roe-4": {"of": 1}, "roe-5": {"of": 2}},
        "properties": {"Due Date": 1},
        "url": "https://x.example/u/jane.doe%40corp.com/Jane%20Doe?who=Jane+Doe",
        "raw": packed(mail),
        "json": json.dumps({"author": {"email": "j.roe@corp.com"}}),
        "phone": 491701234567,
        "birthdate": 19800101,
        "birthday": "1980-01-01",
    }
    done = redacted(
        recording(body, "/users/jane.doe%40corp.com?to=jane.doe%40corp.com"), "places.{}"
    )
    found = body_of(done)
    user = found["user"]
    address = user["email"].replace("@", "%40")
    assert base64.urlsafe_b64decode(found["raw"]).decode() == (
        f"From: {user['name']} <{user['email']}>"
    )
    first, last = user["name"].split()
    assert found["url"] == (f"https://x.example/u/{address}/{first}%20{last}?who={first}+{last}")
    assert done.exchanges[0].request.path == f"/users/{address}?to={address}"
    assert isinstance(found["phone"], int)
    assert found["birthday"] == "1970-01-01"
    assert user["name"] in found["members"]
    assert (len(found["members"]), found["members"]["limit"]) == (3, 3)
    assert [one["of"] for one in found["places"].values()] == [1, 2]
    assert found["properties"] == {"Due Date": 1}
    text = msgspec.json.encode(done).decode() + base64.urlsafe_b64decode(found["raw"]).decode()
    for person in ("Jane", "jane", "Roe", "roe", "corp.com", "491701234567", "19800101"):
        assert person not in text
    assert remains(done, HELD.are_in) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({TOKEN: 1}, "the credential"),
        ({"note": [packed(f"robin:{TOKEN}:x")]}, "the credential"),
        ({"note": f"see {TOKEN.encode().hex()} or %74ok_5up3rs3cret"}, "the credential"),
        ({"note": "see " + packed("Ask ada@engine.org, please")}, "an e-mail address"),
        ({"note": 'see {"a": "ada%40engine.org"}'}, "an e-mail address"),
        ({"note": "ghp_abcdefgh12345678"}, "what looks like a secret"),
        ({"note": "Bearer abcdefgh12345678"}, "what looks like a secret"),
        ({"path": "/x;access_token=abcdefgh"}, "what looks like a secret"),
        ({"note": "see " + packed('{"client_secret": "abcdefgh"}')}, "what looks like a secret"),
        ({"note": "-----BEGIN PRIVATE KEY-----\nabcdefgh"}, "what looks like a secret"),
        ({"note": "use AKIAIOSFODNN7EXAMPLE"}, "what looks like a secret"),
        ({"note": "xoxb-12345-abcdefgh"}, "what looks like a secret"),
        ({"note": "sk_live_1234567890abcdef"}, "what looks like a secret"),
        ({"note": "glpat-xxxxxxxxxxxxxxxx"}, "what looks like a secret"),
        ({"note": "AIzaSyA-1234567890abcdef"}, "what looks like a secret"),
        ({"note": "https://hooks.slack.com/services/T01/B02/x"}, "what looks like a secret"),
        ({"note": "https://ada:abcdefgh@x.example"}, "an e-mail address"),
        ({"note": "https://ada:abcdefgh@localhost/x"}, "what looks like a secret"),
        ({"note": "Xk3vQ9zLm2Rt7Wb5Yc8Nd1Pf6Hj4Gs0A"}, "a long word of chance"),
        ({"url": "/x?pageToken=abcdefgh&state=open&access_token=redacted"}, None),
        ({"nextPageToken": "Xk3vQ9zLm2Rt7Wb5Yc8Nd1Pf6Hj4Gs0A"}, None),
        ({"node_id": "Xk3vQ9zLm2Rt7Wb5Yc8Nd1Pf6Hj4Gs0A"}, None),
        ({"note": "6dcb09b5b57875f334f61aebed695e2e4193db5e"}, None),
        ({"mail": "robin-vale-17@example.com"}, None),
    ],
)
def test_what_has_remained_is_found_and_not_repeated(body: Any, said: str | None) -> None:
    found = remains(recording(body), HELD.are_in)
    assert (found and found.what.startswith(said or "?")) == (said and True)
    if found is not None:
        assert found.where.startswith("the body of answer 1")
        told = f"{found.what} {found.where} {found.advice}"
        assert not any(secret in told for secret in (TOKEN, "abcdefgh", "engine"))


def test_what_has_remained_is_named_and_can_be_settled() -> None:
    chance = "Xk3vQ9zLm2Rt7Wb5Yc8Nd1Pf6Hj4Gs0A"
    given = recording({"rows": [{"id": 1}, {"photo": f"https://x.example/{chance}"}]})
    found = remains(redacted(given), HELD.are_in)
    assert found is not None
    assert found.where == "the body of answer 1, rows.1.photo"
    assert found.advice == "Say --redact 'rows.*.photo' to have it replaced."
    redaction = Redaction(Pseudonyms(KEY), HIDE, ["rows.*.photo"])
    done = redaction.apply(given, account="Olga")
    assert chance not in msgspec.json.encode(done).decode()
    assert remains(done, HELD.are_in, redaction.made) is None


def test_what_is_recorded_already_would_be_written_again() -> None:
    recordings = read_recordings(ROOT / "examples" / "salesforce" / "recorded")
    assert recordings
    for name, one in recordings.items():
        assert remains(one, HELD.are_in) is None, name
        again = Redaction(Pseudonyms(KEY), HIDE).apply(one, account="Dana Ward")
        assert form(msgspec.to_builtins(again)) == form(msgspec.to_builtins(one)), name


def test_what_stands_in_an_address_is_named_so() -> None:
    given = recording({}, "/hooks.slack.com/services/T01/B02/x")
    found = remains(given, HELD.are_in)
    assert found is not None
    assert (found.where, found.way) == ("the path of request 1", None)


def test_nothing_is_written_while_a_secret_remains(tmp_path: Any) -> None:
    path = tmp_path / "recorded" / "items.json"
    with pytest.raises(RecordingError, match="Nothing is written: the credential"):
        write(recording({TOKEN: 1}), path, HELD.are_in)
    assert not path.exists()
