"""The stand-in itself: it works with the real PyGithub, and its referee can say no."""

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any, NamedTuple

import pytest
from github import Auth, Github, GithubException, GithubRetry

from . import (
    FakeGitHub,
    Fault,
    Waiver,
    cut_graphql,
    cut_openapi,
    graph,
    primary_limit,
    referee,
    rest,
    secondary_limit,
)
from .payloads import Payloads

HEAD = "a" * 40
COMMENTS = "/repos/octo/sweeps/issues/7/comments"
CHECKS = "/repos/octo/sweeps/check-runs"
CHECK = {"name": "hparam", "head_sha": HEAD}
OUTPUT = {"title": "Sweep", "summary": "1 sick trial"}
NOTE = {
    "path": "a.csv",
    "start_line": 3,
    "end_line": 3,
    "annotation_level": "notice",
    "message": "loss is nan",
}
Connect = Callable[..., Github]


@pytest.fixture
def gh() -> Iterator[FakeGitHub]:
    with FakeGitHub(repository="octo/sweeps") as server:
        server.add_file("results.csv", b"lr,loss\n0.1,2.5\n")
        server.add_file("runs/deep/one.csv", b"lr\n1\n")
        server.add_file("results.csv", b"lr,loss\n0.1,2.5\n0.9,nan\n", ref="topic")
        server.add_pull(number=7, head_sha=HEAD, head_ref="topic")
        yield server


@pytest.fixture
def connect(gh: FakeGitHub) -> Iterator[Connect]:
    clients: list[Github] = []

    def make(token: str | None = None, retry: Any = None) -> Github:
        auth = Auth.Token(token or gh.token)
        client = Github(base_url=gh.url, auth=auth, retry=retry, seconds_between_requests=0, seconds_between_writes=0)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


