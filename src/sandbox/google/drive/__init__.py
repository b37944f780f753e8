"""The imitation Drive."""
