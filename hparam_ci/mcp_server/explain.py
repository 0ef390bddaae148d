"""From an Inspection to the answers about causes and about what to try next. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hparam_ci.commands.options import sweep_named
from hparam_ci.errors import UserError
from hparam_ci.inspection import Cause, Condition, Inspection, SweepResult
from hparam_ci.mcp_server.views import Compared, ExplainedCause, Explanation, NextExperiments
from hparam_ci.report import pieces
from hparam_ci.report.sanitize import markdown_code, markdown_text

TOP = 5


def explanation(inspection: Inspection, id_: str) -> Explanation:
    """One cause by its id with the bucket tables of its hyperparameters, or all causes without them.

    Raises:
        UserError: there is no cause with this id.
    """
    found = [(sweep, cause) for sweep in inspection.sweeps for cause in sweep.causes]
    chosen = [(sweep, cause) for sweep, cause in found if not id_ or cause.id == id_.strip().upper()]
    if id_ and not chosen:
        known = ", ".join(cause.id for _, cause in found) or "none"
        raise UserError(f"there is no cause {id_[:20]!r}; there is: {known}.")
    return Explanation(
        causes=tuple(_explained(sweep, cause, with_buckets=bool(id_)) for sweep, cause in chosen),
        undetermined=() if id_ else tuple(one for sweep in inspection.sweeps for one in sweep.undetermined),
    )


def _explained(sweep: SweepResult, cause: Cause, *, with_buckets: bool) -> ExplainedCause:
    params = [name for condition in cause.conditions for name in _names(condition)] if with_buckets else []
    return ExplainedCause(
        sweep=sweep.path,
        cause=cause,
        asserted=cause.asserted,
        explanation="\n".join(_lines(cause)),
        buckets=tuple(table for table in sweep.buckets if table.param in params),
        recommendations=tuple(one for one in sweep.recommendations if cause.id in one.evidence),
    )


def _names(condition: Condition) -> tuple[str, ...]:
    return condition.of or (condition.param,)


def _lines(cause: Cause) -> Iterator[str]:
    yield f"{cause.id}: {markdown_text(cause.issue)} ({cause.code}) where {pieces.condition(cause)}."
    if cause.beside:
        yield f"* counted {pieces.among(cause)}"
    yield f"* with it: {pieces.counted(cause.inside)}, 95 % interval {pieces.interval(cause.inside)}"
    yield f"* without it: {pieces.counted(cause.outside)}, 95 % interval {pieces.interval(cause.outside)}"
    yield f"* difference: {pieces.difference(cause)}; {pieces.p_value(cause)}, corrected for the whole search"
    yield f"* strength: {cause.strength}" + ("" if cause.asserted else "; not asserted, nothing may be built on it")
    yield f"* explains {cause.explains} of {cause.of} trials with the issue"
    for condition in cause.conditions:
        if condition.interval:
            low, high = condition.interval
            yield f"* the true cut of {markdown_code(condition.param)} lies between {low:g} and {high:g} (95 %)"
    if cause.same_as:
        yield f"* goes with it one to one: {pieces.codes(cause.same_as, TOP)}"
    if cause.moves_with:
        yield f"* moved together with it, and could be the cause as well: {pieces.codes(cause.moves_with, TOP)}"
    if cause.trials:
        yield f"* sick trials with it: {pieces.codes(cause.trials, TOP, cause.explains)}"
    if cause.unexplained:
        yield f"* sick trials without it: {pieces.codes(cause.unexplained, TOP, cause.of - cause.explains)}"


def next_experiments(inspection: Inspection, name: str, form: str) -> NextExperiments:
    """What to try next in one sweep, and its search space in the language of a tool where `form` is given.

    Raises:
        UserError: several sweeps and none named, or no search space to write.
    """
    from hparam_ci.advice.exports import FORMATS, export

    if form and form not in FORMATS:
        raise UserError(f"format: {form[:40]!r} is not supported; allowed: {', '.join(FORMATS)}.")
    sweep = sweep_named(inspection.sweeps, name, "there are", "as `sweep`")
    if form and (sweep.next_space is None or not sweep.next_space.dimensions):
        raise UserError(f"{sweep.path}: no hyperparameter has a value there, so there is no search space to write.")
    return NextExperiments(
        sweep=sweep.path,
        recommendations=sweep.recommendations,
        drivers=sweep.drivers,
        next_space=sweep.next_space,
        code_text=export(sweep.next_space, form) if form and sweep.next_space else "",
    )


def compared(inspection: Inspection) -> Compared:
    """What changed against the baseline that the inspection was held against."""
    assert inspection.comparison is not None
    new = inspection.comparison.new_causes
    return Compared(
        verdict=inspection.verdict,
        reasons=inspection.gate.reasons,
        comparison=inspection.comparison,
        new_causes=tuple(cause for sweep in inspection.sweeps for cause in sweep.causes if cause.id in new),
    )
