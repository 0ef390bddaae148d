"""Options: what is accepted, what is refused, and with which words."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.config import load_config
from hparam_ci.errors import SettingsError
from hparam_ci.limits import Limit, parse_rate
from hparam_ci.selection import Selection
from hparam_ci.settings import Settings, build


def make(config: dict[str, object] | None = None, **given: str) -> Settings:
    return build(given, label=lambda name: f"input {name}", config=config)


def limits(settings: Settings) -> dict[str, Limit]:
    return {limit.rate: limit for limit in settings.limits}


@given(st.integers(0, 100))
def test_a_percentage_and_its_share_are_the_same_rate(percent: int) -> None:
    assert parse_rate(f"{percent}%") == Fraction(percent, 100) == parse_rate(f"{percent / 100:.2f}")


@pytest.mark.parametrize("text", ["5", "1", "150%", "-1%", "1e-3", "nan", "", "٥%", "9" * 5000, "5 percent", "5%%"])
def test_what_is_no_clear_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"0\.05|100%"):
        parse_rate(text)


def test_a_bare_number_is_said_to_be_ambiguous() -> None:
    with pytest.raises(SettingsError, match="input max_nan_rate: '5' could mean 5 % or a share"):
        make(max_nan_rate="5")


def test_defaults() -> None:
    settings = make()
    assert settings == Settings()
    assert {limit.rate: limit.fail for limit in settings.limits} == {
        "nan_rate": Fraction(1, 10),
        "failed_rate": Fraction(1, 5),
        "divergence_rate": Fraction(1, 10),
    }
    assert not any(limit.asked for limit in settings.limits)


def test_a_limit_can_be_set_and_switched_off() -> None:
    settings = make(max_nan_rate="5%", max_failed_rate="off")
    assert limits(settings)["nan_rate"] == Limit("nan_rate", Fraction(1, 20))
    assert "failed_rate" not in limits(settings)


def test_thresholds_take_warn_and_fail_and_a_glob() -> None:
    settings = make(thresholds="nan_rate: 1%/5%\nresults/*.csv | failed_rate: 0%\n")
    assert settings.limits[-2:] == (
        Limit("nan_rate", Fraction(1, 20), Fraction(1, 100)),
        Limit("failed_rate", Fraction(0), glob="results/*.csv"),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nan_rat: 5%", "did you mean 'nan_rate'"),
        ("nan_rate 5%", "cannot read"),
        ("nan_rate: 5%/1%", "warn not above fail"),
        ("nan_rate: 1%/2%/3%", "warn/fail"),
        ("nan_rate: 5", "could mean"),
    ],
)
def test_a_bad_threshold_says_what_is_wrong(line: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"input thresholds: .*{words}"):
        make(thresholds=line)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("fail_on", "sometimes", "fail, warn, never"),
        ("fail_on_empty", "yes", "true or false"),
        ("max_files", "0", "from 1 to"),
        ("json_file", "../out.json", "inside the workspace"),
        ("report_file", ".git/config", "inside the workspace"),
        ("commit", "HEAD; rm", "commit SHA"),
        ("pr_number", "seven", "whole number"),
        ("title", "two\nlines", "one printable line"),
    ],
)
def test_a_bad_value_names_place_value_and_what_is_allowed(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"input {name}: .*{words}"):
        make(**{name: value})


def test_inputs_win_over_the_configuration_and_it_over_the_defaults() -> None:
    config = {"fail_on": "warn", "max_nan_rate": 0.25, "max_failed_rate": False}
    settings = make(config, max_nan_rate="5%", fail_on="fail")
    assert settings.fail_on == "warn", "an input at its default yields"
    assert limits(settings)["nan_rate"].fail == Fraction(1, 20)
    assert "failed_rate" not in limits(settings), "YAML reads `off` as false"


def test_an_empty_file_name_switches_the_file_off() -> None:
    assert make(json_file="").json_file == ""
    assert make().json_file == "hparam_report.json"


def test_an_unknown_key_of_the_configuration_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="unknown option 'fail_onn'; did you mean 'fail_on'"):
        make({"fail_onn": "warn"})


def test_detector_options_are_checked() -> None:
    [chosen] = make({"detectors": {"overfitting": {"gap": 0.2, "severity": "error"}}}).detectors
    assert chosen == Selection(options={"overfitting": {"gap": 0.2}}, severities={"overfitting": "error"})
    for wrong in (
        {"overfiting": {}},
        {"overfitting": {"gapp": 1}},
        {"overfitting": {"gap": "wide"}},
        {"overfitting": {"severity": "fatal"}},
        {"overfitting": 3},
    ):
        with pytest.raises(SettingsError, match="detectors"):
            make({"detectors": wrong})


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "\x00", "just words"])
def test_a_configuration_that_is_no_mapping_is_one_clear_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yml").write_text(text)
    with pytest.raises(SettingsError, match=r"c\.yml"):
        make(load_config(tmp_path, "c.yml")[0] and {}) if not text.startswith(("-", "just")) else build(
            {}, label=str, config=load_config(tmp_path, "c.yml")[0], config_path="c.yml"
        )


def test_a_configuration_outside_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text("fail_on: never")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "c.yml").symlink_to(tmp_path / "outside.yml")
    with pytest.raises(SettingsError, match="leads out of the workspace"):
        load_config(tmp_path / "root", "c.yml")
    with pytest.raises(SettingsError, match="does not exist"):
        load_config(tmp_path / "root", "absent.yml")


def test_the_token_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(make(github_token="s3cret"))
