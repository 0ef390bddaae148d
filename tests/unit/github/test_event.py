"""Every event ends well: the right commit, the right pull request, and a reason in words."""

import json
from pathlib import Path

import pytest

from hparam_ci.github.event import Event, resolve

EVENTS = Path(__file__).parents[2] / "fixtures" / "events"
HEAD = "4f1c2a9be07d5583a6e1c90f7d2b84ae3365d1f0"
GITHUB_SHA = "e" * 40

ENV = {
    "GITHUB_REPOSITORY": "octo/sweeps",
    "GITHUB_SHA": GITHUB_SHA,
    "GITHUB_ACTOR": "mona",
    "GITHUB_RUN_ID": "4711",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
}


def resolve_fixture(name: str, event_name: str, pr_number: int | None = None, **env: str) -> Event:
    payload = json.loads((EVENTS / f"{name}.json").read_text())
    return resolve({**ENV, "GITHUB_EVENT_NAME": event_name, **env}, payload, pr_number)


@pytest.mark.parametrize(
    ("fixture", "event_name", "expected"),
    [
        ("pull_request", "pull_request", (7, HEAD, False, True, "by_number")),
        ("pull_request_fork", "pull_request", (8, HEAD, True, False, "none")),
        ("pull_request_deleted_fork", "pull_request", (9, HEAD, True, False, "none")),
        ("pull_request_dependabot", "pull_request", (10, HEAD, False, True, "by_number")),
        ("pull_request_target_fork", "pull_request_target", (11, HEAD, True, True, "by_number")),
        ("pull_request_review", "pull_request_review", (12, HEAD, False, True, "by_number")),
        ("push", "push", (None, HEAD, False, True, "by_commit")),
        ("push_new_branch", "push", (None, HEAD, False, True, "by_commit")),
        ("push_tag", "push", (None, HEAD, False, True, "by_commit")),
        ("push_deleted_branch", "push", (None, GITHUB_SHA, False, False, "none")),
        ("workflow_dispatch", "workflow_dispatch", (None, GITHUB_SHA, False, False, "none")),
        ("schedule", "schedule", (None, GITHUB_SHA, False, False, "none")),
        ("merge_group", "merge_group", (None, HEAD, False, False, "none")),
        ("workflow_run_fork", "workflow_run", (None, HEAD, True, True, "by_head")),
        ("workflow_run_deleted_fork", "workflow_run", (None, HEAD, True, True, "by_commit")),
        ("workflow_run_same_repository", "workflow_run", (None, HEAD, False, True, "by_head")),
        ("issue_comment_on_pull_request", "issue_comment", (7, GITHUB_SHA, False, True, "none")),
        ("issue_comment_on_issue", "issue_comment", (None, GITHUB_SHA, False, False, "none")),
        ("release", "release", (None, GITHUB_SHA, False, False, "none")),
    ],
)
def test_event(fixture: str, event_name: str, expected: tuple[object, ...]) -> None:
    event = resolve_fixture(fixture, event_name)
    assert (event.pr_number, event.sha, event.fork, event.may_comment, event.lookup) == expected
    assert event.repository == "octo/sweeps"
    assert event.reason.endswith(".")
    assert (event.warning is not None) == (event_name == "pull_request_target")


