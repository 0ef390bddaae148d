"""`hparam-ci causes`: why the trials of a file are sick, and what cannot be told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hparam_ci.commands.options import read_settings, sweeps_of
from hparam_ci.errors import EXIT_OK
from hparam_ci.wording import plural

if TYPE_CHECKING:
    from hparam_ci.causes.attribution import Attribution
    from hparam_ci.inspection import Cause, Condition
    from hparam_ci.sources.sweep import Sweep

ISSUES = {"nan-metric": "nan", "inf-metric": "inf", "overfitting": "overfit"}
"""Names that other tools know; the rest go by their detector's name."""


def add(commands: Any) -> None:
    """Put the command on the parser."""
    parser = commands.add_parser(
        "causes",
        allow_abbrev=False,
        help="say what made the trials sick, with the evidence",
        description="Say under which conditions trials fall sick, with the evidence, and what this file cannot tell.",
    )
    parser.add_argument("file", metavar="FILE", help="a file, or the folder or database of a tool")
    parser.add_argument("--format", choices=("terminal", "json"), default="terminal", help="default: %(default)s")
    parser.add_argument("--config", metavar="FILE", default="", help="configuration file")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from hparam_ci.causes.attribution import attribute
    from hparam_ci.detectors.run import detect
    from hparam_ci.selection import selection_for

    settings = read_settings(options)
    sweeps = sweeps_of(options.file, settings)
    told = [(sweep, attribute(detect(sweep, selection_for(sweep.table.path, settings.detectors)))) for sweep in sweeps]
    if options.format == "json":
        import json

        sys.stdout.write(json.dumps(answer(told), indent=2) + "\n")
    else:
        _print(told)
    return EXIT_OK


# --- JSON -----------------------------------------------------------------------------------------


def answer(told: Sequence[tuple[Sweep, Attribution]]) -> dict[str, Any]:
    """What is asserted (`claims`, best first), what is not, and what cannot be told."""
    claims: list[dict[str, Any]] = []
    unproven: list[dict[str, Any]] = []
    undetermined: list[dict[str, Any]] = []
    notes: list[str] = []
    for sweep, attribution in told:
        notes += attribution.notes
        place = {"sweep": sweep.table.path} if len(told) > 1 else {}
        for cause in attribution.causes:
            (claims if cause.asserted else unproven).append(_claim(cause) | place)
        undetermined += [
            {
                "issue": issue_name(one.code),
                "affected": one.affected,
                "reason": one.reason,
                "more_trials": one.more_trials,
            }
            | place
            for one in attribution.undetermined
        ]
    return {
        "claims": _best_first(claims),
        "unproven": _best_first(unproven),
        "undetermined": undetermined,
        "notes": notes,
    }


def _best_first(claims: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the score of the first claim of each issue: a further one was found among the trials that the first leaves."""
    first: dict[tuple[str, str], float] = {}
    for claim in claims:
        first.setdefault((claim.get("sweep", ""), claim["issue"]), claim["score"])
    return sorted(claims, key=lambda claim: -first[claim.get("sweep", ""), claim["issue"]])


def issue_name(code: str) -> str:
    """`nan`, `overfit`, `short_run`."""
    from hparam_ci.detectors.registry import find_detector

    detector = find_detector(code)
    name = detector.name if detector else code
    return ISSUES.get(name, name.replace("-", "_"))


def _claim(cause: Cause) -> dict[str, Any]:
    return {
        "issue": issue_name(cause.code),
        "conditions": [_condition(condition) for condition in cause.box or cause.conditions],
        "score": round(cause.score, 4),
        "p_value": cause.p_value,
        "strength": cause.strength,
        "text": cause.text,
        "inside": [cause.inside.affected, cause.inside.evaluable],
        "outside": [cause.outside.affected, cause.outside.evaluable],
        "moves_with": list(cause.moves_with),
        "among": cause.among,
    }


def _condition(condition: Condition) -> dict[str, Any]:
    """With a threshold between two values of the file, and blank as the text that a table prints for it."""
    op, value = condition.op, condition.value
    if op in ("missing", "set"):
        op, value = ("==" if op == "missing" else "!="), "nan"
    elif condition.low is not None and condition.high is not None and value == condition.low:
        value = (condition.low + condition.high) / 2
    return {"param": condition.param, "op": op, "value": list(value) if isinstance(value, tuple) else value}


# --- terminal -------------------------------------------------------------------------------------


def _print(told: Sequence[tuple[Sweep, Attribution]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hparam_ci.report.sanitize import terminal_text

    console = Console(highlight=False)
    for sweep, attribution in told:
        trials = f"{len(sweep):,} trial{'' if len(sweep) == 1 else 's'}"
        console.print(Text(f"{terminal_text(sweep.table.path)}: {trials}", "bold"))
        asserted = [cause for cause in attribution.causes if cause.asserted]
        table = Table(box=None, pad_edge=False, header_style="dim")
        for header in ("Condition", "Issue", "With it", "Without it", "p", "Strength", "Explains"):
            table.add_column(header, overflow="fold")
        for cause in asserted:
            table.add_row(Text(terminal_text(cause_text(cause)), "bold"), *map(Text, _cells(cause)))
        console.print(table if asserted else Text("No cause is proven.", "dim"))
        for cause in attribution.causes:
            if not cause.asserted:
                doubt = "not told apart" if cause.strength != "suggestive" else "not proven"
                line = f"{doubt}: {cause_text(cause)} → {cause.issue}, {', '.join(_cells(cause)[1:4])}"
                console.print(Text(terminal_text(line), "dim"))
        for one in attribution.undetermined:
            more = f"; about {plural(one.more_trials, 'more trial')} could tell" if one.more_trials else ""
            line = f"undetermined: {one.issue} ({one.affected}), {one.reason}{more}"
            console.print(Text(terminal_text(line), "magenta"))
        for note in attribution.notes:
            console.print(Text(f"note: {note}", "blue"))


def cause_text(cause: Cause) -> str:
    """The condition, other names of its hyperparameters, those that moved together with it, and over which trials."""
    same = f" (= {', '.join(cause.same_as)})" if cause.same_as else ""
    together = f" (or {', '.join(cause.moves_with)})" if cause.moves_with else ""
    among = f" ({cause.among})" if cause.beside else ""
    return f"{cause.text}{same}{together}{among}"


def _cells(cause: Cause) -> tuple[str, ...]:
    inside, outside = cause.inside, cause.outside
    return (
        cause.issue,
        f"{inside.affected} of {inside.evaluable}",
        f"{outside.affected} of {outside.evaluable}",
        f"{cause.p_value:.2g}",
        cause.strength,
        f"{cause.explains} of {cause.of}",
    )
