"""A toolkit to build an imitation provider whose faults can be switched on from outside."""

from src.sandbox.kit.answers import capture, json_answer, replace_body
from src.sandbox.kit.deliveries import Deliveries, build_imitation
from src.sandbox.kit.dialect import Dialect, PlainDialect, Refused
from src.sandbox.kit.faults import Fault, FaultBook, FaultKind
from src.sandbox.kit.journal import RequestJournal
from src.sandbox.kit.paging import (
    Window,
    base_url,
    link_header,
    paginate,
    provider_path,
    read_window,
)
from src.sandbox.kit.provider import Provider, build_app
from src.sandbox.kit.sites import at_sites, site_of
from src.sandbox.kit.store import Document, MemoryStore, SandboxStore
from src.sandbox.kit.strikes import ConnectionCut, hang_up_on_cut

__all__ = [
    "ConnectionCut",
    "Deliveries",
    "Dialect",
    "Document",
    "Fault",
    "FaultBook",
    "FaultKind",
    "MemoryStore",
    "PlainDialect",
    "Provider",
    "Refused",
    "RequestJournal",
    "SandboxStore",
    "Window",
    "at_sites",
    "base_url",
    "build_app",
    "build_imitation",
    "capture",
    "hang_up_on_cut",
    "json_answer",
    "link_header",
    "paginate",
    "provider_path",
    "read_window",
    "replace_body",
    "site_of",
]
