"""Jira's query language, as far as connectors use it and attackers try."""
