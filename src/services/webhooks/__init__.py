"""Webhooks of providers: set up, received, carried out, renewed and ended."""
