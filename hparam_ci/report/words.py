"""Sentences that every form of the report uses. Plain text: each sink sanitises it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hparam_ci.inspection import (
    Cause,
    Comparison,
    Compute,
    DetectorResult,
    Finding,
    Inspection,
    Issue,
    LimitResult,
    RateChange,
    SweepResult,
    Undetermined,
    Verdict,
)
from hparam_ci.review import Review, Section, Sentence
from hparam_ci.wording import plural, show_number, show_rate_name, show_share

WORST_FIRST: tuple[Verdict, ...] = ("fail", "inconclusive", "warn", "pass")
SEVERITIES = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Standing:
    """One sweep and how it stands: the worst result among its limits, and those limits, worst first."""

    sweep: SweepResult
    outcome: Verdict
    limits: tuple[LimitResult, ...]

    @property
    def healthy(self) -> bool:
        """Within its limits, without any issue, with nothing to say of the sweep, and no detector broke."""
        quiet = not self.sweep.issues and not self.sweep.findings and not broken(self.sweep)
        return self.outcome == "pass" and quiet


def standings(inspection: Inspection) -> list[Standing]:
    """The sweeps, worst result first; among equals the one with most affected trials."""
    limits: dict[str, list[LimitResult]] = {}
    for limit in inspection.gate.limits:
        if limit.result != "not_checked":
            limits.setdefault(limit.path, []).append(limit)
    found = [_standing(sweep, limits.get(sweep.path, [])) for sweep in inspection.sweeps]
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.outcome), -one.sweep.affected))


def _standing(sweep: SweepResult, limits: list[LimitResult]) -> Standing:
    ordered = tuple(limit for outcome in WORST_FIRST for limit in limits if limit.result == outcome)
    outcomes = {limit.result for limit in limits}
    return Standing(sweep, next((outcome for outcome in WORST_FIRST if outcome in outcomes), "pass"), ordered)


# --- the verdict ----------------------------------------------------------------------------------


def headline(inspection: Inspection) -> str:
    """The verdict's reason in one sentence: the limits that decided, or that none was passed."""
    verdict, gate = inspection.verdict, inspection.gate
    if verdict == "pass":
        return _passed(inspection)
    decisive = [limit for limit in gate.limits if limit.result == verdict]
    if decisive and verdict != "inconclusive":
        return _exceeded(inspection, decisive)
    warnings = {limit.reason for limit in gate.limits if limit.result == "warn"}
    reasons = [reason for reason in gate.reasons if reason not in warnings]
    return _first(reasons, 1) if reasons else "nothing to judge"


def aside(inspection: Inspection) -> str:
    """What the run does where the verdict alone does not say it."""
    verdict, fails = inspection.verdict, inspection.gate.fails_run
    if verdict in ("fail", "inconclusive") and not fails:
        return "reported only: it does not fail the run"
    return "warnings fail this run" if verdict == "warn" and fails else ""


def _passed(inspection: Inspection) -> str:
    sweeps = f" in {plural(len(inspection.sweeps), 'sweep')}" if len(inspection.sweeps) > 1 else ""
    judged = any(limit.result != "not_checked" for limit in inspection.gate.limits)
    counted = f"{inspection.affected} affected" if inspection.affected else plural(inspection.issues, "notice")
    found = f"{counted}, within the limits" if judged else counted
    if not inspection.issues:
        remarks = sum(sweep.findings for sweep in inspection.sweeps)
        found = f"no sick trial, {plural(remarks, 'remark')} on the sweep" if remarks else "no issue found"
        found = found if any(looked(sweep) for sweep in inspection.sweeps) else "no detector could look at them"
    errors = sum(len(broken(sweep)) for sweep in inspection.sweeps)
    found += f"; {plural(errors, 'detector')} raised an error" if errors else ""
    return f"{plural(inspection.trials, 'trial')}{sweeps}, {found}" + ("" if judged else "; no limit could be judged")


def _exceeded(inspection: Inspection, decisive: list[LimitResult]) -> str:
    worst_first = sorted(decisive, key=lambda limit: -(limit.count.share or 0.0))
    if len(inspection.sweeps) == 1:
        return _first([over(limit) for limit in worst_first], 3)
    sweeps = len({limit.path for limit in decisive})
    exceeds = "exceeds its limits" if sweeps == 1 else "exceed their limits"
    worst = standings(inspection)[0].sweep.path
    limit = next((limit for limit in worst_first if limit.path == worst), worst_first[0])
    return f"{sweeps} of {len(inspection.sweeps)} sweeps {exceeds}; the worst is {limit.path}: {over(limit)}"


