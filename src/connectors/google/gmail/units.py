"""What requests to Gmail cost a user, and how much of that is for background work.

Source: developers.google.com/workspace/gmail/api/reference/quota.
"""

from __future__ import annotations

from src.connectors.rest.pacing import BackgroundPace

_MAILBOX = "GET /gmail/v1/users/me"

BACKGROUND = BackgroundPace(
    # Of 6,000: a page of fifty threads, 2,010, finds room beside a run.
    units_per_minute=3_600,
    # The other products have limits of their own, which runs do not come near.
    cost=0,
    costs={
        f"{_MAILBOX}/profile": 1,
        f"{_MAILBOX}/labels": 1,
        f"{_MAILBOX}/history": 2,
        f"{_MAILBOX}/messages": 5,
        f"{_MAILBOX}/messages/{{message}}": 20,
        f"{_MAILBOX}/messages/{{message}}/attachments/{{attachment}}": 20,
        f"{_MAILBOX}/threads": 10,
        f"{_MAILBOX}/threads/{{thread}}": 40,
    },
)
