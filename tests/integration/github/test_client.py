"""The client says what went wrong, never with the token, and refuses what cannot work."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from hparam_ci.github.api import ApiError, GitHubError
from hparam_ci.github.client import Client, connect
from tests.github_api import FakeGitHub, Fault

TOKEN = "ghs_s3cret0123456789"


@pytest.mark.parametrize("token", ["", "  \n"])
def test_no_token(token: str) -> None:
    with pytest.raises(ApiError, match="github_token input is empty"):
        connect("https://api.github.com", token, "octo/sweeps")


@pytest.mark.parametrize("url", ["", "api.github.com", "file:///etc/passwd", "ftp://x"])
def test_no_address(url: str) -> None:
    with pytest.raises(ApiError, match="not an http"):
        connect(url, TOKEN, "octo/sweeps")


def test_missing_ca_bundle(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="ca_bundle"):
        connect("https://ghes.example/api/v3", TOKEN, "octo/sweeps", ca_bundle=str(tmp_path / "none.pem"))


def test_connecting_sends_nothing(gh: FakeGitHub, client: Client) -> None:
    assert gh.journal == []


def test_token_is_in_no_text(
    gh: FakeGitHub, connected: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = connected(TOKEN, retries=0)
    faults = [
        Fault(status=401, body={"message": f"Bad credentials {TOKEN}"}),
        Fault(status=500, body=f"<html>{TOKEN}</html>"),
        Fault(status=200, body=f'["{TOKEN}"]'),
        Fault(drop=True),
    ]
    said = [repr(client), str(vars(client)["_retry"])]
    for fault in faults:
        gh.faults.add("GET", "/comments$", fault)
        with pytest.raises(GitHubError) as raised:
            client.comments(7)
        said += [str(raised.value), repr(raised.value), "".join(traceback.format_exception(raised.value))]
    out, err = capfd.readouterr()
    assert TOKEN not in "".join([*said, caplog.text, out, err])
    assert len(said) == 14


@pytest.mark.parametrize("token", [f"{TOKEN}\nx", f"{TOKEN}\x00", f"{TOKEN}é"])
def test_token_that_is_none_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(ApiError, match="no token has") as raised:
        connect("https://api.github.com", token, "octo/sweeps")
    assert TOKEN not in str(raised.value)


def test_spaces_around_the_token_do_not_matter(gh: FakeGitHub, connected: Any) -> None:
    assert connected(f" {gh.token}\n").comments(7) == []


def test_enterprise_server_paths() -> None:
    client = connect("https://ghes.example/api/v3", TOKEN, "octo/sweeps")
    requester = client._github.requester
    assert (requester.base_url, requester.graphql_url) == (
        "https://ghes.example/api/v3",
        "https://ghes.example/api/graphql",
    )
    assert repr(client) == "Client('octo/sweeps')"
    client.close()


def test_tls_trouble_is_not_repeated(gh: FakeGitHub, connected: Any, clock: Any) -> None:
    client = connected(url=gh.url.replace("http:", "https:"))
    with pytest.raises(ApiError, match="ca_bundle"):
        client.comments(7)
    assert clock.slept == []


def test_deleting_twice_is_no_error(gh: FakeGitHub, client: Client) -> None:
    gh.add_comment(7, "hello", author=gh.login)
    (comment,) = client.comments(7)
    client.delete_comment(comment)
    client.delete_comment(comment)
    assert gh.comments(7) == []


def test_comment_that_vanished_between_the_questions(gh: FakeGitHub, client: Client) -> None:
    for author in (gh.login, "someone"):
        gh.add_comment(7, "hello", author=author)
    comments = client.comments(7)
    answer = {
        "data": {"nodes": [None, {"viewerDidAuthor": True, "isMinimized": False}]},
        "errors": [{"type": "NOT_FOUND", "path": ["nodes", 0], "message": "Could not resolve to a node"}],
    }
    gh.faults.add("POST", "^/graphql$", Fault(status=200, body=answer))
    assert client.own_visible(comments) == comments[1:]
