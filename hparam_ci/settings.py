"""The settings of a run: what inputs, flags and the configuration file say of each option, checked and typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hparam_ci.columns import SELECTION_KEYS, ColumnRules, column_rules
from hparam_ci.config import CONFIG_FILE, check_keys
from hparam_ci.limits import RATE_OPTIONS, Limit, default_limits, scalar_limit, threshold
from hparam_ci.options import EMPTY_MEANS_OFF, OPTIONS, Option, check, maybe_rate
from hparam_ci.selection import DEFAULT, Selection, selection

FailOn = Literal["fail", "warn", "never"]

LEGACY_VARIABLE = "HPATH_RESULTS_CSV"
LEGACY_FILE = "results.csv"


@dataclass(frozen=True, slots=True)
class Settings:
    """All options, checked and typed. `Settings()` holds the defaults."""

    files: tuple[str, ...] = ()
    config: str = ""
    limits: tuple[Limit, ...] = field(default_factory=default_limits)
    fail_on: FailOn = "fail"
    fail_on_empty: bool = True
    fail_on_parse_error: bool = True
    baseline: Literal["auto", "off"] = "auto"
    baseline_file: str = ""
    fail_on_regression: bool = False
    fail_on_new_causes: bool = False
    github_token: str = field(default="", repr=False)
    comment_mode: Literal["update", "recreate", "hide", "off"] = "update"
    comment_on: Literal["always", "findings", "changes", "failure"] = "always"
    comment_key: str = ""
    title: str = "Sweep inspection"
    job_summary: bool = True
    annotations: Literal["error", "warning", "notice", "off"] = "warning"
    check_run: bool = False
    show_params: bool = False
    pr_number: int | None = None
    commit: str = ""
    json_file: str = "hparam_report.json"
    report_file: str = "hparam_report.md"
    html_file: str = ""
    sarif_file: str = ""
    junit_file: str = ""
    max_file_size_mb: int = 50
    max_files: int = 50
    github_retries: int = 5
    publish_timeout_seconds: int = 120
    ca_bundle: str = ""
    log_level: str = "info"
    ai: Literal["off", "auto", "require"] = "off"
    ai_model: str = ""
    ai_api_key: str = field(default="", repr=False)
    ai_base_url: str = ""
    ai_timeout_seconds: int = 90
    ai_cache: str = ""
    detectors: tuple[Selection, ...] = ()
    columns: tuple[ColumnRules, ...] = ()


def build(
    given: Mapping[str, str],
    *,
    label: Callable[[str], str],
    config: Mapping[str, Any] | None = None,
    config_path: str = CONFIG_FILE,
    known_rates: tuple[str, ...] | None = None,
) -> Settings:
    """Settings from what was given, then the configuration, then the defaults.

    Args:
        given: option name to text. An empty text counts as absent, and so does the default where the configuration
            has the option: the runner passes the defaults of inputs as if they were written. Keys that are no option
            are ignored (the caller has checked them).
        label: how the user wrote an option's name, for messages (`input max_nan_rate`, `--max-nan-rate`).
        config: the parsed configuration file.
        config_path: its path, for messages.
        known_rates: the rates that a threshold may name; all that the detectors know if not given.

    Raises:
        SettingsError: an option that cannot be used.
    """
    config = config or {}
    check_keys(config, [option.name for option in OPTIONS if option.in_file], config_path)
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for option in OPTIONS:
        if option.name in SELECTION_KEYS:
            continue
        text, where = _pick(option, given, config, label, config_path)
        values[option.name] = check(option, text, where)
        places[option.name] = where
    if known_rates is None:
        from hparam_ci.detectors.registry import rate_names

        known_rates = rate_names()
    columns = column_rules(config, config_path)
    limits = [scalar_limit(option, values.pop(option.option)) for option in RATE_OPTIONS]
    thresholds = [threshold(line, places["thresholds"], known_rates) for line in values.pop("thresholds")]
    return Settings(
        **values,
        limits=tuple([limit for limit in limits if limit.fail is not None] + thresholds),
        detectors=_selections(given, config, label, config_path),
        columns=columns,
    )


def _pick(
    option: Option, given: Mapping[str, str], config: Mapping[str, Any], label: Callable[[str], str], config_path: str
) -> tuple[str, str]:
    text = given.get(option.name, "").strip()
    if text and not (text == option.default and config.get(option.name) is not None):
        return text, label(option.name)
    if config.get(option.name) is not None:
        return _as_text(option, config[option.name]), f"{config_path}: {option.name}"
    default = "" if option.default.startswith("${{") else option.default
    return given.get(option.name, default) if option.name in EMPTY_MEANS_OFF else default, label(option.name)


def _as_text(option: Option, value: Any) -> str:
    if value is False and ("off" in option.choices or option.parse is maybe_rate):
        return "off"  # YAML reads a bare off as false
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {'' if item is None else item}" for key, item in value.items())
    return str(value)


def _selections(
    given: Mapping[str, str], config: Mapping[str, Any], label: Callable[[str], str], path: str
) -> tuple[Selection, ...]:
    """What the configuration says of every sweep, then of some, then what inputs and flags say of all."""

    def below(place: str) -> Callable[[str], str]:
        return lambda key: f"{place}: {key}"

    general = selection(config, below(path))
    entries = [
        selection(entry, below(f"{path}: sweeps[{number}]"), entry["files"])
        for number, entry in enumerate(config.get("sweeps") or [])
    ]
    asked = selection({name: given.get(name, "").strip() or None for name in ("select", "ignore")}, label)
    return tuple(one for one in (general, *entries, asked) if one != DEFAULT)
