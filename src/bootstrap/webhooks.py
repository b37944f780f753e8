"""What providers tell us of: webhooks in."""

from __future__ import annotations

from src.bootstrap.access import Access
from src.bootstrap.foundation import Foundation
from src.services.webhooks.parts import ProviderWebhooks, Surroundings


def build_webhooks(base: Foundation, access: Access) -> ProviderWebhooks:
    """Build them."""
    return ProviderWebhooks(
        Surroundings(
            settings=base.settings,
            database=base.store.database,
            scope_of=base.store.scope_of,
            cache=base.store.cache,
            encryption=base.encryption,
            manager=base.manager,
            apps=access.apps,
            calls=access.calls,
            audit=base.audit,
            queue=base.queue,
        )
    )