def over(limit: LimitResult) -> str:
    """A limit and what was measured: `NaN or Inf rate 33.3% (2 of 6), limit 10%`."""
    if limit.result == "inconclusive":
        return limit.reason
    bound = f"warning limit {limit.warn}" if limit.result == "warn" else f"limit {limit.fail or limit.warn}"
    return f"{show_rate_name(limit.rate)} {show_share(limit.count)} ({ratio(limit)}), {bound}"


def why(standing: Standing) -> str:
    """Why a sweep stands as it does."""
    decisive = [limit for limit in standing.limits if limit.result == standing.outcome]
    if standing.outcome != "pass":
        return _first([over(limit) for limit in decisive], 2)
    return "within the limits" if standing.limits else "no limit could be judged"


def allowed(limit: LimitResult) -> str:
    """`10%`, or `5% warns, 10% fails`."""
    if limit.warn and limit.fail:
        return f"{limit.warn} warns, {limit.fail} fails"
    return limit.fail or (f"{limit.warn} warns" if limit.warn else "–")


def ratio(counted: LimitResult) -> str:
    """Both integers: `2 of 6`."""
    return f"{counted.count.affected} of {counted.count.evaluable}"


def _first(texts: list[str], most: int) -> str:
    rest = len(texts) - most
    return "; ".join(texts[:most]) + (f"; and {rest} more" if rest > 0 else "")


# --- against a baseline ---------------------------------------------------------------------------


def moved(comparison: Comparison) -> list[RateChange]:
    """The rates that are not what they were: risen ones first, those that rose by more than chance before all."""
    changes = [one for one in comparison.rates if one.before.share != one.now.share]
    return sorted(changes, key=lambda one: (not one.rose, -_rise(one)))


def _rise(change: RateChange) -> float:
    return (change.now.share or 0.0) - (change.before.share or 0.0)


def arrow(change: RateChange | None) -> str:
    """`▲ +5.2 points, more than chance`, `▼ -1.3 points`, `the same`; nothing was measured: `not compared`."""
    if change is None:
        return "not compared"
    if change.before.share == change.now.share:
        return "the same"
    points = 100 * _rise(change)
    return f"{'▲' if points > 0 else '▼'} {points:+.1f} points" + (", more than chance" if change.rose else "")


def new_causes(inspection: Inspection) -> list[Cause]:
    """The proven causes that the baseline has not."""
    new = inspection.comparison.new_causes if inspection.comparison else ()
    return [cause for sweep in inspection.sweeps for cause in sweep.causes if cause.id in new]


def judged(standing: Standing, comparison: Comparison) -> list[tuple[LimitResult | None, RateChange | None]]:
    """The rates of one sweep with its limits, worst first, each with its change; then those that moved without one."""
    changes = {change.rate: change for change in comparison.rates if change.path == standing.sweep.path}
    rows: list[tuple[LimitResult | None, RateChange | None]] = [
        (limit, changes.pop(limit.rate, None)) for limit in standing.limits
    ]
    return rows + [(None, change) for change in moved(comparison) if change.rate in changes]


def compared(comparison: Comparison) -> str:
    """What changed, in one line: `Against main at 0a1b2c3: 2 rates moved, 1 new cause (C1), 1 cause gone`."""
    new = comparison.new_causes
    parts = [
        plural(len(moved(comparison)), "rate") + " moved" if moved(comparison) else "",
        f"{plural(len(new), 'new cause')} ({_first_ids(new)})" if new else "",
        plural(len(comparison.gone_causes), "cause") + " gone" if comparison.gone_causes else "",
        plural(len(comparison.new_sweeps), "new sweep") if comparison.new_sweeps else "",
        plural(len(comparison.gone_sweeps), "sweep") + " gone" if comparison.gone_sweeps else "",
    ]
    same = "the files are the same" if comparison.unchanged else "nothing changed"
    return f"Against {comparison.name}: {', '.join(filter(None, parts)) or same}"


def _first_ids(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:8]) + (", …" if len(ids) > 8 else "")


# --- the crew ---------------------------------------------------------------------------------------


def review_note(review: Review) -> str:
    """Who wrote the marked sentences, and what it took; or why nobody did. Empty where no model was asked for."""
    if review.status == "off":
        return ""
    if not review.kept:
        why = {"skipped_no_key": "no key", "skipped_untrusted": "untrusted event"}.get(review.status, review.reason)
        return f"Written by rule alone; no model had a part in it ({why})."
    written = f"{PENCIL} {plural(review.kept, 'sentence')} by {review.model}, each checked against the evidence"
    parts = [written, f"{review.dropped} dropped"]
    if review.usage.tokens:
        parts.append(f"{review.usage.tokens:,} tokens")
    if review.usage.cost is not None:
        parts.append(f"${review.usage.cost:.4f}")
    if review.cached:
        parts.append("from the cache")
    if review.status != "ok":
        parts.append(f"not finished: {review.reason}")
    return ", ".join(parts) + "."


