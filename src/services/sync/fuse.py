"""When a run would delete so much that somebody is asked first."""

FUSE_RECORDS = 50
FUSE_SHARE = 0.2


def blows(gone: int, live: int) -> bool:
    """Whether so many deletions are too many of so many live records."""
    return gone > max(FUSE_RECORDS, FUSE_SHARE * live)
