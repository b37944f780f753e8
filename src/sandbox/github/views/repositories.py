"""Repositories as GitHub shows them."""

from typing import TYPE_CHECKING, Any

from src.sandbox.github.views.accounts import WEB, node_id, simple_account, simple_organization

if TYPE_CHECKING:
    from src.sandbox.github.records import Repository
    from src.sandbox.github.tokens import Viewer

_TEMPLATES = {
    "assignees": "{/user}",
    "blobs": "{/sha}",
    "branches": "{/branch}",
    "collaborators": "{/collaborator}",
    "comments": "{/number}",
    "commits": "{/sha}",
    "compare": "{base}...{head}",
    "contents": "{+path}",
    "contributors": "",
    "events": "",
    "forks": "",
    "hooks": "",
    "issues": "{/number}",
    "keys": "{/key_id}",
    "labels": "{/name}",
    "languages": "",
    "merges": "",
    "milestones": "{/number}",
    "pulls": "{/number}",
    "releases": "{/id}",
    "stargazers": "",
    "subscribers": "",
    "tags": "",
    "teams": "",
}


def repository(api: str, repo: "Repository", viewer: "Viewer") -> dict[str, Any]:
    """Show a repository the way lists do."""
    url = f"{api}/repos/{repo.full_name}"
    web = f"{WEB}/{repo.full_name}"
    links = {f"{name}_url": f"{url}/{name}{rest}" for name, rest in _TEMPLATES.items()}
    return {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": simple_account(api, repo.owner),
        "html_url": web,
        "description": repo.description,
        "fork": repo.fork,
        "url": url,
        **links,
        "created_at": repo.created_at,
        "updated_at": repo.updated_at,
        "pushed_at": repo.pushed_at,
        "git_url": f"git://github.com/{repo.full_name}.git",
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "homepage": None,
        "size": repo.size,
        "stargazers_count": repo.stars,
        "watchers_count": repo.stars,
        "language": repo.language,
        "has_issues": repo.has_issues,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": repo.archived,
        "disabled": False,
        "open_issues_count": repo.open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": list(repo.topics),
        "visibility": "private" if repo.private else "public",
        "forks": 0,
        "open_issues": repo.open_issues,
        "watchers": repo.stars,
        "default_branch": "main",
        "permissions": _permissions(repo, viewer),
    }


def full_repository(api: str, repo: "Repository", viewer: "Viewer") -> dict[str, Any]:
    """Show one repository."""
    shown = {
        **repository(api, repo, viewer),
        "network_count": 0,
        "subscribers_count": repo.stars // 10,
        "temp_clone_token": None,
    }
    if repo.owner.type == "Organization":
        shown["organization"] = simple_organization(api, repo.owner)
    return shown


def _permissions(repo: "Repository", viewer: "Viewer") -> dict[str, bool]:
    relation = viewer.relation(repo)
    owns = relation == "owner"
    writes = relation is not None
    return {"admin": owns, "maintain": owns, "push": writes, "triage": writes, "pull": True}
