"""Every option once: name, default, meaning and check, for action inputs, flags and the configuration file alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, Literal

from hparam_ci.config import CONFIG_FILE
from hparam_ci.errors import SettingsError
from hparam_ci.limits import RATE_OPTIONS, RateOption, parse_rate

DEFAULT_PATTERN = "**/*.{csv,tsv,csv.gz,db}"


@dataclass(frozen=True, slots=True)
class Option:
    """One option as people write it: always a text, checked by `parse` (which raises ValueError)."""

    name: str
    default: str
    help: str
    parse: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    group: str = "Inspection"
    surface: Literal["both", "action"] = "both"
    in_file: bool = True  # whether the configuration file, which is part of what is inspected, may set it

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is not true or false")
    return text == "true"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"{text[:40]!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse


def _optional_whole(text: str) -> int | None:
    return _whole(1, 999_999_999)(text) if text else None


def _commit(text: str) -> str:
    if text and not re.fullmatch(r"[0-9a-fA-F]{7,64}", text):
        raise ValueError(f"{text[:80]!r} is not a commit SHA")
    return text


def _inside(text: str) -> str:
    path = PurePosixPath(text)
    if text and (path.is_absolute() or ".." in path.parts or ".git" in path.parts or "\0" in text):
        raise ValueError(f"{text[:80]!r} must be a path inside the workspace (no leading /, no .., not in .git)")
    return text


def _one_line(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise ValueError("must be one printable line of at most 200 characters")
    return text


def maybe_rate(text: str) -> Fraction | Literal["default"] | None:
    """A limit's rate, or that it is off or was not given."""
    if text == "":
        return "default"
    return None if text == "off" else parse_rate(text)


def _rate_help(option: RateOption) -> str:
    default = f"default {option.default}" if option.default else "reported only, unless set"
    return f"Highest allowed share of {option.meaning}, as 5% or 0.05; off for no limit ({default})."


_AI = (
    Option(
        "ai",
        "off",
        "Have a language model explain the findings, each sentence checked against them: auto where there is a key and "
        "the event is trusted; require also warns where there is none. It changes no number, verdict or exit code.",
        choices=("off", "auto", "require"),
        group="Model",
        in_file=False,
    ),
    Option(
        "ai_model",
        "",
        "Model at Hugging Face, or provider/model as LiteLLM names it (default meta-llama/Llama-3.1-8B-Instruct).",
        _one_line,
        group="Model",
        in_file=False,
    ),
    Option(
        "ai_api_key",
        "",
        "Key of the model's server, from a secret.",
        group="Model",
        surface="action",
        in_file=False,
    ),
    Option(
        "ai_base_url",
        "",
        "Address of any OpenAI-compatible server (default: Hugging Face's router, or the provider's own).",
        _one_line,
        group="Model",
        in_file=False,
    ),
    Option("ai_timeout_seconds", "90", "The most that the model may take in all.", _whole(5, 900), group="Model"),
    Option(
        "ai_cache",
        "",
        "Folder that keeps answers, so that the same findings are not asked about twice.",
        _inside,
        group="Model",
        surface="action",
    ),
)

