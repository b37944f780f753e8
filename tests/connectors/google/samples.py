"""Arguments of the tools that the imitation takes, and where its pickers look into."""

from typing import Any

PLAIN_MAIL = "19bc0000000001f3"
"""The newest mail of Ann's, just text."""

MAIL_TOOLS = {
    "gmail_send_email": {"to": ["ben@example.com"], "subject": "Hello", "body": "Dear Ben"},
    "gmail_read_email": {"message": PLAIN_MAIL},
    "gmail_search": {"query": "subject:invoice", "limit": 5},
    "gmail_modify_labels": {"id": PLAIN_MAIL, "mark_as": "read", "archive": True},
}
CALENDAR_TOOLS = {
    "calendar_create_event": {"title": "Lunch", "start": "2026-02-03T12:00:00+01:00"},
}
MAIL_PARENTS = {"gmail_label": "gmail:label:Label_1"}

BUDGET = "drive:file:1BudgetSpreadsheet0000000000"
ROOT = "drive:folder:0AAnnRootFolder0000PVA"

DRIVE_TOOLS: dict[str, dict[str, Any]] = {
    "drive_create_file": {"name": "made.md", "content": "# Made", "mime_type": "text/markdown"},
    "drive_search": {"query": "road"},
}
SHEETS_TOOLS: dict[str, dict[str, Any]] = {
    "sheets_read_range": {"spreadsheet": BUDGET, "range": "A1:B2"},
    "sheets_append_rows": {"spreadsheet": BUDGET, "rows": [["Bell", 4]]},
}
DRIVE_PARENTS = {
    "google_drive_folder": "drive:folder:1NestedFolder000000000000000",
    "google_drive_file": ROOT,
    "google_sheets": ROOT,
}
