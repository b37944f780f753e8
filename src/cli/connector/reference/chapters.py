"""What the reference holds, in the order in which an author needs it."""

from __future__ import annotations

from dataclasses import dataclass

ALL = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A group of types and functions."""

    title: str
    about: str
    modules: dict[str, tuple[str, ...] | None]
    """For each module its names; ``ALL`` = everything that is public."""


CHAPTERS = (
    Chapter(
        "Manifest",
        "The data of a connector. Everything here is checked when the service starts.",
        {
            "src.connectors.manifest": (
                "Manifest",
                "AuthMethod",
                "AuthKind",
                "KeyField",
                "NoFields",
                "ScopeRules",
                "Site",
                "Stream",
                "Deletions",
                "Checkpoint",
                "UpdatedSince",
                "ResourceType",
                "Capability",
            ),
            "src.connectors.grade": ALL,
            "src.connectors.homes": ALL,
            "src.connectors.site_addresses": ("site_origin",),
            "src.connectors.app_limits": ALL,
            "src.connectors.rest.pacing": ("BackgroundPace",),
        },
    ),
    Chapter(
        "OAuth",
        "What an `AuthMethod` of kind `oauth2` carries, and keys that are exchanged for tokens.",
        {
            "src.core.oauth.spec": ALL,
            "src.core.oauth.requests": ("OAuth2App",),
            "src.core.oauth.redeeming": (
                "Renewal",
                "Kept",
                "Redemption",
                "SchemeProof",
                "UserProof",
            ),
            "src.core.oauth.oauth1": ("OAuth1Keys",),
        },
    ),
    Chapter(
        "Verbs",
        "The bases that a connector derives from: they say what it can.",
        {"src.connectors.base": ALL, "src.models.connection": ("Account", "Option", "Selection")},
    ),
    Chapter("Queries", "What the verbs are asked.", {"src.models.query": ALL}),
    Chapter(
        "Unified models",
        "What the verbs answer. Ids match `[A-Za-z0-9._~:@-]{1,512}`; times are RFC 3339.",
        {
            "src.models.unified": (
                "Container",
                "Item",
                "Comment",
                "Person",
                "Resource",
                "Page",
                "State",
                "CommentState",
                "BodyFormat",
            )
        },
    ),
    Chapter(
        "REST client",
        "`self.rest`: signs, retries, pages and maps errors. Paths are templates.",
        {
            "src.connectors.rest.client": ("RestClient",),
            "src.connectors.rest.dialect": ("List", "Dialect", "Address"),
            "src.connectors.rest.decoding": ("Fragment", "decode"),
            "src.connectors.rest.errors": ("Verdict", "Refusal", "Classify"),
            "src.core.outbound": ("Response",),
            "src.models.rate_limit": ALL,
            "src.models.credential": ("Credential",),
            "src.connectors.rest.together": ALL,
            "src.connectors.rest.values": ALL,
            "src.connectors.rows": ALL,
        },
    ),
    Chapter(
        "Paginators",
        "How a provider pages, as a value in `List`.",
        {
            "src.connectors.rest.paginators": (
                "LinkHeader",
                "PageNumber",
                "Offset",
                "Cursor",
                "NextUrl",
                "ContentRange",
                "SinglePage",
                "Paginator",
                "PageRequest",
                "Answer",
                "chain",
                "fallback",
                "walk",
            ),
            "src.connectors.rest.windows": ALL,
        },
    ),
    Chapter(
        "TCP client",
        '`self.tcp`, for a manifest with `transport="tcp"`.',
        {"src.connectors.tcp": ("TcpClient", "Driver", "Access", "Tls", "checked_certificates")},
    ),
    Chapter(
        "Synchronizing",
        "Streams: `sync`, `fetch`, and the readers that do most of the work.",
        {
            "src.connectors.syncing": ALL,
            "src.connectors.overlap": ALL,
            "src.connectors.rest.ahead": ("Sheet", "Sheets", "read_ahead"),
            "src.connectors.rest.sheets": ("LinkedSheets",),
            "src.connectors.rest.keyset": ALL,
        },
    ),
    Chapter("Webhooks", "What a provider tells by itself.", {"src.connectors.webhooks": ALL}),
    Chapter("Tools", "Single actions, with a model of arguments.", {"src.connectors.tools": ALL}),
    Chapter(
        "Errors",
        "What a connector may raise, and what it means to the caller.",
        {"src.core.errors": ALL},
    ),
    Chapter(
        "Sandbox kit",
        "For the imitation of a provider; it imports nothing else of the service.",
        {
            "src.sandbox.kit.provider": ALL,
            "src.sandbox.kit.answers": ALL,
            "src.sandbox.kit.paging": ALL,
            "src.sandbox.kit.dialect": ALL,
            "src.sandbox.kit.store": ALL,
            "src.sandbox.kit.faults": ("Fault", "FaultKind"),
            "src.sandbox.kit.journal": ALL,
            "src.sandbox.kit.sites": ALL,
            "src.sandbox.kit.posting": ALL,
            "src.sandbox.kit.oauth.server": ("OAuthServer",),
            "src.sandbox.kit.oauth.spec": ALL,
        },
    ),
    Chapter(
        "Suite",
        "What a test class says of a connector; the checks follow from it.",
        {
            "src.testing.conformance": ("ConnectorConformance",),
            "src.testing.syncing": ("SyncConformance",),
            "src.testing.streams": ("StreamSample", "Hand"),
            "src.testing.bench": ("Bench", "open_bench"),
        },
    ),
)
