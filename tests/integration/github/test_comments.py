"""One sticky comment, whatever is on the pull request already and whatever GitHub answers."""

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from hparam_ci.github.client import Client, connect
from hparam_ci.github.comments import Publication, marker, publish_comment
from hparam_ci.github.event import Event
from tests.github_api import FakeGitHub, Fault, primary_limit, secondary_limit

KEY = "Sweeps/inspect"
COMMENTS = r"/issues/7/comments$"
COMMENT = r"/issues/comments/\d+$"


def text(words: str, key: str = KEY) -> str:
    return f"{marker(key)}\n## Sweep inspection\n\n{words}\n"


def publish(client: Client, event: Event, words: str = "2 sick trials", **options: Any) -> Publication:
    key = options.setdefault("key", KEY)
    options.setdefault("has_findings", True)
    options.setdefault("failed", True)
    return publish_comment(client, event, text(words, key), **options)


def own(gh: FakeGitHub) -> list[str]:
    """What the action's visible comments say."""
    return [
        comment.body.splitlines()[-1]
        for comment in gh.comments(7)
        if comment.author == gh.login and not comment.minimized
    ]


def requests(gh: FakeGitHub, *methods: str) -> list[tuple[str, int]]:
    return [
        (request.method, request.status)
        for request in gh.journal
        if request.method in methods and request.path != "/graphql"
    ]


class TestMarker:
    @pytest.mark.parametrize("key", ["", "a", "Sweeps/inspect", "--> <b>", "ûï¾ûï¾", "\udcff", "k" * 500])
    def test_cannot_be_ended_by_the_key(self, key: str) -> None:
        line = marker(key)
        found = re.fullmatch(r"<!-- hparam-inspector:([A-Za-z0-9_=-]*) -->", line)
        assert found
        assert base64.urlsafe_b64decode(found[1]).decode("utf-8", "surrogatepass") == key

    def test_differs_by_key(self) -> None:
        keys = ["", "a", "A", "a ", "aa"]
        assert len({marker(key) for key in keys}) == len(keys)

    @pytest.mark.parametrize("body", ["no marker", marker("another"), f"> {marker(KEY)}", f"text {marker(KEY)}", ""])
    def test_a_body_without_it_is_never_sent(self, gh: FakeGitHub, client: Client, event: Event, body: str) -> None:
        with pytest.raises(ValueError, match="marker"):
            publish_comment(client, event, body, key=KEY, has_findings=True, failed=True)
        assert gh.journal == []


