"""docs/connector-reference.md: what connector authors may use, written from the code."""
