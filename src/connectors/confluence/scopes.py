"""What Confluence asks for: granular scopes for its API v2, classic ones for v1.

A token needs scopes of both families, because v2 has neither search nor the caller's own account.
"""

from __future__ import annotations

OFFLINE = "offline_access"
ME = "read:confluence-user"
SEARCH = "search:confluence"
SPACES = "read:space:confluence"
PAGES = "read:page:confluence"
TREE = "read:hierarchical-content:confluence"
ANCESTORS = "read:content.metadata:confluence"
FOLDERS = "read:folder:confluence"
WHITEBOARDS = "read:whiteboard:confluence"
DATABASES = "read:database:confluence"
EMBEDS = "read:embed:confluence"
COMMENTS = "read:comment:confluence"
USERS = "read:user:confluence"
WRITE_PAGES = "write:page:confluence"
WRITE_COMMENTS = "write:comment:confluence"

READ = (
    ME,
    SEARCH,
    SPACES,
    PAGES,
    TREE,
    ANCESTORS,
    FOLDERS,
    WHITEBOARDS,
    DATABASES,
    EMBEDS,
    COMMENTS,
    USERS,
)
