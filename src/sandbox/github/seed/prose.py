"""Titles and bodies as people write them, with the characters that break careless programs."""

from random import Random

_VERBS = ("Fix", "Add", "Remove", "Rework", "Document", "Speed up", "Investigate", "Retry")
_THINGS = (
    "the login page",
    "the rate limiter",
    "pagination of search results",
    "the dark theme",
    "CSV export",
    "the webhook signature check",
    "memory use of the importer",
    "time zones in reports",
    "the onboarding mail",
    "keyboard navigation",
)
_WHEN = ("on Windows", "for new users", "after an upgrade", "behind a proxy", "in Safari", "again")
_ODD_TITLES = (
    "🚀 Launch checklist — v2.0 “final” (really)",
    "الواجهة لا تعمل من اليمين إلى اليسار",
    "日本語のタイトルが文字化けする",
    'Quotes "inside" a title & <b>markup</b>',
)
_SENTENCES = (
    "I see this every time I open the page.",
    "It worked in the last release.",
    "Steps to reproduce are below.",
    "Could someone with access have a look?",
    "I think the cache is not invalidated.",
    "Happy to send a pull request.",
    "The log shows nothing unusual.",
    "cc @octocat @hubot",
)
_REMARKS = (
    "Same here.",
    "👍",
    "Thanks for the report! Which version is this?",
    "Fixed on `main`, will be in the next release.",
    "> It worked in the last release.\n\nNot for me.",
    "Ça marche maintenant, merci 🙏",
    "שלום, זה עדיין קורה אצלי",
    "Duplicate of #3, or at least related.",
    "```python\nraise ValueError('nope')\n```",
    "Line one\r\nLine two\r\n",
)
_MARKDOWN = (
    "## What happens\n\nThe importer stops after a while, see the table.\n\n"
    "| step | result |\n|------|--------|\n| open | ok |\n| import | **fails** |\n\n"
    "- [x] searched existing issues\n- [ ] wrote a test\n\n"
    '```\nTraceback (most recent call last):\n  File "import.py", line 42\n```\n\n'
)
_LONG = 5_000


def title(random: Random, number: int) -> str:
    """Return a title; every forty-first is an odd one."""
    if number % 41 == 0:
        return _ODD_TITLES[number // 41 % len(_ODD_TITLES)]
    parts = (random.choice(_VERBS), random.choice(_THINGS), random.choice(_WHEN))
    return " ".join(parts)


def body(random: Random, number: int) -> str | None:
    """Return a body; null, empty, long, CRLF, right-to-left and emoji come round in turn."""
    special = {
        1: None,
        2: "",
        3: (_MARKDOWN * (_LONG // len(_MARKDOWN) + 1))[:_LONG],
        4: "First line\r\n\r\nSecond line, from a Windows browser\r\n",
        5: "هذا النص من اليمين إلى اليسار، ثم English, ثم 🎉👩‍👩‍👧‍👦",
        6: "<script>alert(1)</script> & “quotes” \\ backslash \t tab \u2028 separator",
    }
    kind = number % 13
    if kind in special:
        return special[kind]
    return "\n\n".join(random.sample(_SENTENCES, 1 + number % 4))


def remark(random: Random) -> str:
    """Return a comment."""
    return random.choice(_REMARKS)
