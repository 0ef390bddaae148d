"""What changed against a baseline, and what of that fails the gate."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hparam_ci.baseline import compare
from hparam_ci.cli import main
from hparam_ci.errors import SettingsError
from hparam_ci.inspection import Inspection, Rate
from hparam_ci.pipeline import against, inspect, read_baseline
from hparam_ci.report.render import comment
from hparam_ci.settings import Settings
from tests.conftest import EXAMPLES
from tests.unit.report.making import cause, count, inspected, sweep

SICK, HEALTHY = "digits_sweep.csv", "healthy_sweep.csv"


def rated(affected: int, evaluable: int, path: str = "a.csv", **more: object) -> Inspection:
    rate = Rate(path=path, rate="nan_rate", count=count(affected, evaluable))
    return inspected("pass", sweep(path, rates=(rate,), **more))


@pytest.mark.parametrize(
    ("before", "now", "rose"),
    [((0, 100), (20, 100), True), ((1, 100), (3, 100), False), ((5, 10), (5, 10), False), ((20, 100), (0, 100), False)],
)
def test_a_rate_rose_only_where_chance_does_not_explain_it(
    before: tuple[int, int], now: tuple[int, int], rose: bool
) -> None:
    [change] = compare(rated(*now).sweeps, rated(*before), "base", Settings()).rates
    assert change.rose is rose
    assert (change.p_value <= 0.05) is rose


def test_a_rise_fails_only_where_that_was_asked_for() -> None:
    now, before = rated(8, 100), rated(0, 100)
    for asked, verdict in ((False, "pass"), (True, "fail")):
        compared = against(now, before, "main", Settings(fail_on_regression=asked))
        assert compared.verdict == verdict
        assert compared.gate.fails_run is asked
    assert "rose by more than chance: 0% (0 of 100) to 8% (8 of 100)" in compared.gate.reasons[0]


def test_a_new_cause_is_told_from_a_shifted_threshold() -> None:
    shifted = msgspec.structs.replace(cause(1), text="lr > 0.2")
    other = msgspec.structs.replace(cause(2), code="HP201", text="lr > 0.1")
    guess = cause(3, "suggestive")
    before = rated(1, 10, causes=(cause(1),))
    comparison = compare(rated(1, 10, causes=(shifted, other, guess)).sweeps, before, "main", Settings())
    assert comparison.new_causes == ("C2",)
    gone = compare(rated(1, 10).sweeps, before, "main", Settings())
    assert [one.text for one in gone.gone_causes] == ["lr > 0.1"]
    failed = against(rated(1, 10, causes=(other,)), rated(1, 10), "main", Settings(fail_on_new_causes=True))
    assert failed.verdict == "fail"
    assert failed.gate.reasons == ("causes that main has not: C2",)


def test_sweeps_come_go_and_are_renamed() -> None:
    now = inspected("pass", sweep("a.csv"), sweep("b.csv"))
    before = inspected("pass", sweep("b.csv", sha256="1" * 64), sweep("c.csv"))
    comparison = compare(now.sweeps, before, "main", Settings())
    assert (comparison.new_sweeps, comparison.gone_sweeps, comparison.unchanged) == (("a.csv",), ("c.csv",), ())
    renamed = compare(rated(1, 10, "new.csv").sweeps, rated(1, 10, "old.csv"), "main", Settings())
    assert [change.path for change in renamed.rates] == ["new.csv"]
    assert not renamed.changed


def test_a_baseline_is_an_earlier_result_or_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "sweep.csv").write_bytes((EXAMPLES / HEALTHY).read_bytes())
    (tmp_path / "old.json").write_bytes(inspect(["sweep.csv"], root=tmp_path).to_json())
    from_json, from_sweep = (read_baseline(name, Settings(), tmp_path) for name in ("old.json", "sweep.csv"))
    assert from_json.sweeps == from_sweep.sweeps


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.json", None, "does not exist"),
        ("../out.json", None, "does not exist"),
        ("old.json", b"{}", "no result of hparam-inspector"),
        ("old.json", b"\xff", "no result of hparam-inspector"),
        ("old.csv", b"", "cannot be inspected"),
    ],
)
def test_a_bad_baseline_is_one_clear_message(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=f"baseline_file: .*{words}"):
        read_baseline(name, Settings(), tmp_path)


def test_a_baseline_beyond_the_cap_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "old.json").open("wb") as file:
        file.truncate(2 * 1024 * 1024)
    with pytest.raises(SettingsError, match="larger than max_file_size_mb"):
        read_baseline("old.json", Settings(max_file_size_mb=1), tmp_path)


def test_the_command_line_shows_and_judges_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (SICK, HEALTHY):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
    lenient = ["--max-divergence-rate", "off", "--baseline-file", HEALTHY]
    assert main(["inspect", SICK, *lenient]) == 0
    assert "Against healthy_sweep.csv" in capsys.readouterr().out
    assert main(["inspect", SICK, *lenient, "--fail-on-regression"]) == 1
    assert "rose by more than chance" in capsys.readouterr().out
    assert main(["inspect", SICK, "--baseline-file", "no.json"]) == 2


def test_the_comment_says_what_changed() -> None:
    text = comment(against(inspect([SICK], root=EXAMPLES), inspect([HEALTHY], root=EXAMPLES), "main", Settings())).text
    assert "Against main: 4 rates moved" in text
    assert "more than chance" in text
    assert "6 new causes (C1, C2, C3, C4, C5, C6)" in text
    assert text.count("🆕") == 6
    same = inspect([HEALTHY], root=EXAMPLES)
    assert "Against main: the files are the same." in comment(against(same, same, "main", Settings())).text
