"""The people and organisations of the seed."""

from src.sandbox.github.records import Account

OCTOCAT = Account(
    1, "octocat", "monalisa octocat", email="octocat@github.com", bio="There once was…"
)
HUBOT = Account(2, "hubot", "Hubot", email="hubot@example.com")
MONA = Account(3, "mona-lisa", "Mona Lisa 🎨", email=None, bio="Paint & code")
JOSE = Account(4, "jose-garcia", "José García")
NADIA = Account(5, "nadia-k", "Надія Коваль")
YUKI = Account(6, "yuki", "ゆき")
OMAR = Account(7, "omar-h", "عمر حسن")
SAM = Account(8, "sam-lee", "Sam Lee")

OCTO_ORG = Account(
    9_001,
    "octo-org",
    "Octo Organization",
    "Organization",
    bio="Eight arms, one goal",
    members=frozenset({"octocat", "hubot", "mona-lisa"}),
)
TENTACLE_LABS = Account(
    9_002,
    "tentacle-labs",
    "Tentacle Labs",
    "Organization",
    members=frozenset({"octocat", "yuki"}),
)

PEOPLE = (OCTOCAT, HUBOT, MONA, JOSE, NADIA, YUKI, OMAR, SAM)
ORGANIZATIONS = (OCTO_ORG, TENTACLE_LABS)
