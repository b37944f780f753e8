"""``audit``: is the audit log as it was written?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from src.cli.operator import AsJson, Exit, Operator, operate, require_tenant_id, say, show_json
from src.core.errors import StartError
from src.models.audit import AuditAnchor
from src.models.base import rfc3339
from src.services.maintenance.audit_check import AuditCheck, Verdict, heads_of
from src.services.maintenance.tenants import Tenants

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The audit log."""


@app.command()
def verify(
    *,
    tenant: Annotated[
        str | None, typer.Option(help="Only this tenant.", callback=require_tenant_id)
    ] = None,
    heads: Annotated[
        Path | None, typer.Option(help="An earlier answer of --json, kept outside the database.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry, block and link, and say exactly what is wrong."""

    async def work(operator: Operator) -> Exit:
        kept = _read_heads(heads)
        await operator.require_root()
        check = AuditCheck(operator.mongo.database, operator.encryption)
        erased = await Tenants(operator.mongo.database).erased()
        names = sorted({*await check.tenants(), *kept} - erased.keys() | set(await check.tenants()))
        verdicts = [
            await check.check(name, kept.get(name) if name not in erased else None)
            for name in ([tenant] if tenant is not None else names)
        ]
        if as_json:
            gone = {name: rfc3339(at) for name, at in erased.items() if name in kept}
            sound = all(verdict.sound for verdict in verdicts)
            facts = [_facts(verdict) for verdict in verdicts]
            show_json({"sound": sound, "tenants": facts, "erased": gone})
        else:
            for verdict in verdicts:
                _show(verdict)
            for name in sorted(kept.keys() & erased.keys()):
                say(f"{name}: erased at {rfc3339(erased[name])}")
            if not verdicts:
                say("There are no audit entries.")
        return Exit.FINE if all(verdict.sound for verdict in verdicts) else Exit.FAULTS

    operate(work, as_json=as_json)


def _read_heads(path: Path | None) -> Mapping[str, AuditAnchor]:
    if path is None:
        return {}
    try:
        return heads_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"{path} is no answer of `audit verify --json`: {error}.") from error


def _facts(verdict: Verdict) -> dict[str, Any]:
    head = verdict.head and {"number": verdict.head.number, "hash": verdict.head.hash.hex()}
    return {
        "tenantId": verdict.tenant_id,
        "sound": verdict.sound,
        "entries": verdict.entries,
        "unsealed": verdict.unsealed,
        "blocks": verdict.blocks,
        "droppedBlocks": verdict.dropped,
        "head": head,
        "findings": [asdict(finding) for finding in verdict.findings],
    }


def _show(verdict: Verdict) -> None:
    state = "sound" if verdict.sound else f"{len(verdict.findings)} findings"
    say(
        f"{verdict.tenant_id}: {state} ({verdict.entries} entries, {verdict.blocks} blocks, "
        f"{verdict.unsealed} entries not sealed yet)",
        style="green" if verdict.sound else "bold red",
    )
    for finding in verdict.findings:
        say(f"  {finding.fault.value}  {finding.where}: {finding.text}")