PENCIL = "✎"


def of_all(review: Review) -> tuple[Sentence, ...]:
    """The summary, and what is of no single sweep."""
    return review.of("summary") + review.of("patterns", "") + review.of("next", "")


def of_sweep(review: Review, section: Section, sweep: SweepResult) -> tuple[Sentence, ...]:
    """The sentences of a section on one sweep."""
    return review.of(section, sweep.path)


# --- numbers --------------------------------------------------------------------------------------


def severities(sweep_severities: Iterable[tuple[str, int]]) -> str:
    """`62 errors, 20 warnings`."""
    return ", ".join(plural(number, name) for name, number in sweep_severities)


def counted_severities(sweeps: Iterable[SweepResult]) -> list[tuple[str, int]]:
    """(severity, issues) over the sweeps, worst first, without zeros."""
    listed = list(sweeps)
    totals = [(name, sum(sweep.severities.get(name, 0) for sweep in listed)) for name in SEVERITIES]
    return [(name, number) for name, number in totals if number]


def total_compute(sweeps: Iterable[SweepResult]) -> tuple[Compute | None, int]:
    """The compute of all sweeps that record it, and how many trials they have."""
    known = [(sweep.compute, sweep.trials) for sweep in sweeps if sweep.compute]
    if not known:
        return None, 0
    total = Compute(
        hours=sum(compute.hours for compute, _ in known),
        lost_hours=sum(compute.lost_hours for compute, _ in known),
        trials_with_duration=sum(compute.trials_with_duration for compute, _ in known),
    )
    return total, sum(trials for _, trials in known)


def lost(compute: Compute) -> str:
    """Hours that affected trials took, of all, in a unit that reads well: `14.1 of 26.9 minutes`."""
    unit, factor = "hours", 1.0
    if compute.hours < 2:
        unit, factor = ("minutes", 60.0) if compute.hours * 60 >= 2 else ("seconds", 3600.0)
    return f"{_amount(compute.lost_hours * factor)} of {_amount(compute.hours * factor)} {unit}"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


# --- one sweep ------------------------------------------------------------------------------------


def flagged(sweep: SweepResult) -> list[DetectorResult]:
    """The detectors that flagged any trial: the most severe first, then those with a proven cause, then by trials."""
    explained = {cause.code for cause in proven(sweep)}
    found = [d for d in sweep.detectors if d.ran and d.count.affected]
    return sorted(found, key=lambda d: (SEVERITIES.index(d.severity), d.code not in explained, -d.count.affected))


