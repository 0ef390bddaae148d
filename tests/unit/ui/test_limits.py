"""The sliders' limits, the workflow that they print, names of uploads, and the command without its extra."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.cli import main
from hparam_ci.commands import ui
from hparam_ci.pipeline import inspect
from hparam_ci.settings import Settings
from hparam_ci.ui import limits, opening
from tests.conftest import EXAMPLES

DIGITS = "digits_sweep.csv"
PERCENTS = st.integers(0, 200).map(lambda half: half / 2)


def test_sliders_left_alone_judge_as_the_defaults_do(tmp_path: Path) -> None:
    it = inspect([DIGITS], root=EXAMPLES)
    assert limits.judged(it, limits.settings_with(limits.defaults(), "fail", tmp_path)) == it


@given(st.fixed_dictionaries(dict.fromkeys(limits.defaults(), PERCENTS)), st.sampled_from(["fail", "warn", "never"]))
def test_the_workflow_judges_as_the_sliders_do(percents: dict[str, float], fail_on: str) -> None:
    settings = limits.settings_with(percents, fail_on, Path("/nowhere"))
    job = yaml.safe_load(limits.workflow("a: b #c.csv", percents, fail_on))["jobs"]["inspect"]
    inputs = job["steps"][1]["with"]
    assert inputs.pop("files") == "a: b #c.csv"
    assert inputs.pop("fail_on", "fail") == fail_on == settings.fail_on
    by_rate = {limit.rate: limit.fail for limit in settings.limits}
    for option, percent in percents.items():
        rate = option.removeprefix("max_")
        if percent < limits.OFF:
            assert by_rate[rate] is not None
            assert float(by_rate[rate] or 0) == pytest.approx(percent / 100)
            assert inputs.get(option, f"{limits.defaults()[option]:.6g}%") == f"{percent:.6g}%"
        else:
            assert by_rate.get(rate) is None


def test_the_configuration_of_the_folder_holds_below_the_sliders(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "hparam-inspector.yml").write_text("ignore: [HP2]\nmax_nan_rate: 1%\n", encoding="utf-8")
    settings = limits.settings_with({"max_failed_rate": 3.0}, "fail", tmp_path)
    assert {str(limit.rate): float(limit.fail or 0) for limit in settings.limits if limit.asked} == {
        "nan_rate": 0.01,
        "failed_rate": 0.03,
    }
    assert settings.detectors


def test_an_upload_is_inspected_as_the_file_is() -> None:
    content = (EXAMPLES / DIGITS).read_bytes()
    it = opening.inspect_upload(f"C:\\sweeps\\{DIGITS}", content, Settings())
    assert it.sweeps == inspect([DIGITS], root=EXAMPLES).sweeps


@given(st.text(max_size=200))
def test_the_name_of_an_upload_stays_in_its_folder(name: str) -> None:
    safe = opening.safe_name(name)
    assert safe
    assert Path(safe).name == safe
    assert safe not in (".", "..")
    assert not set(safe) & set('/\\*?[]{}!<>"')
    assert len(safe) <= opening.NAME_LENGTH


@pytest.mark.skipif(importlib.util.find_spec("streamlit") is not None, reason="the extra is installed here")
def test_without_the_extra_one_line_says_what_to_install(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["ui"]) == 2
    assert capfd.readouterr().err == f"hparam-ci: {ui.MISSING}\n"
