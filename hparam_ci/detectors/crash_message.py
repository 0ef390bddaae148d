"""HP107 crash-message: what the failed trials said, put together by what they have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hparam_ci.detectors._failures import ended_badly, said
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.dialects import State
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Column, Mask

SHOWN = 160
"""Characters of a message in the report."""

# What differs between two trials that died of the same: paths, addresses and ids, numbers.
_VARYING = re.compile(
    r"[a-z][a-z0-9+.-]{1,9}://\S+"
    r"|(?<![\w.])(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@+-]+){2,}[/\\]?"
    r"|\b0x[0-9a-fA-F]+\b"
    r"|\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?:-[0-9a-f]{4,12}){0,4}\b"
    r"|(?<![A-Za-z_])[-+]?\d[\d_,:.]*(?:[eE][-+]?\d+|(?:x\d+)+)?"
)


@dataclass(slots=True)
class _Group:
    """Trials whose messages are the same but for numbers and names of files."""

    column: str
    texts: set[str] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)

    def shown(self, template: str) -> str:
        """The message, as it stands where all say the same."""
        text = next(iter(self.texts)) if len(self.texts) == 1 else template
        return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    columns, bad = sweep.columns(Role.MESSAGE), _ended_badly(sweep, earlier)
    if not bad.any():
        return SweepDetection()
    if not columns:
        return CouldNotLook("no column of error messages")
    groups = _groups(columns, bad)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1].rows), item[0]))
    most = max(1, int(options["groups"]))
    findings = [_finding(group, group.shown(template), int(bad.sum())) for template, group in ordered[:most]]
    rest = [row for _, group in ordered[most:] for row in group.rows]
    if rest:
        message = f"{len(ordered) - most} other messages: {_trials(len(rest))}"
        findings.append(Finding(Evidence(columns[0].name, "", "no error", message), sorted(rest)))
    return SweepDetection(tuple(findings))


def _ended_badly(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) also those that timed out, and those that were left running for ever."""
    bad = ended_badly(sweep) | sweep.in_state(State.TIMEOUT)
    for code in ("HP104", "HP105", "HP106"):
        if code in earlier:
            bad |= earlier[code].flagged
    return bad


def _groups(columns: list[Column], rows: Mask) -> dict[str, _Group]:
    """Template to the trials that fit it; a trial counts by the first of the columns in which it says anything."""
    groups: dict[str, _Group] = {}
    left = rows.copy()
    for column in columns:
        here = np.flatnonzero(left & said(column))
        if not len(here):
            continue
        left[here] = False
        order = np.argsort(column.codes[here], kind="stable")
        codes, starts = np.unique(column.codes[here][order], return_index=True)
        for code, same in zip(codes.tolist(), np.split(here[order], starts[1:]), strict=True):
            text = what_went_wrong(column.levels[code])
            group = groups.setdefault(template_of(text), _Group(column.name))
            group.texts.add(text)
            group.rows += same.tolist()
    return groups


def template_of(message: str) -> str:
    """A message with `…` for the parts that differ between trials that died of the same."""
    return re.sub(r"…(?:[\s,]*…)+", "…", _VARYING.sub("…", message)).rstrip(" .") or message


def _finding(group: _Group, text: str, of: int) -> Finding:
    message = f"{text}: {len(group.rows)} of {_trials(of)} that ended badly"
    return Finding(Evidence(group.column, text, "no error", message), sorted(group.rows))


def _trials(many: int) -> str:
    return "1 trial" if many == 1 else f"{many} trials"


DETECTOR = Detector(
    code="HP107",
    name="crash-message",
    title="What failed trials said",
    trials="",
    severity="warning",
    rate="",
    summary="The error messages of trials that failed, were killed or timed out, without numbers, paths and addresses, "
    "grouped and counted: one finding a group.",
    why="A handful of messages says more than a hundred tracebacks: the largest group is the first thing to repair.",
    advice="Repair what the largest group says, or keep the settings that bring it about out of the search space.",
    source="Grouping by what is left of a message without its variable parts is the rule of error trackers, such as "
    "Sentry's fallback grouping by message, and of log parsers such as Drain (He et al., ICWS 2017).",
    look=_look,
    options=(DetectorOption("groups", 5.0, "messages", "The most frequent messages that are listed one by one."),),
    scope="sweep",
)
