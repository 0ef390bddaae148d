"""Which detectors run, with which options and severities: by input, flag, YAML and pyproject.toml, for some files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.config import load_config
from hparam_ci.config_schema import config_schema
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.errors import SettingsError
from hparam_ci.inspection import DetectorResult, Inspection
from hparam_ci.pipeline import inspect
from hparam_ci.report.render import comment, report
from hparam_ci.selection import IGNORED, NOT_SELECTED, Selection, named, selection_for
from hparam_ci.settings import Settings, build
from tests.conftest import EXAMPLES

CODES = [detector.code for detector in all_detectors()]
NAMES = [detector.name for detector in all_detectors()]
PATTERNS = [*CODES, *NAMES, "HP", "HP1", "hp3", "Short-Run"]


def made(config: dict[str, Any] | None = None, **given: str) -> Settings:
    return build(given, label=lambda name: f"input {name}", config=config, config_path="c.yml")


def left_out(settings: Settings, path: str = "a.csv") -> dict[str, str]:
    """Code to why it does not run on a sweep."""
    chosen = selection_for(path, settings.detectors)
    return {code: why for code in CODES if (why := chosen.why_ignored(code)) is not None}


# --- how patterns are written ---------------------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyzHP0123456789-", min_size=1, max_size=12)
REASONS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)


@given(st.dictionaries(WORDS, REASONS, max_size=6))
def test_one_pattern_a_line_keeps_each_reason(reasons: dict[str, str]) -> None:
    text = "\n".join(f"{pattern}: {reason}" for pattern, reason in reasons.items())
    assert named(text) == {pattern: " ".join(reason.split()) for pattern, reason in reasons.items()}


@given(st.lists(WORDS, max_size=6, unique=True))
def test_commas_and_lines_part_patterns_alike(patterns: list[str]) -> None:
    assert list(named(", ".join(patterns))) == patterns == list(named("\n".join(patterns)))


@given(st.text(max_size=80))
def test_any_text_gives_clean_patterns(text: str) -> None:
    for pattern, reason in named(text).items():
        assert pattern
        assert pattern == pattern.strip()
        assert reason == " ".join(reason.split())


# --- what they mean -------------------------------------------------------------------------------


def test_nothing_is_left_out_by_default() -> None:
    assert left_out(made()) == {}
    assert made({"select": None, "ignore": None, "detectors": None, "sweeps": None}) == made()


@pytest.mark.parametrize("pattern", ["HP401", "hp401", "short-run", "Short-Run", "HP4"])
def test_a_detector_is_named_by_code_by_its_beginning_or_by_name_in_any_case(pattern: str) -> None:
    assert left_out(made(ignore=pattern))["HP401"] == IGNORED
    assert "HP401" not in left_out(made(select=pattern))
    assert left_out(made(select=pattern))["HP101"] == NOT_SELECTED


def test_the_longest_pattern_decides_and_ignore_among_equals() -> None:
    assert "HP101" not in left_out(made(select="HP101", ignore="HP1"))
    assert left_out(made(select="HP1", ignore="nan-metric: we know"))["HP101"] == f"{IGNORED}: we know"
    assert left_out(made(select="HP101", ignore="nan-metric"))["HP101"] == IGNORED


WAYS: list[tuple[str, Any]] = [
    ("text", "HP401: we stop early, on purpose\nHP1, HP301"),
    ("list", ["HP401: we stop early, on purpose", "HP1", "overfitting"]),
    ("mapping", {"HP401": "we stop early,\n on purpose", "HP1": None, "HP301": ""}),
    ("mixed", ["HP1, HP301", {"short-run": "we stop early, on purpose"}]),
]


@pytest.mark.parametrize("ignore", [way for _, way in WAYS], ids=[name for name, _ in WAYS])
def test_reasons_are_written_in_any_way_that_yaml_has(ignore: Any) -> None:
    for config in ({"ignore": ignore}, {"sweeps": [{"files": "a.*", "ignore": ignore}]}):
        why = left_out(made(config))
        assert why["HP401"] == f"{IGNORED}: we stop early, on purpose"
        assert why["HP301"] == why["HP101"] == IGNORED
        assert "HP201" not in why


def test_the_same_in_yaml_and_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(
        "select: [HP1, HP4]\nignore: {HP401: on purpose}\ndetectors: {nan-metric: {severity: notice}}\n"
        "sweeps:\n  - {files: rl/*, select: HP3}\n"
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hparam-inspector]\nselect = ["HP1", "HP4"]\nignore = {HP401 = "on purpose"}\n'
        'detectors = {nan-metric = {severity = "notice"}}\nsweeps = [{files = "rl/*", select = "HP3"}]\n'
    )
    yaml, toml = (load_config(tmp_path, name)[0] for name in ("c.yml", "pyproject.toml"))
    assert made(yaml).detectors == made(toml).detectors
    assert set(left_out(made(toml))) == {code for code in CODES if not code.startswith(("HP1", "HP4"))} | {"HP401"}


# --- precedence -----------------------------------------------------------------------------------


def test_later_entries_win_over_earlier_and_over_the_top_and_inputs_over_all() -> None:
    config = {
        "select": "HP1",
        "ignore": {"HP101": "top"},
        "detectors": {"short-run": {"share": 0.5, "severity": "error"}},
        "sweeps": [
            {"files": "rl/*.csv", "select": ["HP101", "HP4"], "detectors": {"short-run": {"severity": "warning"}}},
            {"files": "rl/b*", "ignore": {"HP4": "entry"}, "detectors": {"short-run": {"share": 0.2}}},
        ],
    }
    assert left_out(made(config))["HP101"] == f"{IGNORED}: top"
    assert "HP101" not in left_out(made(config), "rl/a.csv"), "selected again for these files"
    assert left_out(made(config), "rl/a.csv")["HP102"] == NOT_SELECTED
    assert left_out(made(config), "rl/b.csv")["HP401"] == f"{IGNORED}: entry"
    assert set(left_out(made(config, select="HP401"), "rl/b.csv")) == set(CODES) - {"HP401"}
    assert left_out(made(config, ignore="HP401: flag"), "rl/a.csv")["HP401"] == f"{IGNORED}: flag"
    merged = selection_for("rl/b.csv", made(config).detectors)
    assert (merged.options, merged.severities) == ({"short-run": {"share": 0.2}}, {"short-run": "warning"})
    assert selection_for("x.csv", made(config).detectors).options == {"short-run": {"share": 0.5}}


@given(st.lists(st.sampled_from(PATTERNS), max_size=3), st.lists(st.sampled_from(PATTERNS), max_size=3))
def test_what_runs_is_selected_and_not_ignored_more_closely(select: list[str], ignore: list[str]) -> None:
    why = left_out(made(select=",".join(select), ignore=",".join(ignore)))
    for detector in all_detectors():
        chosen, ignored = (
            [p for p in given if p.lower() == detector.name or detector.code.startswith(p.upper())]
            for given in (select, ignore)
        )
        if not ignored:
            assert (detector.code in why) == bool(select and not chosen)
        if ignored and not chosen:
            assert why[detector.code] == IGNORED


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"select": "HP9"}, r"c\.yml: select: there is no detector 'HP9'"),
        ({"ignore": ["overfiting"]}, r"c\.yml: ignore: there is no detector 'overfiting'; did you mean 'overfitting'"),
        ({"ignore": {"hp3o1": "x"}}, r"c\.yml: ignore: .*did you mean 'HP301'"),
        ({"sweeps": [{"files": "a", "ignore": "zzz"}]}, r"c\.yml: sweeps\[0\]: ignore: .*`hparam-ci rules` lists all"),
        ({"select": "HP1: because"}, "takes no reason"),
        ({"select": {"HP1": "because"}}, "takes no reason"),
        ({"ignore": 401}, "must be codes or names"),
        ({"ignore": [401]}, "must be codes or names"),
        ({"ignore": {"HP401": 7}}, "must be codes or names"),
        ({"detectors": []}, "must map names of detectors"),
        ({"detectors": ["short-run"]}, "must map names of detectors"),
        ({"detectors": {"short-run": {"shar": 1}}}, "did you mean 'share'"),
        ({"detectors": {"short-run": {"share": True}}}, "is not a number from 0 up"),
        ({"detectors": {"short-run": {"share": -1}}}, "is not a number from 0 up"),
        ({"detectors": {"short-run": {"share": 10**400}}}, "is not a number from 0 up"),
        ({"detectors": {"short-run": {"severity": "fatal"}}}, "allowed: error, warning, notice"),
        ({"sweeps": {"files": "a"}}, "must be a list"),
        ({"sweeps": [{"ignore": "HP1"}]}, "must be a mapping with `files`"),
    ],
)
def test_what_cannot_be_used_is_one_message_with_its_place(config: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        made(config)
    assert "\n" not in str(error.value)


def test_inputs_and_flags_are_named_as_they_were_written() -> None:
    with pytest.raises(SettingsError, match="input ignore: there is no detector 'HP999'"):
        made(ignore="HP999")


# --- the schema -----------------------------------------------------------------------------------

REASON = st.none() | st.text(max_size=5) | st.integers()
WRITTEN = (
    st.none()
    | st.sampled_from([*PATTERNS, "HP1: why"])
    | st.booleans()
    | st.integers()
    | st.lists(st.sampled_from(PATTERNS) | st.dictionaries(st.sampled_from(CODES), REASON) | st.integers(), max_size=3)
    | st.dictionaries(st.sampled_from(CODES), REASON, max_size=3)
)
VALUE = st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-2, 10) | st.sampled_from(["error", "x"])
SET = (
    st.none()
    | st.integers()
    | st.dictionaries(
        st.sampled_from(["short-run", "overfitting", "nan-metric", "odd"]),
        st.none() | st.integers() | st.dictionaries(st.sampled_from(["severity", "share", "gap", "odd"]), VALUE),
        max_size=2,
    )
)
SECTION = st.fixed_dictionaries({}, optional={"select": WRITTEN, "ignore": WRITTEN, "detectors": SET})
ENTRY = st.builds(lambda section, files: section | files, SECTION, st.sampled_from([{"files": "a*"}, {"files": 1}, {}]))
SCHEMA = jsonschema_rs.validator_for(config_schema())


@given(
    st.builds(lambda top, more: top | more, SECTION, st.just({}) | st.fixed_dictionaries({"sweeps": st.lists(ENTRY)}))
)
def test_the_schema_takes_what_the_loader_takes(config: dict[str, Any]) -> None:
    try:
        made(config)
        accepted = True
    except SettingsError:
        accepted = False
    assert SCHEMA.is_valid(config) == accepted


@pytest.mark.parametrize("key", config_schema()["properties"])
def test_a_key_without_a_value_counts_as_absent(key: str) -> None:
    assert made({key: None}) == made()
    assert SCHEMA.is_valid({key: None})


# --- in the report --------------------------------------------------------------------------------


def inspected(config: dict[str, Any], **given: str) -> Inspection:
    return inspect(["sample_results.csv"], made(config, **given), root=EXAMPLES)


def result(it: Inspection, code: str) -> DetectorResult:
    return next(d for d in it.sweeps[0].detectors if d.code == code)


def test_what_is_left_out_is_said_once_with_its_reason_and_sanitised() -> None:
    it = inspected({"ignore": {"HP401": "@team <b>stops</b> early | on purpose"}})
    assert result(it, "HP401").ignored
    assert not result(it, "HP401").ran
    for text in (comment(it).text, report(it)):
        assert text.count("ignored by configuration") == 1
        assert "&#60;b&#62;stops" in text
        assert "@team" not in text


def test_severity_and_options_hold_in_the_result() -> None:
    it = inspected({"detectors": {"short-run": {"severity": "error"}, "overfitting": {"ratio": 100, "gap": 1}}})
    assert result(it, "HP401").severity == "error"
    assert it.sweeps[0].severities["error"] == 4
    assert result(it, "HP301").count.affected == 0


@pytest.mark.parametrize("how", [{"ignore": "HP1: none of our business"}, {"select": "HP3"}])
def test_a_limit_whose_detectors_are_left_out_is_no_pass(how: dict[str, Any]) -> None:
    builtin, asked = inspected(how), inspected(how, max_nan_rate="50%")
    [quiet], [loud] = ([x for x in it.gate.limits if x.rate == "nan_rate"] for it in (builtin, asked))
    assert (quiet.result, loud.result) == ("not_checked", "inconclusive")
    assert asked.verdict == "inconclusive"
    assert "by configuration" in loud.reason


def test_a_sweep_of_which_everything_is_left_out_is_not_called_fine() -> None:
    it = inspected({"ignore": ["HP"]})
    assert "no issue found" not in comment(it).text
    assert "no detector could look" in comment(it).text


def test_what_holds_for_some_files_holds_for_no_others() -> None:
    config = {"sweeps": [{"files": "sample_*", "ignore": {"HP1": "made up"}}]}
    it = inspect(["sample_results.csv", "digits_sweep.csv"], made(config), root=EXAMPLES)
    ran = {sweep.path: {d.code for d in sweep.detectors if d.ran} for sweep in it.sweeps}
    assert "HP101" in ran["digits_sweep.csv"]
    assert "HP101" not in ran["sample_results.csv"]
    assert selection_for("other.csv", made(config).detectors) == Selection()
