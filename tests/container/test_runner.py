"""The emulated runner's own reading of files and log; needs no container."""

from __future__ import annotations

import pytest

from .runner import parse_file_command, workflow_commands


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("status=pass\n", {"status": "pass"}),
        ("status=fail\nstatus=pass\n", {"status": "pass"}),
        ("equation=a=b<<c\n", {"equation": "a=b<<c"}),
        ("causes<<END\none\n\ntwo=2\nEND\nnext=1\n", {"causes": "one\n\ntwo=2", "next": "1"}),
        ("empty<<END\nEND\n", {"empty": ""}),
    ],
)
def test_output_file(text: str, values: dict[str, str]) -> None:
    assert parse_file_command(text) == values


@pytest.mark.parametrize("text", ["status\n", "=pass\n", "causes<<\n", "<<END\nEND\n", "causes<<END\none\n"])
def test_output_file_that_fails_the_step(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid format|delimiter"):
        parse_file_command(text)


def test_commands_of_a_log() -> None:
    log = "hello\n::warning file=a%2Cb.csv,line=3,title=x%3A y::50%25 are%0Asick\n  ::notice::plain\n:: no\n"
    first, second = workflow_commands(log)
    assert (first.name, first.message) == ("warning", "50% are\nsick")
    assert first.properties == {"file": "a,b.csv", "line": "3", "title": "x: y"}
    assert (second.name, second.properties, second.message) == ("notice", {}, "plain")


def test_stopped_commands_are_text() -> None:
    log = "::stop-commands::s3cret\n::error::from a cell\n::s3cret::\n::error::ours\n"
    assert [command.message for command in workflow_commands(log)] == ["ours"]