class TestFind:
    def test_posts_where_there_is_none(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publication = publish(client, event)
        (comment,) = gh.comments(7)
        assert publication == Publication("posted", comment.id, comment.html_url)
        assert comment.body == text("2 sick trials")

    @pytest.mark.parametrize("earlier", [0, 31, 101, 250])
    @pytest.mark.parametrize("position", ["first", "last"])
    def test_is_found_among_many(
        self, gh: FakeGitHub, client: Client, event: Event, earlier: int, position: str
    ) -> None:
        if position == "first":
            mine = gh.add_comment(7, text("old"), author=gh.login)
        for number in range(earlier):
            gh.add_comment(7, f"comment {number}", author="someone")
        if position == "last":
            mine = gh.add_comment(7, text("old"), author=gh.login)
        publication = publish(client, event)
        assert (publication.status, publication.comment_id) == ("updated", mine.id)
        assert own(gh) == ["2 sick trials"]
        assert len(gh.comments(7)) == earlier + 1
        assert requests(gh, "POST", "PATCH", "DELETE") == [("PATCH", 200)]

    def test_foreign_comment_with_the_marker_is_left_alone(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        for author in ("mallory", "another-bot[bot]", None):
            gh.add_comment(7, text("forged"), author=author)
        forged = gh.comments(7)
        assert publish(client, event).status == "posted"
        assert gh.comments(7)[:3] == forged
        assert own(gh) == ["2 sick trials"]

    def test_more_than_a_hundred_forgeries(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        for _ in range(120):
            gh.add_comment(7, text("forged"), author="mallory")
        mine = gh.add_comment(7, text("old"), author=gh.login)
        assert publish(client, event).comment_id == mine.id

    def test_a_quotation_is_not_the_comment(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        gh.add_comment(7, f"> {marker(KEY)}\n\nlook", author=gh.login)
        assert publish(client, event).status == "posted"

    def test_two_keys_two_comments(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        for words in ("first run", "second run"):
            publish(client, event, f"{words} A", key="model-a")
            publish(client, event, f"{words} B", key="model-b")
        assert own(gh) == ["second run A", "second run B"]

    def test_minimised_comments_are_ignored(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publish(client, event, "old")
        publish(client, event, "new", mode="hide")
        publish(client, event, "newest")
        assert own(gh) == ["newest"]
        assert [comment.body.splitlines()[-1] for comment in gh.comments(7)] == ["old", "newest"]

    def test_comments_of_runs_that_raced_become_one(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        for words in ("one", "two", "three"):
            gh.add_comment(7, text(words), author=gh.login)
        assert publish(client, event).status == "updated"
        assert own(gh) == ["2 sick trials"]

    def test_leftovers_of_a_race_go_even_where_the_text_is_right(
        self, gh: FakeGitHub, client: Client, event: Event
    ) -> None:
        for words in ("old", "2 sick trials"):
            gh.add_comment(7, text(words), author=gh.login)
        assert publish(client, event).status == "updated"
        assert own(gh) == ["2 sick trials"]
        assert requests(gh, "POST", "PATCH", "DELETE") == []

    def test_personal_token(self, event: Event) -> None:
        with FakeGitHub(repository="octo/sweeps", login="mona") as gh:
            gh.add_pull(number=7, head_sha="a" * 40)
            gh.add_comment(7, text("bot's"), author="github-actions[bot]")
            client = connect(gh.url, gh.token, gh.repository, seconds_between_writes=0)
            assert [publish(client, event, words).status for words in ("a", "b")] == ["posted", "updated"]
            client.close()
            assert own(gh) == ["b"]


class TestModes:
    def test_identical_body_is_not_written(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        first = publish(client, event)
        for mode in ("update", "recreate", "hide"):
            assert publish(client, event, mode=mode) == replace(first, status="unchanged")
        assert requests(gh, "POST", "PATCH", "DELETE") == [("POST", 201)]

    def test_line_endings_are_no_difference(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        gh.add_comment(7, text("2 sick trials").replace("\n", "\r\n").rstrip(), author=gh.login)
        assert publish(client, event).status == "unchanged"

    def test_recreate(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        old = publish(client, event, "old")
        new = publish(client, event, "new", mode="recreate")
        assert (new.status, new.message) == ("posted", None)
        assert new.comment_id != old.comment_id
        assert [comment.id for comment in gh.comments(7)] == [new.comment_id]

    def test_hide(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        old = publish(client, event, "old")
        new = publish(client, event, "new", mode="hide")
        assert (new.status, new.message) == ("posted", None)
        folded, shown = gh.comments(7)
        assert (folded.id, folded.minimized, folded.minimized_reason) == (old.comment_id, True, "outdated")
        assert (shown.id, shown.minimized) == (new.comment_id, False)

    def test_off(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        assert publish(client, event, mode="off") == Publication("skipped_off")
        assert gh.journal == []

    @pytest.mark.parametrize(("mode", "verb"), [("recreate", "deleted"), ("hide", "hidden")])
    def test_the_new_comment_stands_where_the_old_one_cannot_go(
        self, gh: FakeGitHub, client: Client, event: Event, mode: str, verb: str
    ) -> None:
        publish(client, event, "old")
        if mode == "recreate":
            gh.faults.add("DELETE", COMMENT, Fault(status=403))
        else:
            gh.faults.add("POST", "^/graphql$", Fault())
            gh.faults.add("POST", "^/graphql$", Fault(status=400, body={"message": "Something broke."}))
        publication = publish(client, event, "new", mode=mode)
        assert publication.status == "posted"
        assert publication.message is not None
        assert f"could not be {verb}" in publication.message
        assert own(gh) == ["old", "new"]

    def test_the_old_comment_outlives_a_post_that_fails(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publish(client, event, "old")
        gh.faults.add("POST", COMMENTS, Fault(status=422))
        assert publish(client, event, "new", mode="recreate").status == "failed"
        assert own(gh) == ["old"]


class TestOn:
    @pytest.mark.parametrize("has_findings", [False, True])
    @pytest.mark.parametrize("failed", [False, True])
    def test_first_comment(
        self, gh: FakeGitHub, client: Client, event: Event, has_findings: bool, failed: bool
    ) -> None:
        wanted = {
            ("always", None): True,
            ("findings", None): has_findings,
            ("changes", None): has_findings,
            ("changes", False): False,
            ("changes", True): True,
            ("failure", None): failed,
        }
        for number, ((on, changed), posts) in enumerate(wanted.items()):
            facts = {"has_findings": has_findings, "failed": failed, "changed": changed}
            publication = publish(client, event, key=f"key {number}", on=on, **facts)
            assert publication.status == ("posted" if posts else "skipped_off"), (on, changed)

    @pytest.mark.parametrize("on", ["always", "findings", "changes", "failure"])
    @pytest.mark.parametrize("mode", ["update", "recreate", "hide"])
    def test_red_turns_green(self, gh: FakeGitHub, client: Client, event: Event, on: str, mode: str) -> None:
        publish(client, event, "red", on=on, mode=mode)
        green = {"has_findings": False, "failed": False, "changed": False}
        publication = publish(client, event, "green", on=on, mode=mode, **green)
        assert publication.status == ("updated" if mode == "update" else "posted")
        assert own(gh) == ["green"]


class TestTrouble:
    @pytest.mark.parametrize(
        "fault", [Fault(status=502, after=True), Fault(status=500, after=True), Fault(drop=True, after=True)]
    )
    def test_a_lost_answer_makes_no_second_comment(
        self, gh: FakeGitHub, client: Client, event: Event, fault: Fault
    ) -> None:
        gh.faults.add("POST", COMMENTS, fault)
        publication = publish(client, event)
        (comment,) = gh.comments(7)
        assert publication == Publication("posted", comment.id, comment.html_url)
        assert len(requests(gh, "POST")) == 1

    def test_a_lost_answer_with_an_old_comment_beside(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publish(client, event, "old")
        gh.faults.add("POST", COMMENTS, Fault(status=502, after=True))
        publication = publish(client, event, "new", mode="recreate")
        assert publication.status == "posted"
        assert own(gh) == ["new"]

    @pytest.mark.parametrize("fault", [Fault(status=502, times=2), Fault(drop=True, times=2)])
    def test_a_post_that_did_nothing_is_repeated(
        self, gh: FakeGitHub, client: Client, event: Event, clock: Any, fault: Fault
    ) -> None:
        gh.faults.add("POST", COMMENTS, fault)
        assert publish(client, event).status == "posted"
        assert own(gh) == ["2 sick trials"]
        assert clock.slept == [1.0, 2.0]

    @pytest.mark.parametrize("after", [False, True])
    def test_502_on_edit_is_repeated(
        self, gh: FakeGitHub, client: Client, event: Event, clock: Any, after: bool
    ) -> None:
        publish(client, event, "old")
        gh.faults.add("PATCH", COMMENT, Fault(status=502, after=after))
        assert publish(client, event).status == "updated"
        assert own(gh) == ["2 sick trials"]
        assert requests(gh, "PATCH") == [("PATCH", 502), ("PATCH", 200)]
        assert clock.slept == [1.0]

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
    def test_rate_limit_with_retry_after(
        self, gh: FakeGitHub, client: Client, event: Event, clock: Any, method: str
    ) -> None:
        if method == "PATCH":
            publish(client, event, "old")
        path = COMMENT if method == "PATCH" else COMMENTS
        for status in (403, 429):
            gh.faults.add(method, path, secondary_limit(retry_after=1, status=status))
        assert publish(client, event).status in {"posted", "updated"}
        assert own(gh) == ["2 sick trials"]
        assert clock.slept == [1.0, 1.0]

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
    def test_rate_limit_without_retry_after(
        self, gh: FakeGitHub, client: Client, event: Event, clock: Any, method: str
    ) -> None:
        if method == "PATCH":
            publish(client, event, "old")
        path = COMMENT if method == "PATCH" else COMMENTS
        gh.faults.add(method, path, secondary_limit(retry_after=None))
        assert publish(client, event).status in {"posted", "updated"}
        assert clock.slept == [60.0]

    def test_rate_limit_of_graphql(self, gh: FakeGitHub, client: Client, event: Event, clock: Any) -> None:
        publish(client, event, "old")
        error = {"type": "RATE_LIMITED", "message": "API rate limit exceeded for installation ID 1."}
        headers = {"X-RateLimit-Remaining": "12"}
        gh.faults.add("POST", "^/graphql$", Fault(status=200, body={"errors": [error]}, headers=headers))
        gh.faults.add("POST", "^/graphql$", Fault(status=502))
        assert publish(client, event).status == "updated"
        assert clock.slept == [60.0, 2.0]

    def test_far_reset_is_not_waited_for(self, gh: FakeGitHub, client: Client, event: Event, clock: Any) -> None:
        gh.faults.add("GET", COMMENTS, primary_limit(reset_in=600))
        publication = publish(client, event)
        assert publication.status == "failed"
        assert publication.message is not None
        assert "would outlast the 120 s" in publication.message
        assert clock.slept == []
        assert gh.journal[-1].status == 403

    def test_nothing_is_sent_after_the_deadline(self, gh: FakeGitHub, client: Client, event: Event, clock: Any) -> None:
        clock.time = 121.0
        publication = publish(client, event)
        assert publication.status == "failed"
        assert gh.journal == []

    def test_a_page_that_fails_is_repeated_alone(
        self, gh: FakeGitHub, client: Client, event: Event, clock: Any
    ) -> None:
        mine = gh.add_comment(7, text("old"), author=gh.login)
        for number in range(250):
            gh.add_comment(7, f"comment {number}")
        for fault in (Fault(), Fault(status=502)):
            gh.faults.add("GET", COMMENTS, fault)
        assert publish(client, event).comment_id == mine.id
        pages = [request.query.get("page", "1") for request in gh.journal if request.path.endswith("/comments")]
        assert pages == ["1", "2", "2", "3"]

    def test_gives_up_with_a_message(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        gh.faults.add("GET", COMMENTS, Fault(status=502, times=3))
        publication = publish(connected(retries=2), event)
        assert publication.status == "failed"
        assert publication.message is not None
        assert "502" in publication.message

    def test_an_edit_that_never_gets_through(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        gh.add_comment(7, text("old"), author=gh.login)
        gh.faults.add("PATCH", COMMENT, Fault(status=502, times=2))
        assert publish(connected(retries=1), event).status == "failed"
        assert own(gh) == ["old"]

    def test_limit_that_outlasts_the_retries(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        gh.faults.add("GET", COMMENTS, secondary_limit(retry_after=1, times=2))
        publication = publish(connected(retries=1), event)
        assert publication.status == "failed"
        assert publication.message is not None
        assert "secondary rate limit" in publication.message

    def test_no_server(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        publication = publish(connected(url="http://127.0.0.1:9", retries=1), event)
        assert publication.status == "failed"
        assert publication.message == ("The comment was not published: no answer from 127.0.0.1 (ConnectionError).")

    @pytest.mark.parametrize("body", ["<html>proxy</html>", "[1, 2", b"\xff", "[]", "{}", '{"id": "x"}', "null"])
    def test_garbage_where_a_comment_should_be(self, gh: FakeGitHub, client: Client, event: Event, body: Any) -> None:
        gh.faults.add("POST", COMMENTS, Fault(status=201, body=body))
        assert publish(client, event).status == "failed"

    @pytest.mark.parametrize("body", ["<html>proxy</html>", "[1, 2", '{"a": 1}', '[{"id": "x"}]', "[3]"])
    def test_garbage_where_comments_should_be(self, gh: FakeGitHub, client: Client, event: Event, body: Any) -> None:
        gh.faults.add("GET", COMMENTS, Fault(status=200, body=body))
        assert publish(client, event).status == "failed"
        assert gh.comments(7) == []

    @pytest.mark.parametrize("nodes", [None, [], [None], ["x"], [{}], {"a": 1}])
    def test_garbage_where_authorship_should_be(self, gh: FakeGitHub, client: Client, event: Event, nodes: Any) -> None:
        gh.add_comment(7, text("old"), author=gh.login)
        gh.faults.add("POST", "^/graphql$", Fault(status=200, body={"data": {"nodes": nodes}}))
        publish(client, event)
        assert requests(gh, "PATCH", "DELETE") == []

    @pytest.mark.parametrize("status", [403, 404, 422])
    def test_an_edit_that_is_refused_makes_a_new_comment(
        self, gh: FakeGitHub, client: Client, event: Event, status: int
    ) -> None:
        old = publish(client, event, "old")
        gh.faults.add("PATCH", COMMENT, Fault(status=status))
        publication = publish(client, event)
        assert publication.status == "posted"
        assert publication.comment_id != old.comment_id
        assert publication.message is not None
        assert f"could not be edited ({status}" in publication.message
        assert own(gh) == ["old", "2 sick trials"]
        publish(client, event, "healed")
        assert own(gh) == ["healed"]

    def test_too_long(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publication = publish(client, event, "x" * 65_536)
        assert publication.status == "failed"
        assert publication.message == (
            "The comment was not published: 422: Validation Failed; Body is too long (maximum is 65536 characters)."
        )
        assert gh.comments(7) == []


class TestReadOnly:
    def test_token_that_may_only_read(self, gh: FakeGitHub, connected: Any, event: Event, clock: Any) -> None:
        publication = publish(connected(gh.read_only_token), event)
        assert publication.status == "skipped_read_only"
        assert publication.message is not None
        assert "403: Resource not accessible by integration" in publication.message
        assert "pull-requests: write" in publication.message
        assert "docs/fork-pull-requests.md" in publication.message
        assert clock.slept == []

    def test_token_that_may_only_read_with_an_old_comment(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        gh.add_comment(7, text("old"), author=gh.login)
        assert publish(connected(gh.read_only_token), event).status == "skipped_read_only"
        assert own(gh) == ["old"]

    def test_pull_request_that_the_token_cannot_see(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        publication = publish(client, replace(event, pr_number=999))
        assert publication.status == "skipped_read_only"
        assert publication.message is not None
        assert "404" in publication.message

    def test_wrong_token(self, gh: FakeGitHub, connected: Any, event: Event) -> None:
        publication = publish(connected("ghs_wrong"), event)
        assert publication.status == "failed"
        assert publication.message == "The comment was not published: 401: Bad credentials."

    def test_known_read_only_event_sends_nothing(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        fork = replace(event, may_comment=False, fork=True, reason="A fork.")
        assert publish(client, fork) == Publication("skipped_read_only", message="A fork.")
        assert gh.journal == []

    def test_event_without_a_pull_request_sends_nothing(self, gh: FakeGitHub, client: Client, event: Event) -> None:
        push = replace(event, may_comment=False, pr_number=None, reason="No pull request.")
        assert publish(client, push) == Publication("skipped_no_pr", message="No pull request.")
        assert gh.journal == []
