"""The pull request is found by its head commit, and by nothing that a stranger could choose."""

from dataclasses import replace
from typing import Any

import pytest

from hparam_ci.github.client import Client
from hparam_ci.github.comments import marker, publish_comment
from hparam_ci.github.event import Event, resolve
from hparam_ci.github.pulls import find_pull_number
from tests.github_api import FakeGitHub, Fault

HEAD = "a" * 40
OTHER = "b" * 40


def push(sha: str = HEAD) -> Event:
    env = {"GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "octo/sweeps"}
    return resolve(env, {"ref": "refs/heads/topic", "after": sha})


def workflow_run(
    owner: str | None = "octo", branch: str = "topic", sha: str = HEAD, pr_number: int | None = None
) -> Event:
    repository = owner and {"full_name": f"{owner}/sweeps", "owner": {"login": owner}}
    run = {"head_sha": sha, "head_branch": branch, "head_repository": repository, "pull_requests": []}
    env = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REPOSITORY": "octo/sweeps"}
    return resolve(env, {"workflow_run": run}, pr_number)


class TestPush:
    def test_finds_the_open_pull_request_of_the_commit(self, client: Client) -> None:
        assert find_pull_number(client, push()) == 7

    def test_commit_that_is_no_head(self, client: Client) -> None:
        assert find_pull_number(client, push(OTHER)) is None

    def test_closed_pull_request(self, gh: FakeGitHub, client: Client) -> None:
        gh.add_pull(number=8, head_sha=OTHER, state="closed")
        assert find_pull_number(client, push(OTHER)) is None

    def test_several_the_oldest_is_chosen(self, gh: FakeGitHub, client: Client) -> None:
        for number in (31, 12, 40):
            gh.add_pull(number=number, head_sha=OTHER, head_ref="both", base_ref=f"release-{number}")
        assert find_pull_number(client, push(OTHER)) == 12

    @pytest.mark.parametrize("status", [404, 422])
    def test_commit_that_github_does_not_know(self, gh: FakeGitHub, client: Client, status: int) -> None:
        gh.faults.add("GET", "/pulls$", Fault(status=status))
        assert find_pull_number(client, push()) is None


class TestWorkflowRun:
    def test_same_repository(self, client: Client) -> None:
        assert find_pull_number(client, workflow_run()) == 7

    def test_fork(self, gh: FakeGitHub, client: Client) -> None:
        gh.add_pull(number=8, head_sha=OTHER, head_ref="main", head_repo="hubot/sweeps")
        assert find_pull_number(client, workflow_run("hubot", "main", OTHER)) == 8

    def test_deleted_fork_ends_well(self, gh: FakeGitHub, client: Client) -> None:
        gh.add_pull(number=8, head_sha=OTHER, head_ref="main", head_repo=None, author="hubot")
        assert find_pull_number(client, workflow_run(None, "main", OTHER)) is None

    def test_pull_request_that_moved_on(self, client: Client) -> None:
        assert find_pull_number(client, workflow_run(sha=OTHER)) is None

    def test_same_branch_name_of_another_owner(self, gh: FakeGitHub, client: Client) -> None:
        assert find_pull_number(client, workflow_run("mallory")) is None

    def test_given_number_is_verified(self, gh: FakeGitHub, client: Client) -> None:
        gh.add_pull(number=8, head_sha=OTHER, head_ref="main", head_repo="hubot/sweeps")
        assert find_pull_number(client, workflow_run("hubot", "main", OTHER, pr_number=8)) == 8
        assert find_pull_number(client, workflow_run("hubot", "main", OTHER, pr_number=7)) is None

    def test_given_number_that_does_not_exist(self, client: Client) -> None:
        assert find_pull_number(client, workflow_run(pr_number=999)) is None


def test_no_lookup_asks_nothing(gh: FakeGitHub, client: Client, event: Event) -> None:
    assert find_pull_number(client, replace(event, lookup="none")) == 7
    assert gh.journal == []


class TestNumberOfTheEvent:
    def test_is_taken_while_its_commit_is_the_head(self, client: Client, event: Event) -> None:
        assert find_pull_number(client, event) == 7

    def test_a_run_that_a_newer_push_has_overtaken_stays_silent(self, gh: FakeGitHub, client: Client) -> None:
        gh.add_pull(8, head_sha=OTHER)
        overtaken = resolve_pull_request(8, HEAD)
        assert find_pull_number(client, overtaken) is None
        body = f"{marker('k')}\nhello"
        publication = publish_comment(client, overtaken, body, key="k", has_findings=False, failed=False)
        assert publication.status == "skipped_no_pr"
        assert "has moved on from aaaaaaaaaaaa" in (publication.message or "")
        assert gh.comments(8) == []

    @pytest.mark.parametrize("status", [403, 404, 500])
    def test_where_github_does_not_say_it_is_taken(
        self, gh: FakeGitHub, connected: Any, event: Event, status: int
    ) -> None:
        gh.faults.add("GET", "/pulls/7$", Fault(status=status))
        assert find_pull_number(connected(retries=0), event) == 7


def resolve_pull_request(number: int, sha: str) -> Event:
    head = {"sha": sha, "ref": "topic", "repo": {"full_name": "octo/sweeps", "owner": {"login": "octo"}}}
    env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "octo/sweeps"}
    return resolve(env, {"pull_request": {"number": number, "head": head}})


def test_publishes_to_what_it_found(gh: FakeGitHub, client: Client) -> None:
    body = f"{marker('k')}\nhello"
    publication = publish_comment(client, push(), body, key="k", has_findings=False, failed=False)
    assert publication.status == "posted"
    assert [comment.body for comment in gh.comments(7)] == [body]


def test_says_that_there_is_none(gh: FakeGitHub, client: Client) -> None:
    body = f"{marker('k')}\nhello"
    publication = publish_comment(client, push(OTHER), body, key="k", has_findings=False, failed=False)
    assert publication.status == "skipped_no_pr"
    assert publication.message == "No open pull request of octo/sweeps has the head commit bbbbbbbbbbbb."


def test_outage_during_the_lookup(gh: FakeGitHub, connected: Any) -> None:
    gh.faults.add("GET", "/pulls$", Fault(status=500))
    body = f"{marker('k')}\nhello"
    publication = publish_comment(connected(retries=0), push(), body, key="k", has_findings=True, failed=False)
    assert publication.status == "failed"
