"""The result of one inspection: the only thing that reports, GitHub, the crew and the page ever read.

Frozen, typed and serialisable. `schema()` is its JSON Schema; `SCHEMA_VERSION` rises when a field
changes its meaning or goes away. (msgspec, because it loads in a tenth of the time of the usual choice and
start-up is paid on every push.)
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1
CURVE_POINTS = 32

Verdict = Literal["pass", "warn", "fail", "inconclusive"]
Severity = Literal["error", "warning", "notice"]
Confidence = Literal["high", "medium", "low"]
Operator = Literal["<=", ">", "==", "!=", "in", "between", "outside", "missing", "set"]
Strength = Literal["certain", "strong", "suggestive"]
Outcome = Literal["pass", "warn", "fail", "inconclusive", "not_checked"]
Goal = Literal["minimize", "maximize"]
Value = float | int | str | bool | None


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every result type."""


class Count(Fact, frozen=True):
    """`affected` of `evaluable` trials, with the 95 % Wilson interval of the share (0 to 1)."""

    affected: int
    evaluable: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """Affected share, or None where nothing could be evaluated."""
        return self.affected / self.evaluable if self.evaluable else None


class Skipped(Fact, frozen=True):
    """A file that was not inspected, and why.

    `unreadable` and `over_cap` count as parse errors in the gate, `empty` (no trial in it, or no sweep although it was
    named) as nothing to judge; `not_a_sweep` (a chart's export, or matched by a wildcard only) and `refused` (a link,
    an unsafe path) have no effect.
    """

    path: str
    reason: str
    kind: Literal["unreadable", "over_cap", "empty", "not_a_sweep", "refused"]


class PatternMatch(Fact, frozen=True):
    """How many files a pattern matched."""

    pattern: str
    matches: int


class ColumnReading(Fact, frozen=True):
    """What a column was taken for, and why."""

    name: str
    role: str
    confidence: Confidence
    reason: str
    metric: str | None = None
    split: str | None = None
    direction: Literal["minimize", "maximize"] | None = None


class Issue(Fact, frozen=True):
    """One detector's flag on one trial. `line` counts from 1 in the file.

    `curve` is the column over the trial's steps, thinned to at most CURVE_POINTS; None where a value is no finite
    number. Empty where the sweep has no curve of it, and but for the worst trials.
    """

    id: str
    code: str
    trial: str
    line: int
    column: str
    value: str
    limit: str
    message: str
    params: dict[str, str]
    curve: tuple[float | None, ...] = ()


class Finding(Fact, frozen=True):
    """What one detector says of the sweep as a whole, with the first trials that show it."""

    id: str
    code: str
    column: str
    value: str
    limit: str
    message: str
    trials: tuple[str, ...] = ()


class DetectorResult(Fact, frozen=True):
    """What one detector found in one sweep, or why it did not look.

    A detector of trials has `issues`, of which `count` counts all and `issues` are the first; a detector of the sweep
    has `findings`. `ignored`: left out by configuration, so that its silence is wanted. `broken`: it raised an error,
    which `reason` gives.
    """

    code: str
    name: str
    title: str
    severity: Severity
    rate: str
    ran: bool
    reason: str
    count: Count
    trials: tuple[str, ...]
    issues: tuple[Issue, ...]
    confidence: Confidence = "high"
    scope: Literal["trial", "sweep"] = "trial"
    findings: tuple[Finding, ...] = ()
    ignored: bool = False
    broken: bool = False


class Condition(Fact, frozen=True):
    """A statement about one hyperparameter. `between` and `outside` take [low, high]; `in` takes a list of texts.

    `low` and `high` are the values of the trials on the two sides of a threshold; `interval` is where the true cut lies
    with a probability of 95 %. `of` names the two hyperparameters whose product or ratio `param` is.
    """

    param: str
    op: Operator
    value: float | str | tuple[float | str, ...] | None = None
    low: float | None = None
    high: float | None = None
    interval: tuple[float, float] | None = None
    of: tuple[str, ...] = ()


