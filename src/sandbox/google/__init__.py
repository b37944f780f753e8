"""The imitation Google: Drive, Sheets, Gmail and Calendar behind one authorization server."""
