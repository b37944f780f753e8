"""The imitation lets in whom Garmin would: each token at its own host, until its end."""

import base64

import pytest

from src.sandbox.garmin.oauth import APP
from src.sandbox.garmin.people import DI_CLIENT, LI, MIA, MIA_DI, MIA_KEY
from src.sandbox.garmin.tokens import Claims, file_token, written
from src.sandbox.garmin.wellness import PULL_TOKEN
from tests.sandbox.garmin.conftest import NOW, Bearer, Garmin
from tests.sandbox.garmin.developer import registered

KEY = "/personalapitoken-service/personal-api/personal-api-key/token"
DI = "/di-oauth2-service/oauth/token"
OAUTH1 = "/oauth-service/oauth/exchange/user/2.0"
PROFILE = "/userprofile-service/socialProfile"
LIST = "/activitylist-service/activities/search/activities"
COM = "connectapi.garmin.com"
CN = "connectapi.garmin.cn"
PERSONAL = "personal.connectapi.garmin.com"
WELLNESS = "/wellness-api/rest"


async def test_a_key_becomes_a_token_of_its_own_host(garmin: Garmin, bearer: Bearer) -> None:
    answer = await garmin.at(PERSONAL).post(KEY, headers={"Authorization": f"ApiKey {MIA_KEY}"})
    token = answer.json()["token"]
    assert (await garmin.at(PERSONAL).get(PROFILE, headers=bearer(token))).status_code == 200
    assert (await garmin.at(COM).get(PROFILE, headers=bearer(token))).status_code == 401
    devices = "/device-service/deviceregistration/devices"
    assert (await garmin.at(PERSONAL).get(devices, headers=bearer(token))).status_code == 403


@pytest.mark.parametrize("header", ["", f"Bearer {MIA_KEY}", "ApiKey other", MIA_KEY])
async def test_what_is_no_key(garmin: Garmin, header: str) -> None:
    answer = await garmin.at(PERSONAL).post(KEY, headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("token", "host", "status"),
    [
        (file_token(MIA, end=NOW + 1), COM, 200),
        (file_token(MIA, end=NOW), COM, 401),
        (file_token(MIA, end=NOW + 1), CN, 401),
        (file_token(LI, end=NOW + 1), CN, 200),
        (file_token(MIA, end=NOW + 1) + "x", COM, 401),
        (written(Claims(1, "connect", NOW + 1, 0)), COM, 401),
        ("a.b.sandbox-signature", COM, 401),
        ("", COM, 401),
    ],
)
async def test_each_token_has_its_end_and_its_domain(
    garmin: Garmin, bearer: Bearer, token: str, host: str, status: int
) -> None:
    assert (await garmin.at(host).get(PROFILE, headers=bearer(token))).status_code == status


async def test_a_di_token_rotates(garmin: Garmin) -> None:
    diauth = garmin.at("diauth.garmin.com")
    pair = base64.b64encode(f"{DI_CLIENT}:".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    form = {"grant_type": "refresh_token", "client_id": DI_CLIENT, "refresh_token": MIA_DI}
    first = (await diauth.post(DI, data=form, headers=headers)).json()
    again = await diauth.post(DI, data=form, headers=headers)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    form["refresh_token"] = first["refresh_token"]
    assert (await diauth.post(DI, data=form, headers=headers)).status_code == 200
    other = await diauth.post(DI, data={**form, "client_id": "x"}, headers=headers)
    assert (other.status_code, other.json()) == (401, {"error": "invalid_client"})
    form["refresh_token"] = MIA_DI
    china = await garmin.at("diauth.garmin.cn").post(DI, data=form, headers=headers)
    assert china.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "header",
    [
        "",
        'OAuth oauth_consumer_key="other"',
        'OAuth oauth_consumer_key="7b0d2f64-sandbox-consumer", oauth_token="unknown"',
        'OAuth oauth_consumer_key="7b0d2f64-sandbox-consumer",'
        ' oauth_token="7fdff19a-sandbox-oauth1-token", oauth_signature="forged"',
    ],
)
async def test_a_wrong_signature_opens_nothing(garmin: Garmin, header: str) -> None:
    answer = await garmin.at(COM).post(OAUTH1, headers={"Authorization": header})
    assert answer.status_code == 401


async def test_a_page_is_at_most_a_thousand_and_the_end_is_empty(
    garmin: Garmin, bearer: Bearer
) -> None:
    headers = bearer(file_token(MIA, end=NOW + 1))
    assert (await garmin.at(COM).get(f"{LIST}?limit=1001", headers=headers)).status_code == 400
    rows = (await garmin.at(COM).get(LIST, headers=headers)).json()
    assert len(rows) == 20
    assert "userRoles" in rows[0]
    assert (await garmin.at(COM).get(f"{LIST}?start=999", headers=headers)).json() == []


async def test_the_developer_program_wants_a_pull_token(garmin: Garmin, bearer: Bearer) -> None:
    apis = garmin.at("apis.garmin.com")
    headers = bearer(await registered(apis, APP))
    assert (await apis.get(f"{WELLNESS}/user/id", headers=headers)).json() == {
        "userId": MIA.wellness_id
    }
    # Both forms that have been seen.
    path = f"{WELLNESS}/user/permissions"
    first, second = [(await apis.get(path, headers=headers)).json() for _ in range(2)]
    assert second == {"permissions": first}
    times = "uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=86401"
    pull = f"{WELLNESS}/activities?{times}"
    assert (await apis.get(pull, headers=headers)).status_code == 401
    answer = await apis.get(f"{pull}&token={PULL_TOKEN}", headers=headers)
    assert [row["summaryId"] for row in answer.json()] == ["EXAMPLE_12345"]
    late = pull.replace("86401", "86402")
    answer = await apis.get(f"{late}&token={PULL_TOKEN}", headers=headers)
    assert (answer.status_code, set(answer.json())) == (400, {"errorMessage"})
    left = await apis.delete(f"{WELLNESS}/user/registration", headers=headers)
    assert left.status_code == 204
    assert (await apis.get(f"{WELLNESS}/user/id", headers=headers)).status_code == 401
