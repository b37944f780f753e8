"""The query language of "Searching issues and pull requests", as far as connectors use it."""
