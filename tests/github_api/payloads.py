"""People, pull requests, comments and checks as GitHub's JSON.

What no test cares for comes from GitHub's own examples.
"""

import functools
import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from . import referee
from .state import CheckRun, Comment, Pull, State, sha_of

Json = dict[str, Any]
SITE = "https://github.com"
ACTIONS_APP = {"id": 15368, "slug": "github-actions", "name": "GitHub Actions"}
USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def seed(name: str, url: str, repository: str) -> Json:
    """GitHub's example of that name, moved to `url` and to `repository`."""
    moved: Json = json.loads(_moved_seed(name, url, repository))
    return moved


@functools.lru_cache(maxsize=64)
def _moved_seed(name: str, url: str, repository: str) -> str:
    text = re.sub(r"https?://api\.github\.com", url, referee.example(name))
    return re.sub(r"(octocat|github)/hello-world", repository, text, flags=re.IGNORECASE)


def number_of(name: str) -> int:
    """An id that is the same in every run."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:7], 16)


class Payloads:
    """Writes answers whose every address begins with `url`, as PyGithub insists."""

    def __init__(self, url: str, state: State) -> None:
        self._url = url
        self._state = state
        self.repository_url = f"{url}/repos/{state.repository}"
        self._page = f"{SITE}/{state.repository}"

    def user(self, login: str) -> Json:
        is_bot = login.endswith("[bot]")
        url = f"{self._url}/users/{quote(login)}"
        number = number_of(login)
        return {
            "login": login,
            "id": number,
            "node_id": f"U_{number}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{SITE}/apps/{login.removesuffix('[bot]')}" if is_bot else f"{SITE}/{login}",
            "type": "Bot" if is_bot else "User",
            "site_admin": False,
        } | {name: url + tail for name, tail in USER_LINKS.items()}

    def profile(self, login: str) -> Json:
        """What a personal token learns of its owner."""
        blank = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
        counts = {"public_repos": 1, "public_gists": 0, "followers": 0, "following": 0}
        times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        return self.user(login) | blank | counts | times

    def repository(self, name: str) -> Json:
        """A repository that is made from no template and is nobody's fork."""
        whole = seed("full-repository", self._url, name)
        for key in ("template_repository", "parent", "source", "organization"):
            whole.pop(key, None)
        return whole | self._repository_facts(name) | {"has_discussions": False}

    def pull(self, pull: Pull) -> Json:
        whole = seed("pull-request", self._url, self._state.repository)
        whole |= {"merged_by": None, "comments": len(self._state.comments_of(pull.number))}
        return whole | self._pull_facts(pull)

    def pull_summary(self, pull: Pull) -> Json:
        """The form in lists, without what only a single pull request tells."""
        known = referee.property_names("pull-request-simple")
        return {key: value for key, value in self.pull(pull).items() if key in known}

    def issue(self, pull: Pull) -> Json:
        facts = self._pull_facts(pull)
        shared = ("number", "title", "state", "user", "labels", "created_at", "updated_at", "html_url")
        url = f"{self.repository_url}/issues/{pull.number}"
        page = facts["html_url"]
        pull_links = {"url": facts["url"], "html_url": page, "diff_url": f"{page}.diff"}
        return (
            seed("issue", self._url, self._state.repository)
            | {key: facts[key] for key in shared}
            | {"url": url, "labels_url": f"{url}/labels{{/name}}", "repository_url": self.repository_url}
            | {"comments_url": f"{url}/comments", "events_url": f"{url}/events"}
            | {"pull_request": pull_links | {"patch_url": f"{page}.patch"}}
            | {"comments": len(self._state.comments_of(pull.number)), "closed_by": None, "milestone": None}
        )

    def comment(self, comment: Comment) -> Json:
        is_bot = bool(comment.author and comment.author.endswith("[bot]"))
        return seed("issue-comment", self._url, self._state.repository) | {
            "id": comment.id,
            "node_id": comment.node_id,
            "url": f"{self.repository_url}/issues/comments/{comment.id}",
            "html_url": comment.html_url,
            "issue_url": f"{self.repository_url}/issues/{comment.issue}",
            "body": comment.body,
            "user": self.user(comment.author) if comment.author else None,
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "author_association": "NONE" if is_bot else "CONTRIBUTOR",
            "performed_via_github_app": self._app() if is_bot else None,
            "minimized": {"reason": comment.minimized_reason} if comment.minimized else None,
        }

    def label(self, name: str) -> Json:
        url = f"{self.repository_url}/labels/{quote(name)}"
        fixed = {"description": "", "color": "ededed", "default": False}
        return {"id": number_of(name), "node_id": f"LA_{number_of(name)}", "url": url, "name": name} | fixed

    def check_run(self, run: CheckRun) -> Json:
        url = f"{self.repository_url}/check-runs/{run.id}"
        page = f"{self._page}/runs/{run.id}"
        kept = ("id", "name", "head_sha", "status", "conclusion", "started_at", "completed_at", "external_id")
        output = {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        }
        return {key: getattr(run, key) for key in kept} | {
            "node_id": f"CR_{run.id}",
            "url": url,
            "html_url": page,
            "details_url": run.details_url or page,
            "output": output,
            "check_suite": {"id": 1},
            "app": self._app(),
            "pull_requests": [self._mention(pull) for pull in self._state.pulls_at(run.head_sha)],
        }

    def annotation(self, run: CheckRun, annotation: Json) -> Json:
        blank = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
        return blank | annotation | {"blob_href": f"{self._page}/blob/{run.head_sha}/{quote(annotation['path'])}"}

    def _repository_facts(self, name: str) -> Json:
        owner, short = name.split("/")
        is_fork = name != self._state.repository
        url, page = f"{self._url}/repos/{name}", f"{SITE}/{name}"
        return {
            "id": number_of(name),
            "name": short,
            "full_name": name,
            "owner": self.user(owner),
            "url": url,
            "html_url": page,
            "fork": is_fork,
            "private": False,
            "default_branch": self._state.files.default_branch,
        }

    def _pull_facts(self, pull: Pull) -> Json:
        url, page = f"{self.repository_url}/pulls/{pull.number}", f"{self._page}/pull/{pull.number}"
        issue = f"{self.repository_url}/issues/{pull.number}"
        statuses = f"{self.repository_url}/statuses/{pull.head_sha}"
        links = {"html": page, "issue": issue, "comments": f"{issue}/comments", "statuses": statuses}
        links |= {"self": url, "review_comments": f"{url}/comments", "commits": f"{url}/commits"}
        links["review_comment"] = f"{self.repository_url}/pulls/comments{{/number}}"
        is_open = pull.state == "open"
        return {
            "id": number_of(url),
            "number": pull.number,
            "title": pull.title,
            "state": pull.state,
            "user": self.user(pull.author),
            "labels": [self.label(name) for name in pull.labels],
            "url": url,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue,
            "comments_url": links["comments"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "commits_url": links["commits"],
            "statuses_url": statuses,
            "_links": {name: {"href": link} for name, link in links.items()},
            "head": self._head(pull),
            "base": self._base(pull),
            "merge_commit_sha": sha_of(f"merge {pull.number}"),
            "merged_at": None,
            "closed_at": None if is_open else pull.created_at,
            "created_at": pull.created_at,
            "updated_at": pull.created_at,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "milestone": None,
        }

    def _head(self, pull: Pull) -> Json:
        side: Json = {
            "label": f"{pull.head_owner}:{pull.head_ref}",
            "ref": pull.head_ref,
            "sha": pull.head_sha,
        }
        if pull.head_repo is None:
            return side | {"user": None, "repo": None}
        return side | {"user": self.user(pull.head_owner), "repo": self._nested_repository(pull.head_repo)}

    def _base(self, pull: Pull) -> Json:
        name = self._state.repository
        owner = name.split("/")[0]
        side = {"label": f"{owner}:{pull.base_ref}", "ref": pull.base_ref, "sha": pull.base_sha}
        return side | {"user": self.user(owner), "repo": self._nested_repository(name)}

    def _nested_repository(self, name: str) -> Json:
        whole: Json = seed("pull-request", self._url, name)["base"]["repo"]
        return whole | self._repository_facts(name)

    def _mention(self, pull: Pull) -> Json:
        """The shortest form, inside a check run."""
        name = self._state.repository
        repository = {"id": number_of(name), "url": self.repository_url, "name": name.split("/")[1]}
        url = f"{self.repository_url}/pulls/{pull.number}"
        head = {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repository}
        base = {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repository}
        return {"id": number_of(url), "number": pull.number, "url": url, "head": head, "base": base}

    def _app(self) -> Json:
        whole: Json = seed("check-run-example-of-completed-conclusion", self._url, self._state.repository)["app"]
        return whole | ACTIONS_APP
