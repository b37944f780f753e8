"""Refresh tokens: kept, rotated at once, or rotated with a window for a lost answer."""

import asyncio
from typing import Any

from tests.sandbox.kit.oauth.conftest import OTHER, Imitate, Imitation, refusal


async def refresh_token(imitation: Imitation) -> str:
    token: str = (await imitation.tokens())["refresh_token"]
    return token


async def renewed(imitation: Imitation, token: str) -> dict[str, Any]:
    answer = await imitation.refresh(token)
    assert answer.is_success, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def test_a_rotated_token_is_dead_at_once(imitation: Imitation) -> None:
    old = await refresh_token(imitation)
    tokens = await renewed(imitation, old)
    assert tokens["refresh_token"] != old
    assert await imitation.is_good(tokens["access_token"])
    assert refusal(await imitation.refresh(old)) == (400, "invalid_grant")
    assert await renewed(imitation, tokens["refresh_token"])


async def test_of_many_at_once_one_succeeds(imitate: Imitate) -> None:
    workers = [imitate() for _ in range(4)]
    old = await refresh_token(workers[0])
    answers = await asyncio.gather(*(worker.refresh(old) for worker in workers * 4))
    assert sum(answer.is_success for answer in answers) == 1


async def test_inside_the_window_the_old_one_gives_a_fresh_pair(imitation: Imitation) -> None:
    await imitation.change(reuse_window=600)
    old = await refresh_token(imitation)
    first = await renewed(imitation, old)
    await imitation.ahead(600)
    second = await renewed(imitation, old)
    assert first["refresh_token"] != second["refresh_token"]
    for tokens in (first, second):
        assert await renewed(imitation, tokens["refresh_token"])


async def test_outside_the_window_the_old_one_is_dead(imitation: Imitation) -> None:
    await imitation.change(reuse_window=600)
    old = await refresh_token(imitation)
    await renewed(imitation, old)
    await imitation.ahead(300)
    await renewed(imitation, old)
    # The window counts from the first use.
    await imitation.ahead(601)
    assert refusal(await imitation.refresh(old)) == (400, "invalid_grant")


async def test_many_at_once_inside_the_window_all_succeed(imitate: Imitate) -> None:
    workers = [imitate() for _ in range(4)]
    await workers[0].change(reuse_window=600)
    old = await refresh_token(workers[0])
    answers = await asyncio.gather(*(worker.refresh(old) for worker in workers * 4))
    assert all(answer.is_success for answer in answers)


async def test_without_rotation_the_token_stays_and_is_not_repeated(imitation: Imitation) -> None:
    await imitation.change(rotates=False)
    token = await refresh_token(imitation)
    for _ in range(3):
        tokens = await renewed(imitation, token)
        assert "refresh_token" not in tokens
        assert await imitation.is_good(tokens["access_token"])


async def test_a_refresh_token_expires(imitation: Imitation) -> None:
    token = await refresh_token(imitation)
    await imitation.ahead(86_400)
    assert refusal(await imitation.refresh(token)) == (400, "invalid_grant")


async def test_a_refresh_gives_the_refresh_token_a_new_life(imitation: Imitation) -> None:
    token = await refresh_token(imitation)
    await imitation.ahead(86_000)
    token = (await renewed(imitation, token))["refresh_token"]
    await imitation.ahead(172_000)
    assert await renewed(imitation, token)


async def test_a_refresh_token_of_another_app(imitation: Imitation) -> None:
    token = await refresh_token(imitation)
    assert refusal(await imitation.refresh(token, app=OTHER)) == (400, "invalid_grant")
    assert await renewed(imitation, token)


async def test_what_is_no_refresh_token(imitation: Imitation) -> None:
    tokens = await imitation.tokens()
    for text in ("nonsense", tokens["access_token"]):
        assert refusal(await imitation.refresh(text)) == (400, "invalid_grant")


async def test_the_old_access_token_lives_on_unless_it_is_replaced(imitate: Imitate) -> None:
    for replaces in (False, True):
        imitation = imitate(replaces_access_token=replaces)
        tokens = await imitation.tokens()
        await renewed(imitation, tokens["refresh_token"])
        assert await imitation.is_good(tokens["access_token"]) is not replaces
