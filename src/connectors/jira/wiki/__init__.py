"""Jira's wiki markup, in which a data center keeps its texts, as Markdown.

Source: the "Text Formatting Notation Help" of every Jira. Whatever is not known stays as it is.
"""

from src.connectors.jira.wiki.blocks import to_markdown

__all__ = ["to_markdown"]
