"""What is read and done at a provider while the caller waits."""

from __future__ import annotations

from dataclasses import dataclass

from src.bootstrap.access import Access
from src.bootstrap.foundation import Foundation
from src.services.browse import Browse
from src.services.catalogue import Catalogue
from src.services.stored_items import StoredItems
from src.services.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsing:
    """What there is, what it shows, what it can do."""

    catalogue: Catalogue
    browse: Browse
    tools: Tools


def build_browsing(base: Foundation, access: Access) -> Browsing:
    """Build it."""
    scope_of = base.store.scope_of
    return Browsing(
        catalogue=Catalogue(scope_of, base.manager, base.encryption, access.apps, base.audit),
        browse=Browse(access.calls, base.cursors, StoredItems(scope_of)),
        tools=Tools(base.manager, access.calls, base.cursors, base.audit),
    )