OPTIONS: tuple[Option, ...] = (
    Option(
        "files",
        "",
        "Sweep files: one glob a line, a leading ! excludes. Default: the file named by HPATH_RESULTS_CSV, "
        f"else results.csv, else {DEFAULT_PATTERN}.",
        _lines,
        surface="action",
    ),
    Option(
        "config",
        "",
        f"Configuration file; inputs win over it. Default: {CONFIG_FILE} if it exists.",
        _inside,
        in_file=False,
    ),
    *(Option(o.option, "", _rate_help(o), maybe_rate, group="Gate") for o in RATE_OPTIONS),
    Option(
        "thresholds",
        "",
        "More limits, one a line: `rate: fail` or `rate: warn/fail`, optionally `glob | rate: …`. "
        "They win over the max_* limits.",
        _lines,
        group="Gate",
    ),
    Option("fail_on", "fail", "Which verdict fails the run.", choices=("fail", "warn", "never"), group="Gate"),
    Option(
        "fail_on_empty",
        "true",
        "Fail when there is nothing to judge: no file, no trial, or a limited rate without a denominator.",
        _boolean,
        group="Gate",
    ),
    Option("fail_on_parse_error", "true", "Fail when a file cannot be read.", _boolean, group="Gate"),
    Option(
        "baseline",
        "auto",
        "What changed: auto compares with the same files on the base branch (or before the push), where there are any.",
        choices=("auto", "off"),
        group="Baseline",
        surface="action",
    ),
    Option(
        "baseline_file",
        "",
        "Compare with this file instead: a json_file of an earlier run, or a sweep.",
        _inside,
        group="Baseline",
    ),
    Option(
        "fail_on_regression",
        "false",
        "Fail when a limited rate rose against the baseline by more than chance.",
        _boolean,
        group="Baseline",
    ),
    Option(
        "fail_on_new_causes",
        "false",
        "Fail when there is a proven cause that the baseline has not.",
        _boolean,
        group="Baseline",
    ),
    Option(
        "select",
        "",
        "Only these detectors: names, codes or beginnings of codes, one a line or with commas between them.",
        group="Detectors",
    ),
    Option(
        "ignore",
        "",
        "Leave these detectors out; `HP401: we stop early on purpose` gives the reason, which the report shows.",
        group="Detectors",
    ),
    Option(
        "show_params",
        "false",
        "Also print the hyperparameter values of sick trials.",
        _boolean,
        group="Report",
    ),
    Option("title", "Sweep inspection", "Heading of the report.", _one_line, group="Report"),
    Option(
        "json_file", "hparam_report.json", "Where to write the full result; empty for nowhere.", _inside, group="Report"
    ),
    Option(
        "report_file", "hparam_report.md", "Where to write the full report; empty for nowhere.", _inside, group="Report"
    ),
    Option(
        "html_file",
        "",
        "Where to write the report as one page with pictures, to upload as an artifact; empty for nowhere.",
        _inside,
        group="Report",
    ),
    Option(
        "sarif_file",
        "",
        "Where to write SARIF for code scanning; empty for nowhere.",
        _inside,
        group="Report",
    ),
    Option("junit_file", "", "Where to write JUnit XML; empty for nowhere.", _inside, group="Report"),
    Option(
        "max_file_size_mb",
        "50",
        "Larger files are skipped, and archives that unpack to four times as much; the report says so.",
        _whole(1, 100_000),
        group="Caps",
    ),
    Option(
        "max_files", "50", "At most this many files are inspected; the rest is said.", _whole(1, 10_000), group="Caps"
    ),
    Option(
        "github_token",
        "${{ github.token }}",
        "Token for the comment; `pull-requests: write` is enough.",
        group="GitHub",
        surface="action",
        in_file=False,
    ),
    Option(
        "comment_mode",
        "update",
        "The one comment: update it in place, recreate it, hide the old one and post anew, or off.",
        choices=("update", "recreate", "hide", "off"),
        group="GitHub",
        surface="action",
    ),
    Option(
        "comment_on",
        "always",
        "When to post a first comment; one that exists is always refreshed.",
        choices=("always", "findings", "changes", "failure"),
        group="GitHub",
        surface="action",
    ),
    Option(
        "comment_key",
        "${{ github.workflow }}/${{ github.job }}",
        "Identity of the comment: one comment per key. Set it in a matrix.",
        _one_line,
        group="GitHub",
        surface="action",
    ),
    Option("job_summary", "true", "Write the job summary.", _boolean, group="GitHub", surface="action"),
    Option(
        "annotations",
        "warning",
        "Level of the annotations at the sick rows (at most 10).",
        choices=("error", "warning", "notice", "off"),
        group="GitHub",
        surface="action",
    ),
    Option(
        "check_run",
        "false",
        "Also publish a check run with annotations at all listed rows; needs `checks: write`.",
        _boolean,
        group="GitHub",
        surface="action",
    ),
    Option(
        "pr_number",
        "",
        "Pull request to comment on. Default: from the event.",
        _optional_whole,
        group="GitHub",
        surface="action",
    ),
    Option("commit", "", "Commit to show. Default: from the event.", _commit, group="GitHub", surface="action"),
    Option("github_retries", "5", "Retries of a GitHub request.", _whole(0, 20), group="GitHub", surface="action"),
    Option(
        "publish_timeout_seconds",
        "120",
        "Total time for publishing; after it nothing more is sent, and the verdict stands.",
        _whole(1, 3600),
        group="GitHub",
        surface="action",
    ),
    Option(
        "ca_bundle",
        "",
        "CA certificates for GitHub Enterprise Server (a path in the workspace).",
        _inside,
        group="GitHub",
        surface="action",
    ),
    *_AI,
    Option(
        "log_level",
        "info",
        "How much is logged.",
        choices=("debug", "info", "warning"),
        group="GitHub",
        surface="action",
    ),
)

BY_NAME = {option.name: option for option in OPTIONS}
EMPTY_MEANS_OFF = frozenset({"json_file", "report_file"})
"""Options for which an empty text that the user wrote is a choice of its own."""


def check(option: Option, text: str, where: str) -> Any:
    """The typed value of one option.

    Raises:
        SettingsError: names the place, the value and what is allowed.
    """
    text = text.strip()
    if option.choices and text not in option.choices:
        raise SettingsError(f"{where}: {text[:80]!r} is not supported; allowed: {', '.join(option.choices)}.")
    try:
        return option.parse(text)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}.") from None
