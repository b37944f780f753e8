"""The imitation GitHub: an ASGI app that answers like `api.github.com`, from a fixed seed.

Known tokens, sent as `Bearer` or `token`:

- `ghp_sandbox_octocat`: classic, user octocat, scopes `read:org, repo, user`
- `ghp_sandbox_hubot`: classic, user hubot, the same scopes
- `ghp_sandbox_noscope`: classic, user octocat, no scope: sees only what is public
- `ghp_sandbox_workflow`: as the first, with the scope `workflow`
- `github_pat_sandbox_octocat`: fine-grained, user octocat: no `X-OAuth-Scopes` header at all
- `github_pat_sandbox_reader`: the same, and may only read
- `ghu_sandbox_octocat`: of a GitHub App, user octocat: reaches where the app is installed

The API is below `/api/v3` too, as an enterprise server has it.
`POST /_sandbox/written` takes an event of `writings.py` and lets it happen.
Webhooks of repositories are told of what is written.
Others are given out by the authorization server at `/login/oauth/`; its apps are in `oauth.py`.
"""

import time
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.routing import Route

from src.sandbox.github.budget import Budget, Clock
from src.sandbox.github.enterprise import with_enterprise
from src.sandbox.github.errors import GitHubDialect
from src.sandbox.github.gate import Gate
from src.sandbox.github.hooks import Hooks
from src.sandbox.github.oauth import SPEC, application_routes
from src.sandbox.github.routes.accounts import account_routes
from src.sandbox.github.routes.comments import COMMENT_PATHS, COMMENT_WRITES
from src.sandbox.github.routes.contents import CONTENT_PATHS, CONTENT_WRITES
from src.sandbox.github.routes.git import GIT_PATHS
from src.sandbox.github.routes.hooks import HOOK_PATHS, HOOK_WRITES
from src.sandbox.github.routes.installations import INSTALLATION_ROUTES
from src.sandbox.github.routes.issues import ACCOUNT_ISSUE_ROUTES, ISSUE_PATHS
from src.sandbox.github.routes.pulls import PULL_PATHS
from src.sandbox.github.routes.repositories import REPOSITORY_ROUTES
from src.sandbox.github.routes.search import SEARCH_ROUTES
from src.sandbox.github.routes.writes import ISSUE_WRITES
from src.sandbox.github.tokens import Viewers
from src.sandbox.github.writings import Writings, written_controls
from src.sandbox.kit import Provider, build_app
from src.sandbox.kit.oauth import OAuthServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

_ID = "github"
_PREFIXES = ("/repos/{owner}/{repo}", "/repositories/{id}")
_REPOSITORY_PATHS = (
    *COMMENT_PATHS,
    *ISSUE_PATHS,
    *PULL_PATHS,
    *GIT_PATHS,
    *CONTENT_PATHS,
    *HOOK_PATHS,
)
_REPOSITORY_WRITES = (*ISSUE_WRITES, *COMMENT_WRITES, *CONTENT_WRITES, *HOOK_WRITES)


def create_app(
    store: "SandboxStore",
    *,
    limit: int = 5_000,
    search_limit: int = 30,
    content_limit: int = 80,
    clock: Clock = time.time,
    post: "Post | None" = None,
) -> "ASGIApp":
    """Return the imitation; limits are a token's: per hour, of searches and writes per minute.

    Whoever runs it hands in `post`, which sends what webhooks tell.
    """
    budget = Budget(store, clock, limit, search_limit, content_limit)
    oauth = OAuthServer(store, _ID, SPEC, clock)
    hooks = Hooks(store, post)
    writings = Writings(store, hooks.tell)
    below = [
        Route(prefix + path, endpoint)
        for path, endpoint in _REPOSITORY_PATHS
        for prefix in _PREFIXES
    ]
    writes = [
        Route(prefix + path, endpoint, methods=[method])
        for path, endpoint, method in _REPOSITORY_WRITES
        for prefix in _PREFIXES
    ]
    provider = Provider(
        _ID,
        (
            *oauth.routes,
            *application_routes(oauth),
            *account_routes(budget),
            *REPOSITORY_ROUTES,
            *ACCOUNT_ISSUE_ROUTES,
            *SEARCH_ROUTES,
            *INSTALLATION_ROUTES,
            *writes,
            *below,
        ),
        GitHubDialect(clock),
        (Middleware(Gate, budget=budget, viewers=Viewers(oauth), writings=writings, hooks=hooks),),
        (*oauth.controls, *written_controls(writings)),
    )
    return with_enterprise(build_app(provider, store))