def test_every_fixture_is_used_with_its_own_event() -> None:
    names = {path.stem for path in EVENTS.glob("*.json")}
    tested = {args[0] for args in test_event.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert names == tested


@pytest.mark.parametrize(
    ("fixture", "event_name", "actor", "trusted"),
    [
        ("pull_request", "pull_request", "mona", True),
        ("pull_request_fork", "pull_request", "hubot-fork", False),
        ("pull_request_deleted_fork", "pull_request", "mona", False),
        ("pull_request_dependabot", "pull_request", "dependabot[bot]", False),
        ("pull_request_dependabot", "pull_request", "mona", True),
        ("pull_request_target_fork", "pull_request_target", "hubot-fork", False),
        ("workflow_run_fork", "workflow_run", "hubot-fork", True),
        ("issue_comment_on_pull_request", "issue_comment", "hubot-fork", False),
        ("push", "push", "mona", True),
        ("schedule", "schedule", "mona", True),
    ],
)
def test_trust(fixture: str, event_name: str, actor: str, trusted: bool) -> None:
    assert resolve_fixture(fixture, event_name, GITHUB_ACTOR=actor).trusted is trusted


def test_dependabot_may_try_because_a_job_can_raise_its_token() -> None:
    event = resolve_fixture("pull_request_dependabot", "pull_request", GITHUB_ACTOR="dependabot[bot]")
    assert event.fork
    assert event.may_comment
    assert "pull-requests: write" in event.reason


def test_fork_reason_names_the_recipe() -> None:
    event = resolve_fixture("pull_request_fork", "pull_request")
    assert "docs/fork-pull-requests.md" in event.reason
    assert (event.head_owner, event.head_ref) == ("hubot-fork", "main")


def test_head_of_a_deleted_fork_is_its_users() -> None:
    assert resolve_fixture("pull_request_deleted_fork", "pull_request").head_owner == "hubot-fork"


def test_workflow_run_names_owner_and_branch_for_the_lookup() -> None:
    event = resolve_fixture("workflow_run_fork", "workflow_run")
    assert (event.head_owner, event.head_ref) == ("hubot-fork", "main")


@pytest.mark.parametrize(
    ("fixture", "event_name", "may_comment", "lookup"),
    [
        ("pull_request", "pull_request", True, "none"),
        ("pull_request_fork", "pull_request", False, "none"),
        ("push", "push", True, "none"),
        ("push_deleted_branch", "push", True, "none"),
        ("schedule", "schedule", True, "none"),
        ("merge_group", "merge_group", True, "none"),
        ("workflow_run_fork", "workflow_run", True, "by_head"),
    ],
)
def test_explicit_number(fixture: str, event_name: str, may_comment: bool, lookup: str) -> None:
    event = resolve_fixture(fixture, event_name, pr_number=99)
    assert (event.pr_number, event.may_comment, event.lookup) == (99, may_comment, lookup)


def test_repository_comes_from_the_variable_first() -> None:
    assert resolve({**ENV, "GITHUB_EVENT_NAME": "schedule"}, {}).repository == "octo/sweeps"


def test_repository_falls_back_to_the_payload() -> None:
    payload = {"repository": {"full_name": "octo/sweeps"}}
    assert resolve({"GITHUB_EVENT_NAME": "push"}, payload).repository == "octo/sweeps"


@pytest.mark.parametrize("repository", ["", "octo", "octo/sweeps/x", "octo/../sweeps", "o c/t"])
def test_no_comment_without_a_repository(repository: str) -> None:
    env = {**ENV, "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": repository}
    event = resolve(env, {"after": HEAD}, pr_number=7)
    assert not event.may_comment
    assert event.lookup == "none"


@pytest.mark.parametrize("name", ["pull_request", "push", "workflow_run", "merge_group", "issue_comment", ""])
@pytest.mark.parametrize(
    "junk",
    [
        {},
        {"pull_request": None, "workflow_run": [], "merge_group": "x", "issue": 3},
        {"pull_request": {"number": "7", "head": "x"}, "workflow_run": {"head_sha": 5}, "after": None},
        {"pull_request": {"number": True}, "workflow_run": {"head_repository": 1, "head_sha": HEAD}},
    ],
)
def test_malformed_payloads_end_well(name: str, junk: dict[str, object]) -> None:
    event = resolve({**ENV, "GITHUB_EVENT_NAME": name}, junk)
    assert event.pr_number is None
    assert event.reason


def test_addresses() -> None:
    env = {
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY": "octo/sweeps",
        "GITHUB_RUN_ID": "4711",
        "GITHUB_SERVER_URL": "https://ghes.example/",
        "GITHUB_API_URL": "https://ghes.example/api/v3/",
        "GITHUB_GRAPHQL_URL": "https://ghes.example/api/graphql",
    }
    event = resolve(env, {})
    assert event.run_url == "https://ghes.example/octo/sweeps/actions/runs/4711"
    assert event.api_url == "https://ghes.example/api/v3"
    assert event.graphql_url == "https://ghes.example/api/graphql"
    assert event.server_url == "https://ghes.example"


def test_nothing_is_known_outside_github() -> None:
    event = resolve({}, {})
    assert not event.may_comment
    assert (event.run_url, event.sha, event.api_url) == ("", "", "https://api.github.com")
