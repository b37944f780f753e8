"""What reaches a provider on behalf of a connection: its app, its credential, the call."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.foundation import Foundation
from src.db.flows import Grants
from src.db.platform import AppPoints, DueRefreshes
from src.services.aftermath import Aftermath
from src.services.app_budgets import AppBudgets
from src.services.apps import OAuthApps
from src.services.calls import Calls
from src.services.connection_news import ConnectionNews
from src.services.connections import Connections
from src.services.credentials import Credentials
from src.services.giving_back import GivingBack
from src.services.keep_alive import KeepAlive
from src.services.provider_addresses import platform_oauth
from src.services.refreshes import Refreshes
from src.services.renewal import Renewer
from src.services.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What uses connections, and keeps their credentials alive."""

    connections: Connections
    apps: OAuthApps
    credentials: Credentials
    giving_back: GivingBack
    refreshes: Refreshes
    keep_alive: KeepAlive
    budgets: AppBudgets
    calls: Calls
    tokens: Tokens


def build_access(base: Foundation, news: ConnectionNews) -> Access:
    """Build it; ``news`` tells tenants how their connections fare."""
    settings, store, audit = base.settings, base.store, base.audit
    credentials = Credentials(base.encryption)
    connections = Connections(store.scope_of, base.manager, base.encryption, audit)
    apps = OAuthApps(
        store.scope_of,
        base.manager,
        base.encryption,
        outbound=base.outbound,
        platform=platform_oauth(settings, base.registry),
        deadline=settings.provider_timeout_seconds,
    )
    giving_back = GivingBack(Grants(store.database))
    renewer = Renewer(
        store.scope_of,
        credentials,
        apps,
        audit,
        giving_back,
        news,
        count=base.metrics.count_refresh,
    )
    refreshes = Refreshes(credentials, renewer)
    budgets = AppBudgets(base.registry, AppPoints(store.database))
    aftermath = Aftermath(store.scope_of, audit, news)
    calls = Calls(store.scope_of, base.manager, connections, refreshes, budgets, aftermath)
    return Access(
        connections=connections,
        apps=apps,
        credentials=credentials,
        giving_back=giving_back,
        refreshes=refreshes,
        keep_alive=KeepAlive(
            DueRefreshes(store.database),
            store.leases,
            store.scope_of,
            refreshes,
            budgets,
            per_minute=settings.keep_alive_per_minute,
        ),
        budgets=budgets,
        calls=calls,
        tokens=Tokens(store.scope_of, connections, calls, credentials, refreshes, audit),
    )
