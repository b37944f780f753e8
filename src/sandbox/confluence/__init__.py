"""The imitation Confluence Cloud."""
