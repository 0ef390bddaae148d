"""What the stand-in remembers: one repository's files, pull requests, comments and checks."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def sha_of(text: str) -> str:
    """A commit name that is the same in every run."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Comment:
    """A comment as it stood when it was read; an edit makes a new one with the same id."""

    id: int
    node_id: str
    body: str
    author: str | None
    issue: int
    html_url: str
    created_at: str
    updated_at: str
    minimized: bool = False
    minimized_reason: str | None = None


@dataclass
class Pull:
    number: int
    head_sha: str
    head_ref: str
    head_repo: str | None
    base_ref: str
    base_sha: str
    state: str
    author: str
    title: str
    created_at: str
    labels: list[str] = field(default_factory=list)

    @property
    def head_owner(self) -> str:
        """Whose branch it is; a deleted fork was its author's."""
        return self.head_repo.split("/")[0] if self.head_repo else self.author


@dataclass
class CheckRun:
    id: int
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    details_url: str | None = None
    external_id: str | None = ""
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Commit:
    parent: str | None = None
    changes: dict[str, bytes | None] = field(default_factory=dict)


class Files:
    """Files by commit. A branch has one commit, which holds its parent's files too."""

    def __init__(self, repository: str, default_branch: str) -> None:
        self._repository = repository
        self._commits: dict[str, _Commit] = {}
        self._branches: dict[str, str] = {}
        self.default_branch = default_branch
        self.branch(default_branch)

    def branch(self, name: str) -> str:
        """The commit of a branch, which is made where it is new."""
        if name not in self._branches:
            self._branches[name] = sha_of(f"{self._repository}:{name}")
            self._commits[self._branches[name]] = _Commit()
        return self._branches[name]

    def add_head(self, branch: str | None, sha: str, parent: str) -> None:
        """Make `sha` a commit on top of `parent`, and the tip of `branch` if there is one."""
        commit = self._commits.setdefault(sha, _Commit())
        if branch is not None:
            earlier = self._commits.get(self._branches.get(branch, ""), _Commit())
            commit.changes = earlier.changes | commit.changes
            self._branches[branch] = sha
        if sha != parent:
            commit.parent = parent

    def put(self, path: str, data: bytes | None, ref: str) -> None:
        """Write a file, or remove it with None, on a branch or on a commit."""
        sha = ref if re.fullmatch(r"[0-9a-f]{40}", ref) else self.branch(ref)
        self._commits.setdefault(sha, _Commit()).changes[path] = data

    def resolve(self, ref: str) -> str | None:
        """The commit that a branch, `refs/heads/x`, full or shortened sha stands for."""
        name = re.sub(r"^(refs/)?heads/", "", ref)
        if name in self._branches:
            return self._branches[name]
        if not re.fullmatch(r"[0-9a-f]{7,40}", ref):
            return None
        return next((sha for sha in self._commits if sha.startswith(ref)), None)

    def parent(self, sha: str) -> str | None:
        return self._commits[sha].parent

    def tree(self, sha: str) -> dict[str, bytes]:
        """Every file of a commit, by path."""
        commit = self._commits[sha]
        inherited = self.tree(commit.parent) if commit.parent else {}
        merged: dict[str, bytes | None] = {**inherited, **commit.changes}
        return {path: data for path, data in sorted(merged.items()) if data is not None}

    def commits(self) -> list[str]:
        return list(self._commits)


class State:
    """One repository on GitHub, as far as the Action can see it."""

    def __init__(self, repository: str, default_branch: str = "main") -> None:
        self.repository = repository
        self.files = Files(repository, default_branch)
        self.pulls: dict[int, Pull] = {}
        self.comments: dict[int, Comment] = {}
        self.check_runs: dict[int, CheckRun] = {}
        self._ids = 1000
        self._ticks = 0

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def now(self) -> str:
        """A clock that moves one second at each look."""
        self._ticks += 1
        return (EPOCH + timedelta(seconds=self._ticks)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def add_pull(
        self,
        number: int,
        *,
        head_sha: str,
        head_ref: str,
        head_repo: str | None,
        base_ref: str,
        state: str,
        author: str,
        title: str,
    ) -> Pull:
        base_sha = self.files.branch(base_ref)
        self.files.add_head(head_ref if head_repo == self.repository else None, head_sha, base_sha)
        created = self.now()
        pull = Pull(number, head_sha, head_ref, head_repo, base_ref, base_sha, state, author, title, created)
        self.pulls[number] = pull
        return pull

    def add_comment(self, issue: int, body: str, author: str | None, node_id: str | None = None) -> Comment:
        if issue not in self.pulls:
            raise KeyError(f"no pull request {issue}: call add_pull first")
        number, now = self.next_id(), self.now()
        url = f"https://github.com/{self.repository}/pull/{issue}#issuecomment-{number}"
        comment = Comment(number, node_id or f"IC_{number:08d}", body, author, issue, url, now, now)
        self.comments[number] = comment
        return comment

    def edit_comment(self, comment: Comment, body: str) -> Comment:
        return self._store(replace(comment, body=body, updated_at=self.now()))

    def minimize(self, comment: Comment, reason: str | None) -> Comment:
        """Fold a comment away with a reason, or unfold it with None."""
        return self._store(replace(comment, minimized=reason is not None, minimized_reason=reason))

    def comments_of(self, issue: int) -> list[Comment]:
        return [comment for comment in self.comments.values() if comment.issue == issue]

    def resolve(self, ref: str) -> str | None:
        """As `Files.resolve`, and also `refs/pull/7/head`, `refs/pull/7/merge` and `owner:branch`."""
        of_pull = re.fullmatch(r"(?:refs/)?pull/(\d+)/(?:head|merge)", ref)
        if of_pull and int(of_pull[1]) in self.pulls:
            return self.pulls[int(of_pull[1])].head_sha
        heads = {f"{pull.head_owner}:{pull.head_ref}": pull.head_sha for pull in self.pulls.values()}
        own = ref.removeprefix(self.repository.split("/")[0] + ":")
        return heads.get(ref) or self.files.resolve(own)

    def pulls_at(self, sha: str) -> list[Pull]:
        """Pull requests with that head; GitHub seldom finds a fork's by its commit, so never here."""
        return [pull for pull in self.pulls.values() if (pull.head_sha, pull.head_repo) == (sha, self.repository)]

    def _store(self, comment: Comment) -> Comment:
        self.comments[comment.id] = comment
        return comment
