"""How a connection begins, is checked, chooses what it shows, and ends."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.access import Access
from src.bootstrap.foundation import Foundation
from src.db.flows import ConnectSessions, Grants, OAuthStates
from src.services.checks import Checks
from src.services.connect import Connect
from src.services.connection_news import ConnectionNews
from src.services.drafts import Drafts
from src.services.oauth.begin import OAuthBeginnings
from src.services.oauth.end import OAuthEndings
from src.services.oauth.states import FlowStates
from src.services.reauthorize import WayBack
from src.services.redemptions import Redemptions
from src.services.returns import ReturnAddresses
from src.services.revocation import Revocation
from src.services.selections import Selections
from src.services.sessions import Sessions
from src.services.settlement import Settlement
from src.services.webhooks.ending import Endings


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """The ways in, and the way out."""

    connect: Connect
    checks: Checks
    oauth_begin: OAuthBeginnings
    oauth_end: OAuthEndings
    states: FlowStates
    returns: ReturnAddresses
    way_back: WayBack
    sessions: Sessions
    selections: Selections
    revocation: Revocation


def build_connecting(
    base: Foundation, access: Access, news: ConnectionNews, webhooks: Endings
) -> Connecting:
    """Build it; ``webhooks`` ends what a connection has subscribed to."""
    settings, store, audit = base.settings, base.store, base.audit
    scope_of, manager = store.scope_of, base.manager
    apps, calls, connections = access.apps, access.calls, access.connections
    credentials, giving_back = access.credentials, access.giving_back
    settlement = Settlement(
        manager,
        credentials,
        Drafts(manager, base.encryption),
        audit,
        access.budgets,
        Redemptions(apps),
        news=news,
    )
    connect = Connect(scope_of, manager, calls, settlement, audit)
    returns = ReturnAddresses(
        settings.public_url, settings.api_prefix, settings.return_url_allowlist
    )
    states = FlowStates(OAuthStates(store.database), base.encryption)
    return Connecting(
        connect=connect,
        checks=Checks(scope_of, calls, connections, connect),
        oauth_begin=OAuthBeginnings(
            scope_of, manager, calls, apps=apps, states=states, returns=returns
        ),
        oauth_end=OAuthEndings(
            scope_of,
            manager,
            calls,
            apps=apps,
            credentials=credentials,
            settlement=settlement,
            giving_back=giving_back,
            states=states,
            audit=audit,
        ),
        states=states,
        returns=returns,
        way_back=WayBack(manager, returns),
        sessions=Sessions(
            ConnectSessions(store.database), base.encryption, manager, connections, returns
        ),
        selections=Selections(
            scope_of,
            manager,
            calls,
            connections,
            credentials=credentials,
            settlement=settlement,
            grants=Grants(store.database),
            audit=audit,
        ),
        revocation=Revocation(
            scope_of,
            connections,
            calls,
            apps=apps,
            credentials=credentials,
            giving_back=giving_back,
            states=states,
            webhooks=webhooks,
            audit=audit,
            news=news,
        ),
    )