def worst(sweep: SweepResult, each: int, most: int) -> list[tuple[DetectorResult, Issue]]:
    """At most `most` issues, at most `each` of a kind: as many kinds as fit, the worst trials first, and trials that
    are not shown yet before the others."""
    kinds = [d for d in flagged(sweep) if d.issues][:most]
    each = min(each, max(1, most // max(1, len(kinds))))
    found: list[tuple[DetectorResult, Issue]] = []
    for d in kinds:
        shown = {issue.trial for _, issue in found}
        fresh = [issue for issue in d.issues if issue.trial not in shown] or list(d.issues)
        found += [(d, issue) for issue in fresh[:each]]
    return found


def evidence(shown: Issue | Finding) -> str:
    """The message, with the value and the limit where they are numbers that it does not say."""
    value, limit = (
        text if any(c.isdigit() for c in text) and text not in shown.message else ""
        for text in (shown.value, shown.limit)
    )
    said = [f"limit {limit}"] if limit else []
    if isinstance(shown, Finding):  # a sentence of its own, and the value has its own words
        said = [value, *said] if value else said
        return f"{shown.message} ({'; '.join(said)})" if said else shown.message
    return "; ".join([shown.message, *([f"value {value}"] if value else []), *said])


def remarks(sweep: SweepResult) -> list[tuple[DetectorResult, Finding]]:
    """What detectors say of the sweep as a whole, worst first."""
    found = [(d, finding) for d in sweep.detectors for finding in d.findings]
    return sorted(found, key=lambda pair: SEVERITIES.index(pair[0].severity))


def sure(detector: DetectorResult) -> str:
    """What to say beside a detector's name of how sure it is; empty where it is sure."""
    return "low confidence" if detector.confidence == "low" else ""


def broken(sweep: SweepResult) -> list[DetectorResult]:
    """The detectors that raised an error, and say nothing of the sweep."""
    return [d for d in sweep.detectors if d.broken]


def blind(sweep: SweepResult) -> list[DetectorResult]:
    """The detectors that could not look."""
    return [d for d in sweep.detectors if not d.ran and not d.ignored]


def not_checked(sweep: SweepResult) -> list[tuple[str, list[DetectorResult]]]:
    """Each reason why detectors did not look, with them; what configuration left out is last."""
    reasons: dict[str, list[DetectorResult]] = {}
    for d in sorted(sweep.detectors, key=lambda d: d.ignored):
        if not d.ran and not d.broken:
            reasons.setdefault(d.reason, []).append(d)
    return list(reasons.items())


def proven(sweep: SweepResult) -> list[Cause]:
    """Causes that chance does not explain."""
    return [cause for cause in sweep.causes if cause.strength != "suggestive"]


def hints(sweep: SweepResult) -> list[Cause]:
    """Causes that chance may explain."""
    return [cause for cause in sweep.causes if cause.strength == "suggestive"]


def parts(cause: Cause) -> list[str]:
    """The cause's text, one piece a condition, where it can be told apart."""
    pieces = cause.text.split(" and ")
    return pieces if len(pieces) == len(cause.conditions) else [cause.text]


def pair(cause: Cause) -> tuple[str, str]:
    """The two conditions of a pair, by their text where it can be told apart."""
    pieces = parts(cause)
    return (pieces[0], pieces[1]) if len(pieces) == 2 else ("the first", "the second")


def detailed(causes: Iterable[Cause]) -> list[Cause]:
    """Those of which there is more to say than a table has."""
    return [cause for cause in causes if closer(cause)]


def closer(cause: Cause) -> str:
    """What the table of causes leaves out: the cells of a pair, how sure the cuts are, sick trials that it leaves
    unexplained. Empty where there is nothing of it."""
    said = []
    if len(cause.cells) == 4:
        names = ("with both", *(f"with {piece} alone" for piece in pair(cause)), "with neither")
        cells = (f"{cell.affected} of {cell.evaluable} {name}" for name, cell in zip(names, cause.cells, strict=True))
        said.append(", ".join(cells))
    said += [
        f"the cut of {one.param} lies between {show_number(one.interval[0])} and {show_number(one.interval[1])} (95%)"
        for one in cause.conditions
        if one.interval
    ]
    if cause.unexplained:
        rest = cause.of - cause.explains
        more = ", …" if rest > len(cause.unexplained) else ""
        said.append(f"{rest} sick without it: {', '.join(cause.unexplained)}{more}")
    return "; ".join(said)


def undetermined(sweep: SweepResult) -> list[str]:
    """One line for the issues that have too few trials, and one for each other reason why there is no cause."""
    place = {d.code: number for number, d in enumerate(flagged(sweep))}
    ordered = sorted(sweep.undetermined, key=lambda one: place.get(one.code, len(place)))
    reasons: dict[str, list[Undetermined]] = {}
    for one in ordered:
        if one.more_trials is None:
            reasons.setdefault(one.reason.replace(f"the {one.affected} ", "them "), []).append(one)
    lines = [
        f"{_listed(same)}: cause undetermined, {reason if len(same) > 1 else same[0].reason}"
        for reason, same in reasons.items()
    ]
    few = [one for one in ordered if one.more_trials is not None]
    if few:
        more = max(one.more_trials or 0 for one in few)
        needed = f"at least {more} more {'is' if more == 1 else 'are'} needed"
        lines.append(f"Too few trials to tell the cause of {_listed(few)}: {needed}")
    return lines


def _listed(found: list[Undetermined], most: int = 8) -> str:
    """`Diverged (3), Overfitting (2) and 4 more`."""
    names = ", ".join(f"{one.issue} ({one.affected})" for one in found[:most])
    return names + (f" and {len(found) - most} more" if len(found) > most else "")


def well(sweep: SweepResult) -> str:
    """What to say of a sweep without issues."""
    names = _named(blind(sweep))
    if not looked(sweep):
        return "no detector could look at its trials"
    remarks = sweep.findings
    found = f"no sick trial, {plural(remarks, 'remark')} on the sweep" if remarks else "no issue found"
    return found + (f"; not checked: {names}" if names else "")


def looked(sweep: SweepResult) -> bool:
    """Whether any detector of trials looked at the sweep."""
    return any(d.ran for d in sweep.detectors if d.scope == "trial") or not sweep.detectors


def unseen(sweep: SweepResult) -> str:
    """What the fold of things not checked is about: `What was not checked, and why: Overfitting (2 notes)`."""
    names = _named([d for d in sweep.detectors if not d.ran and not d.broken])
    notes = plural(len(sweep.notes), "note")
    if not names:
        return f"How the file was read: {notes}"
    return f"What was not checked, and why: {names}" + (f"; {notes} on how the file was read" if sweep.notes else "")


def _named(detectors: list[DetectorResult], most: int = 3) -> str:
    """`Overfitting, Plateau, Slow convergence and 4 more`."""
    names = ", ".join(d.title for d in detectors[:most])
    return names + (f" and {len(detectors) - most} more" if len(detectors) > most else "")
