"""The token address as an enemy: outages, lost answers, rotation, and clocks that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.connectors.manifest import AuthMethod
from src.core.oauth import (
    ClientRefused,
    GrantDead,
    LateReply,
    LostReply,
    OAuthError,
    ProviderOutage,
)
from src.testing.bench import expect, refuse
from src.testing.hostile.authorizing import Authorization, authorize
from src.testing.hostile.report import NO_FAULT
from src.testing.hostile.trials import Ledger
from src.testing.wires import Wires

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_HOUR = 3_600
_NOT_TRIED = "nothing could be tried: the sandbox gives no grant, as lasting-grants says"
_NEAR = 120.0
"""Ends of tokens are compared to the two minutes."""
_SHORT = 0.05
_OUTAGES: dict[str, dict[str, Any]] = {
    "429 storm": {"kind": "rate_limited", "retry_after": 30},
    "503": {"kind": "server_error", "status": 503},
    "HTML with 502": {"kind": "html_error", "status": 502},
    "HTML with 403": {"kind": "html_error", "status": 403},
    "not JSON": {"kind": "not_json"},
    "another type": {"kind": "wrong_type"},
    "huge": {"kind": "huge", "size": 2**18},
    "redirect outside": {"kind": "redirect_outside"},
    "slow token address": {"kind": "slow", "delay": 30},
}
"""None of these does what was asked for, so the same refresh token is good afterwards."""


async def check_oauth(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every OAuth method of the manifest, over the authorization server of the sandbox."""
    manifest = suite().open_bench().loaded.manifest
    for method in manifest.auth_methods:
        if method.oauth2 is not None:
            await _check_method(suite, method, ledger)


async def _check_method(
    suite: type[ConnectorConformance], method: AuthMethod, ledger: Ledger
) -> None:
    found: list[Authorization] = []
    async with ledger.trial("lasting-grants", NO_FAULT, method.id):
        found.append(await authorize(suite().open_bench(), method))
    if not found:
        for rule in ("lost-tokens", "honest-clocks"):
            ledger.fail(rule, NO_FAULT, method.id, _NOT_TRIED)
        return
    (at,) = found
    if at.grant.refresh_token is None:
        why = f"Tokens by {method.id} are not refreshed."
        for rule in ("lasting-grants", "lost-tokens", "honest-clocks"):
            ledger.excuse(rule, "any", method.id, why)
        return
    await _check_outages(at, ledger)
    await _check_clocks(at, ledger)
    async with ledger.trial("lost-tokens", "rotation", method.id):
        await _check_rotation(at)
    for scenario, fault in (
        ("lost reply", {"kind": "lost_reply"}),
        ("late reply", None),
        ("half of the JSON", {"kind": "truncated_json"}),
    ):
        for window in (False, True):
            name = f"{scenario}, reuse window" if window else scenario
            async with ledger.trial("lost-tokens", name, method.id):
                await _check_lost(await authorize(suite().open_bench(), method), fault, window)
    async with ledger.trial("lasting-grants", "grant ended by its user", method.id):
        await _check_end(at)


async def _check_outages(at: Authorization, ledger: Ledger) -> None:
    for scenario, fault in _OUTAGES.items():
        async with ledger.trial("lasting-grants", scenario, at.method.id):
            # An answer that takes its time is waited for no longer than it must be.
            deadline = _SHORT if fault["kind"] == "slow" else None
            error = await _struck(at, fault, ledger, scenario, deadline)
            expect(
                isinstance(error, ProviderOutage),
                f"a refresh became {error!r}: it must be an outage, or the connection is lost"
                " although its grant lives",
            )
            await at.renew()


async def _check_clocks(at: Authorization, ledger: Ledger) -> None:
    if at.life is None:
        ledger.excuse("honest-clocks", "any", at.method.id, "No end of its tokens is told.")
        return
    right = at.life
    for scenario, skew in (("an hour ahead", _HOUR), ("an hour behind", -_HOUR)):
        async with ledger.trial("honest-clocks", f"clock {scenario}", at.method.id):
            await _switch(at.wires, {"kind": "clock_skew", "skew": skew}, at.token_path)
            await at.renew()
            await _switch(at.wires, None, at.token_path)
            told = at.life or 0.0
            expect(
                abs(told - right) < _NEAR,
                f"tokens that live for {right:.0f} seconds seem to live for {told:.0f}",
            )


async def _check_rotation(at: Authorization) -> None:
    """The provider begins to rotate: each refresh token is good once, and the new one is kept."""
    await at.change_app(rotates=True, reuse_window=0)
    for number in (1, 2, 3):
        error = await _error_of(at)
        expect(
            error is None,
            f"refresh {number} became {error!r}: the refresh token is replaced each time, and the"
            " new one must be read from the answer",
        )


async def _check_lost(at: Authorization, fault: dict[str, Any] | None, window: bool) -> None:
    """The answer is lost, or too late (None); the service tries once more with what it has."""
    if window:
        await at.change_app(rotates=True, reuse_window=600)
    if fault is None:
        at.wires.is_late = lambda _: True
    else:
        await _switch(at.wires, {**fault, "times": 1}, at.token_path)
    lost = await _error_of(at)
    at.wires.is_late = lambda _: False
    expect(
        isinstance(lost, LostReply if fault else LateReply) and lost.may_have_happened,
        f"a refresh whose answer is lost became {lost!r}: nobody may take the old token for good",
    )
    again = await _error_of(at)
    if again is None:
        return
    spec = at.spec
    expect(
        isinstance(again, GrantDead),
        f"the refresh after a lost answer became {again!r}: it must say that the grant is dead",
    )
    expect(not window, "the provider still takes the replaced token, and it became a dead grant")
    expect(
        spec.rotates and not spec.reuse_window,
        "the provider no longer takes the replaced refresh token, which OAuth2Spec denies: say"
        " rotates=True, and no reuse_window",
    )


async def _check_end(at: Authorization) -> None:
    answer = await at.wires.control("DELETE", "/oauth/grants")
    expect(answer.is_success, "the sandbox cannot end grants: use src.sandbox.kit.oauth")
    error = await _error_of(at)
    expect(
        isinstance(error, GrantDead) and not isinstance(error, ClientRefused),
        f"a refresh of a grant that is over became {error!r}: without GrantDead nobody is asked to"
        " authorize again. Name the provider's word for it in OAuth2Spec.refusals",
    )


async def _struck(
    at: Authorization, fault: dict[str, Any], ledger: Ledger, scenario: str, deadline: float | None
) -> Exception | None:
    await _switch(at.wires, fault, at.token_path)
    _, error = await ledger.watched(
        at.bench, scenario, at.method.id, lambda: at.client(deadline).refresh(at.refresh_token)
    )
    await _switch(at.wires, None, at.token_path)
    return error


async def _error_of(at: Authorization) -> OAuthError | None:
    try:
        await at.renew()
    except OAuthError as error:
        return error
    return None


async def _switch(wires: Wires, fault: dict[str, Any] | None, path: str) -> None:
    answer = await wires.switch([] if fault is None else [{**fault, "path": path}])
    if not answer.is_success:
        refuse(f"the sandbox does not take the fault {fault}: {answer.text[:200]}")
