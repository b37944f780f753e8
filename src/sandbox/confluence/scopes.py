"""Which scopes an address needs: granular ones for API v2, classic ones for v1."""

SCOPES = {
    "read:confluence-user": "see who you are",
    "search:confluence": "search",
    "read:space:confluence": "see spaces",
    "read:page:confluence": "see pages and blog posts",
    "read:hierarchical-content:confluence": "see the tree",
    "read:content.metadata:confluence": "see what a page lies below",
    "read:folder:confluence": "see folders",
    "read:whiteboard:confluence": "see whiteboards",
    "read:database:confluence": "see databases",
    "read:embed:confluence": "see embeds",
    "read:comment:confluence": "see comments",
    "read:user:confluence": "see names of people",
    "write:page:confluence": "write pages",
    "write:comment:confluence": "write comments",
}

_V2 = "/wiki/api/v2/"
_V1 = "/wiki/rest/api/"
_BY_COLLECTION = {
    "spaces": "read:space:confluence",
    "pages": "read:page:confluence",
    "blogposts": "read:page:confluence",
    "folders": "read:folder:confluence",
    "whiteboards": "read:whiteboard:confluence",
    "databases": "read:database:confluence",
    "embeds": "read:embed:confluence",
    "footer-comments": "read:comment:confluence",
    "inline-comments": "read:comment:confluence",
    "users-bulk": "read:user:confluence",
}
_BY_END = {
    "pages": "read:page:confluence",
    "blogposts": "read:page:confluence",
    "direct-children": "read:hierarchical-content:confluence",
    "ancestors": "read:content.metadata:confluence",
    "footer-comments": "read:comment:confluence",
    "inline-comments": "read:comment:confluence",
}
_THIRD = 2


def needed(method: str, path: str) -> tuple[str, ...]:
    """Return the scope of an address; none for one that nobody knows."""
    if path.startswith(_V1):
        user = path.startswith(f"{_V1}user/")
        return ("read:confluence-user",) if user else ("search:confluence",)
    parts = path.removeprefix(_V2).split("/")
    if method in {"PUT", "POST", "DELETE"} and parts[0] != "users-bulk":
        comment = parts[0].endswith("-comments")
        return ("write:comment:confluence",) if comment else ("write:page:confluence",)
    if len(parts) > _THIRD and parts[_THIRD] in _BY_END:
        return (_BY_END[parts[_THIRD]],)
    scope = _BY_COLLECTION.get(parts[0])
    return (scope,) if scope else ()
