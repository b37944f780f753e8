"""Records as Jira shows them."""
