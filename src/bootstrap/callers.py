"""Who calls: keys, the host application's tokens, users, and what they use up."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.foundation import Foundation
from src.core.config import Settings
from src.core.outbound import Outbound
from src.db.platform import KeyDirectory
from src.db.usage_store import UsageStore
from src.services.api_keys import ApiKeys
from src.services.host_tokens import Claims, HostTokens, KeySource, SharedSecret
from src.services.idempotency import Idempotency
from src.services.key_ring import KeyRing
from src.services.key_sets import KeySetSource
from src.services.principals import Principals
from src.services.usage import Usage
from src.services.users import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """What knows callers."""

    principals: Principals
    host_tokens: HostTokens | None
    api_keys: ApiKeys
    users: Users
    usage: Usage
    idempotency: Idempotency


def build_callers(base: Foundation) -> Callers:
    """Build what knows callers."""
    settings, store = base.settings, base.store
    ring = KeyRing(KeyDirectory(store.database), base.encryption)
    api_keys = ApiKeys(store.scope_of, ring, base.audit)
    host_tokens = _host_tokens(settings, base.outbound)
    return Callers(
        principals=Principals(settings, store.scope_of, ring, host_tokens),
        host_tokens=host_tokens,
        api_keys=api_keys,
        users=Users(store.scope_of, api_keys, base.audit),
        usage=Usage(
            UsageStore(store.database),
            store.scope_of,
            per_minute=settings.rate_limit_per_minute,
            per_hour=settings.rate_limit_per_hour,
        ),
        idempotency=Idempotency(store.scope_of, base.encryption),
    )


def _host_tokens(settings: Settings, outbound: Outbound) -> HostTokens | None:
    """What reads the host application's tokens, if it has any."""
    if not settings.reads_jwt:
        return None
    by_set = bool(settings.jwt_jwks_url)
    source: KeySource = (
        KeySetSource(outbound, settings.jwt_jwks_url)
        if by_set
        else SharedSecret(settings.jwt_secret)
    )
    claims = Claims(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        tenant_claim=settings.jwt_tenant_claim,
        roles_claim=settings.jwt_roles_claim,
        role_permissions=settings.role_permissions,
        needs_key_id=by_set,
    )
    return HostTokens(source, claims)