class Cause(Fact, frozen=True):
    """A condition under which an issue is more frequent than chance allows.

    `inside` and `outside` count affected of evaluable trials; `difference` is the 95 % Newcombe interval of the
    difference of the two shares; `p_value` is corrected for the whole search. `trials` are sick ones inside,
    `unexplained` sick ones outside (examples of both). `moves_with` names hyperparameters that the data cannot tell
    from the one in the condition, `same_as` other names of it, whose values go with it one to one. `box` says a cause
    that is a function of two hyperparameters with a threshold on each, roughly. `cells` are the four counts of a pair
    of conditions: both hold, the first alone, the second alone, neither. A further cause of an issue is counted over
    the trials that meet none of the causes found before it, whose texts are `beside`.
    """

    id: str
    code: str
    issue: str
    conditions: tuple[Condition, ...]
    text: str
    inside: Count
    outside: Count
    difference: tuple[float, float]
    risk_ratio: float | None
    p_value: float
    score: float
    strength: Strength
    explains: int
    of: int
    trials: tuple[str, ...]
    moves_with: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()
    box: tuple[Condition, ...] = ()
    cells: tuple[Count, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def asserted(self) -> bool:
        """Whether chance does not explain it and no other hyperparameter does."""
        return self.strength != "suggestive" and not self.moves_with

    @property
    def among(self) -> str:
        """Which trials a further cause is counted over, as `among the 120 trials without lr > 0.01`; else empty."""
        trials = f"among the {self.inside.evaluable + self.outside.evaluable:,} trials without"
        return f"{trials} {' or '.join(self.beside)}" if self.beside else ""


class Undetermined(Fact, frozen=True):
    """An issue whose cause the sweep cannot tell, and why; `more_trials` where more of them would help."""

    code: str
    issue: str
    affected: int
    reason: str
    more_trials: int | None = None


class Bucket(Fact, frozen=True):
    """One bucket of a hyperparameter: how many trials, and the count of each detector that ran, by code.

    `low` and `high` are the least and the greatest value in a bucket of numbers.
    """

    label: str
    trials: int
    counts: dict[str, Count]
    low: float | None = None
    high: float | None = None


class BucketTable(Fact, frozen=True):
    """Issue rates of one hyperparameter, bucket by bucket, low to high or most frequent first."""

    param: str
    ordered: bool
    buckets: tuple[Bucket, ...]


class SampledColumn(Fact, frozen=True):
    """One column over the sampled trials: its numbers, or places in `levels`; None where there is no finite value.

    `log`: the axis that shows it best is logarithmic; then all numbers are positive.
    """

    name: str
    values: tuple[float | None, ...]
    levels: tuple[str, ...] = ()
    log: bool = False


class TrialSample(Fact, frozen=True):
    """Some trials of a sweep, for pictures: all of a few; of many, more of the sick ones than their share.

    `marks` has for each issue, by code, one character a trial: `x` it has the issue, `o` it has not, `-` it could not
    have shown it. `healthy` are curves of trials without any issue, by column, thinned as those of issues are.
    """

    trials: tuple[str, ...]
    columns: tuple[SampledColumn, ...]
    marks: dict[str, str]
    objective: SampledColumn | None = None
    healthy: dict[str, tuple[tuple[float | None, ...], ...]] = {}


class Recommendation(Fact, frozen=True):
    """What to change, with the evidence that says so.

    `avoid` comes from a cause, and so does `cure`, where the best trials lie in the sick region too; `aim` comes from
    what moves the objective, `general` from the issue alone. `trials_saved` and `hours_saved` are what a sweep of the
    same size would be spared if the trials with the condition fell sick as often as those without it. `cost` is the
    share of the searched space (0 to 1) that the change gives up.
    """

    id: str
    action: str
    reason: str
    evidence: tuple[str, ...]
    trials_saved: int
    hours_saved: float | None
    kind: Literal["avoid", "cure", "aim", "general"] = "general"
    cost: float | None = None


class Importance(Fact, frozen=True):
    """How much one hyperparameter decides which trials are among the best. Secondary: it ranks, a cause proves.

    `share` (0 to 1, over all hyperparameters, what chance alone would give taken off) is that of PED-ANOVA, with its
    95 % bootstrap interval; `p_value` is by permutation, corrected for all hyperparameters, and `noise` says that it is
    above 0.05. `best` holds four fifths of the best trials; `levels` are the choices that they have more often than
    the others; `direction` says on which side of what was tried they lie.
    """

    param: str
    share: float
    low: float
    high: float
    p_value: float
    noise: bool
    direction: Literal["higher", "lower", "interior", "levels", "unclear"]
    best: tuple[float, float] | None = None
    levels: tuple[Value, ...] = ()


class Drivers(Fact, frozen=True):
    """What moves the objective, among the `trials` that finished with a finite value of it; `top` of them are best."""

    metric: str
    goal: Goal
    trials: int
    top: int
    best: float
    hyperparameters: tuple[Importance, ...]


class Parent(Fact, frozen=True):
    """The hyperparameter that decides whether another one is set, and for which of its values it is."""

    param: str
    name: str
    values: tuple[Value, ...]


class Dimension(Fact, frozen=True):
    """One hyperparameter of the next search: a range, or a list of choices, in which None stands for not set.

    `param` is its column and `name` what the training code calls it. What was searched before is `searched`, a range or
    the choices. `log` is the scale of a range. `parent` is there where it is conditional.
    """

    param: str
    name: str
    kind: Literal["float", "int", "choice"]
    searched: tuple[Value, ...]
    change: Literal["same", "narrowed", "extended", "moved", "fixed"]
    reasons: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()
    parent: Parent | None = None


class Exclusion(Fact, frozen=True):
    """A part of the next search space that is left out: where all the conditions hold. `evidence` is the cause's id."""

    conditions: tuple[Condition, ...]
    text: str
    issue: str
    evidence: str


class SearchSpace(Fact, frozen=True):
    """Where to search next; `kept` is the share of the searched space that it keeps, `notes` say what is left open."""

    metric: str | None
    goal: Goal | None
    dimensions: tuple[Dimension, ...]
    excluded: tuple[Exclusion, ...]
    notes: tuple[str, ...]
    kept: float


class Compute(Fact, frozen=True):
    """Hours spent in all and on affected trials, where the sweep records durations."""

    hours: float
    lost_hours: float
    trials_with_duration: int


class Rate(Fact, frozen=True):
    """One rate of one sweep.

    `missing` says why nobody could look; then the count means nothing. `broken` says which of its detectors raised an
    error; then the true count may be higher.
    """

    path: str
    rate: str
    count: Count
    missing: str = ""
    broken: str = ""


class SweepResult(Fact, frozen=True):
    """Everything about one sweep."""

    path: str
    sha256: str
    trials: int
    affected: int
    issues: int
    severities: dict[str, int]
    compute: Compute | None
    columns: tuple[ColumnReading, ...]
    notes: tuple[str, ...]
    rates: tuple[Rate, ...]
    detectors: tuple[DetectorResult, ...]
    causes: tuple[Cause, ...]
    undetermined: tuple[Undetermined, ...]
    buckets: tuple[BucketTable, ...]
    recommendations: tuple[Recommendation, ...]
    drivers: Drivers | None = None
    next_space: SearchSpace | None = None
    sample: TrialSample | None = None

    @property
    def findings(self) -> int:
        """How much detectors say of the sweep as a whole."""
        return sum(len(detector.findings) for detector in self.detectors)


class LimitResult(Fact, frozen=True):
    """One limit held against one rate of one sweep. Limits are texts such as `5%`; None where there is none."""

    path: str
    rate: str
    count: Count
    warn: str | None
    fail: str | None
    result: Outcome
    reason: str


class RateChange(Fact, frozen=True):
    """One rate of one sweep, before and now.

    `p_value` is the chance of so large a rise without any change, corrected for all rates that were compared.
    """

    path: str
    rate: str
    before: Count
    now: Count
    p_value: float
    rose: bool


class GoneCause(Fact, frozen=True):
    """A cause that the baseline had and that is not there any more."""

    path: str
    text: str
    issue: str


class Comparison(Fact, frozen=True):
    """The sweeps held against the same sweeps of a baseline.

    Attributes:
        name: what the baseline is, in words: `main at 0a1b2c3d4e`.
        rates: what was measured in both; `rose` where it is by more than chance.
        new_causes: ids of the causes that the baseline had not.
        gone_causes: causes of the baseline that are gone.
        new_sweeps: paths that the baseline has not.
        gone_sweeps: paths of the baseline that are gone.
        unchanged: paths whose file is the same, byte for byte.
    """

    name: str
    rates: tuple[RateChange, ...]
    new_causes: tuple[str, ...]
    gone_causes: tuple[GoneCause, ...]
    new_sweeps: tuple[str, ...]
    gone_sweeps: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs: a rate, a cause, a sweep."""
        moved = any(one.before.share != one.now.share for one in self.rates)
        return moved or bool(self.new_causes or self.gone_causes or self.new_sweeps or self.gone_sweeps)


class Gate(Fact, frozen=True):
    """The verdict and every limit that it rests on."""

    verdict: Verdict
    fails_run: bool
    reasons: tuple[str, ...]
    limits: tuple[LimitResult, ...]


class Inspection(Fact, frozen=True):
    """One inspection of one or more sweeps."""

    schema_version: int
    version: str
    title: str
    gate: Gate
    sweeps: tuple[SweepResult, ...]
    skipped: tuple[Skipped, ...]
    patterns: tuple[PatternMatch, ...]
    comparison: Comparison | None = None

    @property
    def verdict(self) -> Verdict:
        """The gate's verdict."""
        return self.gate.verdict

    @property
    def trials(self) -> int:
        """Trials in all sweeps."""
        return sum(sweep.trials for sweep in self.sweeps)

    @property
    def affected(self) -> int:
        """Trials with at least one issue of severity warning or error, in all sweeps."""
        return sum(sweep.affected for sweep in self.sweeps)

    @property
    def issues(self) -> int:
        """Issues of all severities in all sweeps."""
        return sum(sweep.issues for sweep in self.sweeps)

    def __repr__(self) -> str:
        """One line of what can be seen: everything else is too long for a prompt."""
        from hparam_ci.report.sanitize import plain_text

        sweeps = plain_text(", ".join(sweep.path for sweep in self.sweeps[:3])) + (
            ", …" if len(self.sweeps) > 3 else ""
        )
        return f"<Inspection {self.verdict}: {self.affected} of {self.trials} trials affected, {sweeps or 'no sweep'}>"

    def _repr_html_(self) -> str:
        """The report with its pictures, for a notebook."""
        from hparam_ci.report.html import fragment

        return fragment(self)

    def _repr_markdown_(self) -> str:
        """The report for notebooks that show no HTML."""
        from hparam_ci.report.render import summary

        return summary(self).text

    def to_json(self) -> bytes:
        """The inspection as UTF-8 JSON, the same bytes for the same inspection."""
        return msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=2) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Inspection:
        """Read what `to_json` wrote.

        Raises:
            ValueError: not JSON, or not of this schema.
        """
        return msgspec.json.decode(data, type=cls)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the JSON form."""
    described = msgspec.json.schema(Inspection)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hparam-inspector inspection",
        "version": SCHEMA_VERSION,
        **described,
    }
