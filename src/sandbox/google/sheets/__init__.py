"""The imitation Sheets."""
