"""Sentences that every form of the report uses. Plain text: each sink sanitises it."""

from __future__ import annotations

from hparam_ci.inspection import Inspection, SweepResult
from hparam_ci.wording import show_rate_name, show_share


def headline(inspection: Inspection) -> str:
    """The verdict's reason in one sentence: the limit that decided, or that none was passed."""
    if inspection.verdict == "pass":
        found = f"{inspection.affected} affected, within the limits" if inspection.issues else "no issue found"
        return f"{inspection.trials} trials, {found}"
    decisive = [limit for limit in inspection.gate.limits if limit.result == inspection.verdict]
    if decisive and inspection.verdict in ("fail", "warn"):
        worst = max(decisive, key=lambda limit: limit.count.share or 0.0)
        bound = worst.fail if inspection.verdict == "fail" else worst.warn
        more = f", and {len(decisive) - 1} more" if len(decisive) > 1 else ""
        counts = f"{worst.count.affected} of {worst.count.evaluable}"
        return f"{show_rate_name(worst.rate)} {show_share(worst.count)} ({counts}), limit {bound}{more}"
    reasons = inspection.gate.reasons
    return reasons[0] if reasons else "nothing to judge"


def undetermined(sweep: SweepResult) -> list[str]:
    """One line for the issues that have too few trials, and one for each other issue without a cause."""
    lines = [
        f"{one.issue} ({one.affected}): cause undetermined, {one.reason}"
        for one in sweep.undetermined
        if one.more_trials is None
    ]
    few = [one for one in sweep.undetermined if one.more_trials is not None]
    if few:
        names = ", ".join(f"{one.issue} ({one.affected})" for one in few)
        more = max(one.more_trials or 0 for one in few)
        lines.append(f"too few trials to tell the cause of: {names}; at least {more} more are needed")
    return lines
