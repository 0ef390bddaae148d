"""What stands around the crew: without it, from the cache, in the report. Nothing here needs CrewAI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hparam_ci.crew import cache, run
from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.crew.gather import gather
from hparam_ci.crew.run import review
from hparam_ci.crew.sentences import say
from hparam_ci.pipeline import inspect
from hparam_ci.report.render import comment, report
from hparam_ci.review import OFF, Review, Sentence, Usage
from tests.conftest import EXAMPLES

DIGITS = inspect(["digits_sweep.csv"], root=EXAMPLES)
MODEL = Endpoint("m-8B", "openai/m-8B", "https://host/v1", "secret-key", choosing=False)
CAUSE = gather(DIGITS).of("cause")[0]
TRUE = Sentence(say(CAUSE), (CAUSE.id,), "digits_sweep.csv", "model")
FALSE = Sentence(say(CAUSE).replace(" of ", "1 of ", 1), (CAUSE.id,), "digits_sweep.csv", "model")
OURS = Sentence("The verdict is fail.", ("V1",), "", "choice")
SAID = (("patterns", (TRUE,)), ("next", (TRUE,)), ("summary", (OURS,)))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "installed", lambda: False)
    said = review(DIGITS, MODEL, seconds=5)
    assert (said.status, said.kept) == ("failed", 0)
    assert "hparam-inspector[crew]" in said.reason


def test_a_stored_answer_is_not_asked_again_and_is_checked_again(tmp_path: Path) -> None:
    key = cache.key(gather(DIGITS), MODEL)
    cache.save(tmp_path, key, {"patterns": (TRUE, FALSE), "summary": (OURS,)})
    said = review(DIGITS, MODEL, seconds=5, folder=tmp_path)
    assert (said.status, said.cached, said.usage.requests) == ("ok", True, 0)
    assert said.of("patterns") == (TRUE,)
    assert OURS in said.of("summary")
    assert {sentence.by for sentence in said.of("next")} == {"rule"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"patterns": 3}', b"x" * 300_000])
def test_a_broken_cache_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.json").write_bytes(content)
    assert cache.load(tmp_path, "key") is None


def test_another_model_or_other_findings_are_another_key() -> None:
    other = Endpoint("n-8B", "openai/n-8B", "https://host/v1", "secret-key", choosing=False)
    facts = gather(DIGITS)
    healthy = gather(inspect(["sample_results.csv"], root=EXAMPLES))
    assert len({cache.key(facts, MODEL), cache.key(facts, other), cache.key(healthy, MODEL)}) == 3


@pytest.mark.parametrize("status", ["skipped_no_key", "skipped_untrusted", "failed", "timeout"])
def test_a_model_that_failed_leaves_the_report_but_for_one_line(status: str) -> None:
    plain = report(DIGITS).splitlines()
    failed = report(DIGITS, review=Review(status, "it did", "m-8B")).splitlines()  # type: ignore[arg-type]
    added = [line for line in failed if line not in plain]
    assert [line for line in plain if line not in failed] == []
    assert len(added) == 1
    assert "Written by rule alone" in added[0]


def test_headings_tables_and_numbers_are_the_same_with_sentences() -> None:
    said = Review("ok", "", "m-8B", SAID, 2, Usage(3, 900, 100, 0.01))
    plain, reviewed = report(DIGITS).splitlines(), report(DIGITS, review=said).splitlines()
    assert [line for line in plain if line not in reviewed] == []
    added = [line for line in reviewed if line not in plain]
    assert len(added) == 4
    assert "2 dropped, 1,000 tokens" in added[-1]
    assert "0.0100" in added[-1]


def test_a_sentence_of_a_model_shows_as_written() -> None:
    evil = Sentence("<img src=x> [a](https://example.com) @octocat `x` | #1", ("C5",), "digits_sweep.csv", "model")
    text = comment(DIGITS, review=Review("ok", "", "m", (("patterns", (evil,)),))).text
    assert "<img" not in text
    assert "](https" not in text
    assert "@octocat" not in text


def test_off_is_off() -> None:
    assert report(DIGITS, review=OFF) == report(DIGITS)


def test_nothing_of_the_crew_is_loaded_without_it() -> None:
    code = (
        "import sys, hparam_ci.action, hparam_ci.cli, hparam_ci.pipeline, hparam_ci.report.render\n"
        "print([m for m in sys.modules if m.startswith(('crewai', 'litellm', 'hparam_ci.crew', 'pydantic'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
