"""Strava's scopes. Source: developers.strava.com/docs/authentication."""

from __future__ import annotations

from src.connectors.manifest import ScopeRules

READ = "read"
READ_ALL = "read_all"
PROFILE = "profile:read_all"
ACTIVITIES = "activity:read"
ALL_ACTIVITIES = "activity:read_all"

SCOPES = ScopeRules(
    default=(READ, READ_ALL, PROFILE, ALL_ACTIVITIES),
    always=(READ,),
    optional=("activity:write", "profile:write"),
    by_capability={
        "containers": (READ,),
        "items": (ACTIVITIES,),
        "comments": (ACTIVITIES,),
        "resources": (PROFILE,),
    },
    implied={READ_ALL: (READ,), ALL_ACTIVITIES: (ACTIVITIES,)},
)