class Told(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


def ask(gh: FakeGitHub, method: str, target: str, body: Any = None, token: str | None = "", **headers: str) -> Told:
    """One bare request; `token` None sends none."""
    if token is not None:
        headers["Authorization"] = f"Bearer {token or gh.token}"
    connection = HTTPConnection(gh.url.removeprefix("http://"), timeout=5)
    try:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, target, body=sent, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        is_json = "json" in answer.headers.get("content-type", "") and "raw" not in answer.headers["content-type"]
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Told(answer.status, told, json.loads(content) if is_json else content)
    finally:
        connection.close()


def query(gh: FakeGitHub, document: str, token: str = "", **variables: Any) -> Any:
    return ask(gh, "POST", "/graphql", {"query": document, "variables": variables}, token=token).body


def wait_for_requests(gh: FakeGitHub, count: int) -> None:
    while len(gh.journal) < count:
        time.sleep(0.005)


class TestWithPyGithub:
    def test_repository_and_pull_request(self, connect: Connect) -> None:
        repository = connect().get_repo("octo/sweeps")
        pull = repository.get_pull(7)
        assert (repository.full_name, repository.default_branch) == ("octo/sweeps", "main")
        assert (pull.number, pull.head.sha, pull.head.ref, pull.base.ref) == (7, HEAD, "topic", "main")
        assert pull.head.repo.full_name == "octo/sweeps"

    def test_pull_requests_are_found_by_their_branch(self, gh: FakeGitHub, connect: Connect) -> None:
        gh.add_pull(number=8, head_sha="b" * 40, head_ref="topic", head_repo="someone/fork")
        gh.add_pull(number=9, head_sha="c" * 40, head_ref="topic", head_repo=None, state="closed")
        repository = connect().get_repo("octo/sweeps")
        assert [pull.number for pull in repository.get_pulls()] == [8, 7]
        assert [pull.number for pull in repository.get_pulls(state="all", sort="created")] == [9, 8, 7]
        assert [pull.number for pull in repository.get_pulls(head="someone:topic")] == [8]
        assert [pull.number for pull in repository.get_pulls(base="other")] == []
        assert repository.get_pull(8).head.repo.full_name == "someone/fork"
        assert repository.get_pull(9).head.repo is None

    def test_a_commit_leads_to_its_own_repositorys_pull_requests_only(self, gh: FakeGitHub, connect: Connect) -> None:
        gh.add_pull(number=8, head_sha="b" * 40, head_repo="someone/fork")
        repository = connect().get_repo("octo/sweeps")
        assert [pull.number for pull in repository.get_commit(HEAD).get_pulls()] == [7]
        assert list(repository.get_commit("b" * 40).get_pulls()) == []

    def test_files(self, connect: Connect) -> None:
        repository: Any = connect().get_repo("octo/sweeps")
        file = repository.get_contents("results.csv", ref=HEAD)
        assert file.decoded_content == b"lr,loss\n0.1,2.5\n0.9,nan\n"
        assert repository.get_contents("results.csv", ref="main").decoded_content == b"lr,loss\n0.1,2.5\n"
        assert [(entry.path, entry.type) for entry in repository.get_contents("runs")] == [("runs/deep", "dir")]
        assert [entry.path for entry in repository.get_contents("")] == ["results.csv", "runs"]
        assert repository.get_git_blob(file.sha).size == 24

    def test_trees(self, connect: Connect) -> None:
        repository = connect().get_repo("octo/sweeps")
        paths = [entry.path for entry in repository.get_git_tree("main", recursive=True).tree]
        assert paths == ["results.csv", "runs", "runs/deep", "runs/deep/one.csv"]
        _, folder = repository.get_git_tree("main").tree
        assert [entry.path for entry in repository.get_git_tree(folder.sha).tree] == ["deep"]

    def test_what_a_pull_request_changes(self, gh: FakeGitHub, connect: Connect) -> None:
        gh.add_file("new.csv", b"lr\n", ref=HEAD)
        gh.add_file("runs/deep/one.csv", None, ref="topic")
        repository = connect().get_repo("octo/sweeps")
        changed = {file.filename: file.status for file in repository.get_pull(7).get_files()}
        assert changed == {"new.csv": "added", "results.csv": "modified", "runs/deep/one.csv": "removed"}
        comparison = repository.compare("main", "topic")
        assert {file.filename: file.status for file in comparison.files} == changed
        assert comparison.files[1].patch == "@@ -1,2 +1,3 @@\n lr,loss\n 0.1,2.5\n+0.9,nan"

    def test_a_comments_life(self, gh: FakeGitHub, connect: Connect) -> None:
        gh.add_comment(7, "someone's", author="someone")
        gh.add_comment(7, "nobody's", author=None)
        pull = connect().get_repo("octo/sweeps").get_pull(7)
        made = pull.create_issue_comment("first")
        made.edit("second")
        assert made.minimize() is True
        comments = gh.comments(7)
        assert [comment.body for comment in comments] == ["someone's", "nobody's", "second"]
        assert [comment.author for comment in comments] == ["someone", None, gh.login]
        assert [comment.minimized for comment in comments] == [False, False, True]
        assert comments[2].id == made.id
        assert comments[2].html_url == made.html_url
        assert [comment.body for comment in pull.get_issue_comments()] == ["someone's", "nobody's", "second"]
        made.delete()
        assert len(gh.comments(7)) == 2

    def test_many_comments_come_in_pages(self, gh: FakeGitHub, connect: Connect) -> None:
        for number in range(101):
            gh.add_comment(7, f"comment {number}")
        pull = connect().get_repo("octo/sweeps").get_pull(7)
        assert [comment.body for comment in pull.get_issue_comments()] == [f"comment {n}" for n in range(101)]
        assert [request.query.get("page") for request in gh.journal[2:]] == [None, "2", "3", "4"]

    def test_check_runs(self, gh: FakeGitHub, connect: Connect) -> None:
        repository = connect().get_repo("octo/sweeps")
        output: dict[str, Any] = OUTPUT | {"annotations": [NOTE]}
        run = repository.create_check_run("hparam", HEAD, status="in_progress", output=output)
        run.edit(conclusion="failure", output=output | {"summary": "2 sick trials"})
        (shown,) = repository.get_commit(HEAD).get_check_runs()
        assert (shown.id, shown.status, shown.conclusion) == (run.id, "completed", "failure")
        assert [note.message for note in shown.get_annotations()] == ["loss is nan", "loss is nan"]
        assert gh.check_runs()[0].summary == "2 sick trials"

    def test_the_latest_check_run_of_a_name_is_listed(self, connect: Connect) -> None:
        repository = connect().get_repo("octo/sweeps")
        for name in ("hparam", "hparam", "lint"):
            last = repository.create_check_run(name, HEAD)
        commit = repository.get_commit(HEAD)
        assert [run.name for run in commit.get_check_runs()] == ["lint", "hparam"]
        assert [run.id for run in commit.get_check_runs(check_name="lint")] == [last.id]
        assert commit.get_check_runs(filter="all").totalCount == 3

    def test_labels(self, gh: FakeGitHub, connect: Connect) -> None:
        issue = connect().get_repo("octo/sweeps").get_issue(7)
        issue.add_to_labels("sick sweep", "bug")
        issue.remove_from_labels("bug")
        assert [label.name for label in issue.get_labels()] == gh.labels(7) == ["sick sweep"]
        assert [reason for _, reason in gh.waived] == [referee.WAIVERS[1].reason]

    def test_rate_limit(self, gh: FakeGitHub, connect: Connect) -> None:
        assert connect().get_rate_limit().rate.limit == 1000

    def test_a_read_only_token_may_not_write(self, gh: FakeGitHub, connect: Connect) -> None:
        comment = gh.add_comment(7, "text", author=gh.login)
        pull = connect(gh.read_only_token).get_repo("octo/sweeps").get_pull(7)
        with pytest.raises(GithubException, match="Resource not accessible by integration") as refused:
            pull.create_issue_comment("hello")
        assert refused.value.status == 403
        with pytest.raises(GithubException, match="not accessible by integration"):
            pull.get_issue_comment(comment.id).minimize()
        assert gh.comments(7) == [comment]

    def test_a_workflow_token_does_not_know_its_name(self, connect: Connect) -> None:
        with pytest.raises(GithubException, match="Resource not accessible by integration"):
            _ = connect().get_user().login

    def test_a_personal_token_does(self) -> None:
        with FakeGitHub(login="hubot") as gh, Github(base_url=gh.url, auth=Auth.Token(gh.token)) as client:
            assert client.get_user().login == "hubot"


class TestTrouble:
    def test_502_after_storing_makes_a_retrying_client_comment_twice(self, gh: FakeGitHub, connect: Connect) -> None:
        gh.faults.add("POST", r"/issues/7/comments$", Fault(status=502, after=True))
        connect(retry=GithubRetry(total=1)).get_repo("octo/sweeps").get_pull(7).create_issue_comment("hello")
        assert [comment.body for comment in gh.comments(7)] == ["hello", "hello"]
        assert [request.status for request in gh.journal if request.method == "POST"] == [502, 201]

    def test_502_before_storing_loses_the_comment(self, gh: FakeGitHub) -> None:
        gh.faults.add("POST", COMMENTS, Fault(status=502))
        assert ask(gh, "POST", COMMENTS, {"body": "hello"}).status == 502
        assert gh.comments(7) == []

    @pytest.mark.parametrize("status", [403, 429])
    def test_pygithub_waits_as_long_as_it_is_told(self, gh: FakeGitHub, connect: Connect, status: int) -> None:
        gh.faults.add("POST", COMMENTS, secondary_limit(retry_after=1, status=status))
        start = time.monotonic()
        connect(retry=GithubRetry()).get_repo("octo/sweeps").get_pull(7).create_issue_comment("hello")
        assert time.monotonic() - start >= 1
        assert [request.status for request in gh.journal if request.method == "POST"] == [status, 201]
        assert len(gh.comments(7)) == 1

    def test_the_hour_is_used_up(self, gh: FakeGitHub) -> None:
        gh.faults.add("*", "", primary_limit(reset_in=600))
        told = ask(gh, "GET", COMMENTS)
        assert (told.status, told.headers["x-ratelimit-remaining"]) == (403, "0")
        assert 0 < int(told.headers["x-ratelimit-reset"]) - time.time() <= 600

    @pytest.mark.parametrize("after", [False, True])
    def test_the_line_goes_dead(self, gh: FakeGitHub, after: bool) -> None:
        gh.faults.add("POST", COMMENTS, Fault(drop=True, after=after))
        with pytest.raises(RemoteDisconnected):
            ask(gh, "POST", COMMENTS, {"body": "hello"})
        assert len(gh.comments(7)) == int(after)
        assert gh.journal[0].status == 0

    def test_a_slow_answer_is_still_the_right_one(self, gh: FakeGitHub) -> None:
        gh.faults.add("POST", COMMENTS, Fault(delay=0.1))
        start = time.monotonic()
        assert ask(gh, "POST", COMMENTS, {"body": "hello"}).status == 201
        assert time.monotonic() - start >= 0.1

    def test_faults_are_used_up_in_order(self, gh: FakeGitHub) -> None:
        gh.faults.add("GET", "/comments$", Fault(status=500, times=2))
        gh.faults.add("GET", "/comments$", Fault(status=503, body="<h1>Unicorn!</h1>", headers={"Retry-After": "9"}))
        assert [ask(gh, "GET", COMMENTS).status for _ in range(2)] == [500, 500]
        told = ask(gh, "GET", f"{COMMENTS}?page=1")
        assert (told.status, told.body, told.headers["retry-after"]) == (503, b"<h1>Unicorn!</h1>", "9")
        assert gh.faults.pending == []
        assert ask(gh, "GET", COMMENTS).status == 200

    def test_a_fault_for_good_and_one_for_another_method(self, gh: FakeGitHub) -> None:
        gh.faults.add("GET", "/comments$", Fault(status=500, times=None))
        gh.faults.add("DELETE", "/comments$", Fault(status=503))
        assert len(gh.faults.pending) == 2
        assert {ask(gh, "GET", COMMENTS).status for _ in range(4)} == {500}
        assert [fault.status for fault in gh.faults.pending] == [503]


class TestLimits:
    def test_a_comment_has_65536_characters_at_most(self, gh: FakeGitHub) -> None:
        assert ask(gh, "POST", COMMENTS, {"body": "é" * 65_536}).status == 201
        told = ask(gh, "POST", COMMENTS, {"body": "x" * 65_537})
        assert told.status == 422
        assert told.body["message"] == "Validation Failed"
        assert told.body["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"
        made = gh.comments(7)[0].id
        assert ask(gh, "PATCH", f"/repos/octo/sweeps/issues/comments/{made}", {"body": "x" * 65_537}).status == 422
        assert ask(gh, "POST", COMMENTS, {"body": " \n"}).status == 422

    def test_a_request_carries_50_annotations_at_most(self, gh: FakeGitHub) -> None:
        for count, status in ((50, 201), (51, 422)):
            told = ask(gh, "POST", CHECKS, CHECK | {"output": OUTPUT | {"annotations": [NOTE] * count}})
            assert told.status == status
        excess = "No more than 50 items are allowed; 51 were supplied."
        assert told.body["message"] == f"Invalid request.\n\n{excess}"

    @pytest.mark.parametrize("key", ["summary", "text"])
    def test_a_checks_texts_are_counted_in_bytes(self, gh: FakeGitHub, key: str) -> None:
        for text, status in (("x" + "é" * 32_767, 201), ("é" * 32_768, 422), ("x" * 65_536, 422)):
            assert ask(gh, "POST", CHECKS, CHECK | {"output": OUTPUT | {key: text}}).status == status
        assert len(gh.check_runs()) == 1

    def test_a_big_file_comes_without_its_content(self, gh: FakeGitHub) -> None:
        gh.add_file("big.csv", b"x" * (1024 * 1024 + 1))
        target = "/repos/octo/sweeps/contents/big.csv"
        told = ask(gh, "GET", target)
        assert (told.body["content"], told.body["encoding"], told.body["size"]) == (
            "",
            "none",
            1024 * 1024 + 1,
        )
        assert ask(gh, "GET", f"/repos/octo/sweeps/git/blobs/{told.body['sha']}").body["encoding"] == "base64"
        assert len(ask(gh, "GET", target, Accept="application/vnd.github.raw+json").body) == 1024 * 1024 + 1


class TestRest:
    def test_pages_are_linked(self, gh: FakeGitHub) -> None:
        for number in range(250):
            gh.add_comment(7, f"comment {number}")
        told = ask(gh, "GET", f"{COMMENTS}?per_page=500&page=2")
        assert [comment["body"] for comment in told.body] == [f"comment {n}" for n in range(100, 200)]
        target = f"<{gh.url}{COMMENTS}?per_page=500&page="
        links = [f'{target}{page}>; rel="{rel}"' for page, rel in ((1, "prev"), (1, "first"), (3, "next"), (3, "last"))]
        assert told.headers["link"] == ", ".join(links)
        assert "link" not in ask(gh, "GET", "/repos/octo/sweeps/pulls").headers
        assert ask(gh, "GET", f"{COMMENTS}?page=99").body == []

    def test_only_comments_since_a_time(self, gh: FakeGitHub) -> None:
        gh.add_comment(7, "old")
        late = gh.add_comment(7, "new")
        told = ask(gh, "GET", f"{COMMENTS}?since={late.updated_at}")
        assert [comment["body"] for comment in told.body] == ["new"]

    def test_who_wrote_a_comment_and_whether_it_is_folded(self, gh: FakeGitHub) -> None:
        made = ask(gh, "POST", COMMENTS, {"body": "hello"}).body
        assert (made["user"]["login"], made["user"]["type"]) == (gh.login, "Bot")
        assert made["performed_via_github_app"]["slug"] == "github-actions"
        assert made["minimized"] is None
        fold = "mutation($i: MinimizeCommentInput!) { minimizeComment(input: $i) { clientMutationId } }"
        query(gh, fold, i={"subjectId": made["node_id"], "classifier": "OFF_TOPIC"})
        (shown,) = ask(gh, "GET", COMMENTS).body
        assert shown["minimized"] == {"reason": "off-topic"}

    @pytest.mark.parametrize(
        ("method", "target", "status"),
        [
            ("GET", "/repos/octo/other", 404),
            ("GET", "/repos/octo/sweeps/pulls/99", 404),
            ("GET", "/repos/octo/sweeps/pulls/seven", 404),
            ("GET", "/repos/octo/sweeps/issues/comments/99", 404),
            ("DELETE", "/repos/octo/sweeps/issues/7/labels/none", 404),
            ("GET", "/repos/octo/sweeps/contents/none.csv", 404),
            ("GET", "/repos/octo/sweeps/contents/results.csv?ref=none", 404),
            ("GET", f"/repos/octo/sweeps/git/blobs/{HEAD}", 404),
            ("GET", "/repos/octo/sweeps/git/trees/none", 404),
            ("GET", f"/repos/octo/sweeps/commits/{'0' * 40}", 422),
            ("GET", "/repos/octo/sweeps/compare/main", 404),
            ("GET", "/repos/octo/sweeps/compare/main...none", 404),
            ("GET", f"{CHECKS}/99", 404),
            ("POST", "/repos/octo/sweeps/issues/99/comments", 404),
        ],
    )
    def test_what_is_not_there(self, gh: FakeGitHub, method: str, target: str, status: int) -> None:
        body = {"body": "hello"} if method == "POST" else None
        assert ask(gh, method, target, body).status == status

    def test_the_ways_to_name_a_commit(self, gh: FakeGitHub) -> None:
        for ref in (
            "topic",
            "heads/topic",
            "refs/heads/topic",
            HEAD,
            HEAD[:7],
            "octo:topic",
            "refs/pull/7/merge",
        ):
            assert ask(gh, "GET", f"/repos/octo/sweeps/commits/{ref}").body["sha"] == HEAD

    def test_tokens(self, gh: FakeGitHub) -> None:
        assert ask(gh, "GET", COMMENTS, token="wrong").status == 401
        assert ask(gh, "GET", COMMENTS, token=None).status == 200
        assert ask(gh, "GET", "/user", token=None).status == 401
        assert ask(gh, "POST", COMMENTS, {"body": "hello"}, token=None).status == 401
        assert ask(gh, "POST", "/graphql", {"query": "{ viewer { login } }"}, token=None).status == 401

    def test_every_address_of_the_api_is_ours(self, gh: FakeGitHub) -> None:
        gh.add_comment(7, "hello")
        for target in (
            "",
            "/pulls/7",
            "/pulls",
            "/issues/7",
            "/issues/7/comments",
            "/commits/topic",
            "/contents/",
        ):
            text = json.dumps(ask(gh, "GET", f"/repos/octo/sweeps{target}").body)
            assert "api.github.com" not in text

    def test_the_journal(self, gh: FakeGitHub) -> None:
        ask(gh, "GET", f"{COMMENTS}?per_page=100")
        ask(gh, "POST", COMMENTS, {"body": "hello"})
        seen = [(line.method, line.path, line.query, line.body, line.status) for line in gh.journal]
        assert seen == [
            ("GET", COMMENTS, {"per_page": "100"}, None, 200),
            ("POST", COMMENTS, {}, {"body": "hello"}, 201),
        ]


class TestGraphQL:
    NODES = """query($ids: [ID!]!) { viewer { login } nodes(ids: $ids) { __typename ... on IssueComment {
        viewerDidAuthor isMinimized minimizedReason author { login __typename } } } }"""

    def test_whose_comment_it_is(self, gh: FakeGitHub) -> None:
        ids = [gh.add_comment(7, "text", author=author).node_id for author in (gh.login, "someone", None)]
        data = query(gh, self.NODES, ids=ids)["data"]
        assert data["viewer"]["login"] == "github-actions[bot]"
        assert [node["viewerDidAuthor"] for node in data["nodes"]] == [True, False, False]
        bot, user = (
            {"login": "github-actions", "__typename": "Bot"},
            {"login": "someone", "__typename": "User"},
        )
        assert [node["author"] for node in data["nodes"]] == [bot, user, None]

    def test_folding_and_unfolding(self, gh: FakeGitHub) -> None:
        comment = gh.add_comment(7, "text", node_id="IC_mine")
        fold = """mutation { minimizeComment(input: {subjectId: "IC_mine", classifier: OUTDATED}) {
            minimizedComment { isMinimized minimizedReason } } }"""
        folded = query(gh, fold)["data"]["minimizeComment"]["minimizedComment"]
        assert folded == {"isMinimized": True, "minimizedReason": "outdated"}
        assert gh.comments(7)[0].minimized
        unfold = 'mutation { unminimizeComment(input: {subjectId: "IC_mine"}) { clientMutationId } }'
        query(gh, unfold)
        assert gh.comments(7) == [comment]

    def test_one_unknown_node_does_not_spoil_the_others(self, gh: FakeGitHub) -> None:
        known = gh.add_comment(7, "text").node_id
        told = query(gh, self.NODES, ids=[known, "IC_none"])
        assert [node and node["__typename"] for node in told["data"]["nodes"]] == ["IssueComment", None]
        assert [(error["type"], error["path"]) for error in told["errors"]] == [("NOT_FOUND", ["nodes", 1])]

    def test_a_hundred_nodes_at_a_time(self, gh: FakeGitHub) -> None:
        ids = [gh.add_comment(7, f"comment {number}").node_id for number in range(101)]
        assert len(query(gh, self.NODES, ids=ids[:100])["data"]["nodes"]) == 100
        assert [error["type"] for error in query(gh, self.NODES, ids=ids)["errors"]] == ["ARGUMENT_LIMIT"]

    def test_a_read_only_token_may_look_and_not_fold(self, gh: FakeGitHub) -> None:
        comment = gh.add_comment(7, "text", author=gh.login)
        fold = "mutation($i: MinimizeCommentInput!) { minimizeComment(input: $i) { clientMutationId } }"
        given = {"subjectId": comment.node_id, "classifier": "OUTDATED"}
        told = query(gh, fold, token=gh.read_only_token, i=given)
        assert [error["type"] for error in told["errors"]] == ["FORBIDDEN"]
        assert told["data"] == {"minimizeComment": None}
        assert query(gh, "{ viewer { login } }", token=gh.read_only_token)["data"]["viewer"]["login"] == gh.login

    def test_comments_of_a_pull_request_come_in_pages(self, gh: FakeGitHub) -> None:
        for number in range(5):
            gh.add_comment(7, f"comment {number}")
        document = """query($after: String) {
            repository(owner: "octo", name: "sweeps") {
                pullRequest(number: 7) {
                    comments(first: 3, after: $after) {
                        totalCount nodes { body } pageInfo { hasNextPage endCursor } } } } }"""
        first = query(gh, document)["data"]["repository"]["pullRequest"]["comments"]
        assert (first["totalCount"], first["pageInfo"]["hasNextPage"], len(first["nodes"])) == (5, True, 3)
        after = first["pageInfo"]["endCursor"]
        second = query(gh, document, after=after)["data"]["repository"]["pullRequest"]["comments"]
        assert [node["body"] for node in second["nodes"]] == ["comment 3", "comment 4"]
        assert not second["pageInfo"]["hasNextPage"]

    @pytest.mark.parametrize(
        ("name", "pull", "kind"),
        [
            ("other", "pullRequest(number: 7) { id }", "NOT_FOUND"),
            ("sweeps", "pullRequest(number: 9) { id }", "NOT_FOUND"),
            ("sweeps", "pullRequest(number: 7) { comments { totalCount } }", "MISSING_PAGINATION_BOUNDARIES"),
        ],
    )
    def test_refusals(self, gh: FakeGitHub, name: str, pull: str, kind: str) -> None:
        document = f'{{ repository(owner: "octo", name: "{name}") {{ {pull} }} }}'
        assert [error["type"] for error in query(gh, document)["errors"]] == [kind]


class TestReferee:
    """Each of these must fail, or the referee is asleep."""

    @pytest.mark.parametrize(
        ("request_line", "body", "status", "violation"),
        [
            (f"POST {COMMENTS}", {"body": "hello", "boddy": "hello"}, 201, "request: /boddy: unknown key"),
            (f"POST {COMMENTS}", {}, 422, '"body" is a required property'),
            (f"POST {COMMENTS}", {"body": 7}, 422, 'request: /body: 7 is not of type "string"'),
            (f"POST {COMMENTS}", None, 422, "null is not of type"),
            (f"POST {COMMENTS}", b"{body", 400, "request: : not JSON"),
            (f"POST {CHECKS}", {"name": "hparam"}, 422, '"head_sha" is a required property'),
            (f"POST {CHECKS}", CHECK | {"conclusion": "fine"}, 422, "/conclusion:"),
            (f"POST {CHECKS}", CHECK | {"started_at": "noon"}, 422, "/started_at:"),
            (f"POST {CHECKS}", CHECK | {"output": OUTPUT | {"txt": ""}}, 201, "/output/txt: unknown key"),
            (f"GET {COMMENTS}?per-page=9", None, 200, "query: per-page: unknown parameter"),
            (f"GET {COMMENTS}?page=one", None, 200, "query: page:"),
            ("GET /repos/octo/sweeps/pulls?state=any", None, 200, "query: state:"),
            (f"GET {COMMENTS}", {"body": "hello"}, 200, "a body where none belongs"),
            ("GET /repos/octo/sweeps/none", None, 404, "no such operation"),
            (f"PUT {COMMENTS}", {"body": "hello"}, 404, "no such operation"),
        ],
    )
    def test_a_bad_request(self, gh: FakeGitHub, request_line: str, body: Any, status: int, violation: str) -> None:
        method, target = request_line.split(" ")
        assert ask(gh, method, target, body).status == status
        assert [violation in text for text in gh.violations] == [True]
        gh.violations.clear()

    @pytest.mark.parametrize(
        ("body", "violation"),
        [
            ({"query": "{ viewer { name } }"}, "Cannot query field 'name' on type 'User'."),
            ({"query": "{ viewer { login }"}, "Syntax Error"),
            ({"query": "{ viewer { login } }", "variabels": {}}, "variabels: unknown key"),
            ({"document": "{ viewer { login } }"}, "no query in the body"),
            ({"query": TestGraphQL.NODES, "variables": {"ids": None}}, "ids"),
        ],
    )
    def test_a_bad_document(self, gh: FakeGitHub, body: Any, violation: str) -> None:
        told = ask(gh, "POST", "/graphql", body)
        assert violation in gh.violations[0]
        assert ("errors" in told.body) == ("variabels" not in body)
        gh.violations.clear()

    def test_a_request_that_meets_a_fault_is_judged_too(self, gh: FakeGitHub) -> None:
        gh.faults.add("POST", "", Fault(status=502, times=2))
        ask(gh, "POST", COMMENTS, {"boddy": "hello"})
        ask(gh, "POST", "/graphql", {"query": "{ viewer { name } }"})
        assert ["boddy" in gh.violations[1], "'name'" in gh.violations[2]] == [True, True]
        gh.violations.clear()

    @pytest.mark.parametrize(
        ("patch", "violation"),
        [
            ({"id": "seven"}, '/0/id: "seven" is not of type "integer"'),
            ({"created_at": "noon"}, '/0/created_at: "noon" is not a "date-time"'),
            ({"bodi": "hello"}, "/0/bodi: unknown key"),
        ],
    )
    def test_a_wrong_answer_of_our_own(
        self, gh: FakeGitHub, monkeypatch: pytest.MonkeyPatch, patch: dict[str, Any], violation: str
    ) -> None:
        right = Payloads.comment
        monkeypatch.setattr(Payloads, "comment", lambda self, comment: right(self, comment) | patch)
        gh.add_comment(7, "hello")
        ask(gh, "GET", COMMENTS)
        assert gh.violations == [
            f"GET /repos/{{owner}}/{{repo}}/issues/{{issue_number}}/comments answer 200: {violation}"
        ]
        gh.violations.clear()

    def test_a_wrong_status_of_our_own(self) -> None:
        listing = referee.Operation("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments")
        removal = referee.Operation("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}")
        assert "not described" in referee.check_answer(listing, 201, [])[0].text
        assert "none belongs" in referee.check_answer(removal, 204, {})[0].text

    def test_a_bug_in_the_stand_in_reaches_the_test(self, gh: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Payloads, "comment", lambda self, comment: 1 / 0)
        gh.add_comment(7, "hello")
        assert ask(gh, "GET", COMMENTS).status == 500
        assert "ZeroDivisionError" in gh.violations[0]
        gh.violations.clear()

    def test_leaving_the_block_raises(self) -> None:
        gh = FakeGitHub().__enter__()
        ask(gh, "GET", "/none")
        with pytest.raises(AssertionError, match="GET /none: no such operation"):
            gh.__exit__(None, None, None)

    def test_an_error_in_the_block_is_not_replaced(self) -> None:
        gh = FakeGitHub().__enter__()
        ask(gh, "GET", "/none")
        error = KeyError("the test's own")
        gh.__exit__(KeyError, error, None)
        assert "GET /none: no such operation" in error.__notes__[0]

    def test_a_waiver(self) -> None:
        waiver = Waiver(r"/boddy: unknown key$", "to see that it can be waived")
        with FakeGitHub(waivers=[waiver]) as gh:
            gh.add_pull(number=7, head_sha=HEAD)
            ask(gh, "POST", COMMENTS, {"body": "hello", "boddy": "hello"})
        assert [reason for _, reason in gh.waived] == [waiver.reason]

    def test_every_waiver_is_needed(self, gh: FakeGitHub) -> None:
        gh.add_pull(number=8, head_sha="b" * 40, head_repo=None)
        ask(gh, "GET", "/repos/octo/sweeps/pulls/8")
        ask(gh, "POST", "/repos/octo/sweeps/issues/7/labels", ["bug"])
        ask(gh, "POST", COMMENTS, {"body": ""})
        assert {reason for _, reason in gh.waived} == {waiver.reason for waiver in referee.WAIVERS}


class TestCutting:
    def test_every_described_operation_is_served_and_no_other(self) -> None:
        described = {tuple(line.split(" ")) for line in cut_openapi.OPERATIONS.split("\n") if line}
        assert {tuple(operation) for operation, _, _ in rest.ROUTES} == described

    def test_the_description_is_what_the_script_keeps(self) -> None:
        subset = json.loads(referee.DESCRIPTION.read_text(encoding="utf-8"))
        assert cut_openapi.cut(subset) == subset

    def test_the_schema_is_what_the_script_keeps(self) -> None:
        subset = graph.SCHEMA.read_text(encoding="utf-8")
        assert cut_graphql.cut(subset) == subset


class TestLeaving:
    def test_idle_and_waiting_clients_do_not_hold_it_up(self) -> None:
        with FakeGitHub() as gh:
            gh.faults.add("GET", "/rate_limit", Fault(delay=60))
            idle, waiting = (HTTPConnection(gh.url.removeprefix("http://"), timeout=5) for _ in range(2))
            idle.request("GET", "/repos/octo/sweeps")
            idle.getresponse().read()
            waiting.request("GET", "/rate_limit")
            wait_for_requests(gh, 2)
            start = time.monotonic()
        assert time.monotonic() - start < 1
        idle.close()
        waiting.close()

    def test_a_client_that_goes_away_is_no_violation(self) -> None:
        with FakeGitHub() as gh:
            gh.faults.add("GET", "/rate_limit", Fault(delay=0.05))
            leaving = HTTPConnection(gh.url.removeprefix("http://"), timeout=5)
            leaving.request("GET", "/rate_limit")
            wait_for_requests(gh, 1)
            leaving.close()
            assert ask(gh, "GET", "/rate_limit").status == 200
        assert [request.status for request in gh.journal] == [200, 200]
