"""GitHub Enterprise Server: its paths, and a certificate that only a CA of the company's own signs."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from hparam_ci.github.api import ApiError
from hparam_ci.github.client import connect
from tests.github_api import FakeGitHub

COMPANY, STRANGER = trustme.CA(), trustme.CA()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "company.pem"
    COMPANY.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def enterprise() -> Iterator[FakeGitHub]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    COMPANY.issue_cert("127.0.0.1").configure_cert(context)
    with FakeGitHub(repository="octo/sweeps", enterprise=context) as server:
        server.add_pull(number=7, head_sha="a" * 40)
        server.add_file("results/sweep.csv", b"x", "c" * 40)
        yield server


def body_of(gh: FakeGitHub, ca_bundle: Path | None) -> str:
    """Post a comment, ask who wrote it, read a file: REST, GraphQL and the contents."""
    client = connect(gh.url, gh.token, gh.repository, ca_bundle=ca_bundle and str(ca_bundle), seconds_between_writes=0)
    try:
        client.create_comment(7, "hello", find=lambda: None)
        [comment] = client.own_visible(client.comments(7))
        assert client.file("results/sweep.csv", "c" * 40, 10) == b"x"
        return comment.body
    finally:
        client.close()


def test_its_api_is_reached_below_api_with_the_given_bundle(enterprise: FakeGitHub, bundle: Path) -> None:
    assert "/api/v3" in enterprise.url
    assert body_of(enterprise, bundle) == "hello"
    assert {request.path for request in enterprise.journal} >= {"/graphql", "/repos/octo/sweeps/issues/7/comments"}


@pytest.mark.parametrize("given", ["none", "another"])
def test_without_the_right_bundle_nothing_is_sent_and_the_input_is_named(
    enterprise: FakeGitHub, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    other = tmp_path / "stranger.pem"
    STRANGER.cert_pem.write_to_path(other)
    with pytest.raises(ApiError, match="set ca_bundle"):
        body_of(enterprise, None if given == "none" else other)
    assert enterprise.journal == []


def test_the_usual_variable_names_the_bundle_too(
    enterprise: FakeGitHub, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert body_of(enterprise, None) == "hello"


def test_the_input_wins_over_the_variable(
    enterprise: FakeGitHub, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "stranger.pem"
    STRANGER.cert_pem.write_to_path(other)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    assert body_of(enterprise, bundle) == "hello"
