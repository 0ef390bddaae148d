"""True sentences about an Inspection, in many people's words, filled from the Inspection and not from the check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hparam_ci.inspection import Cause, Condition, Count, Inspection, SweepResult
from hparam_ci.wording import show_share

NOUN = {
    "HP101": ["NaN", "NaN metrics", "NaN results"],
    "HP104": ["failures", "failed trials", "crashes"],
    "HP201": ["divergence", "diverged trials"],
    "HP301": ["overfitting"],
}
PAST = {
    "HP101": ["hit NaN", "ended in NaN", "reported NaN"],
    "HP104": ["failed", "crashed"],
    "HP201": ["diverged", "exploded"],
    "HP301": ["overfit", "showed overfitting"],
}
TRIALS = {
    "HP101": ["NaN trials", "trials with NaN"],
    "HP104": ["failed trials", "failures"],
    "HP201": ["diverged trials", "diverging trials"],
    "HP301": ["overfitting trials", "trials that overfit"],
}

# {cond}: the condition with its values; {bad}: "high lr", where it can be said; {noun}, {past}, {trials}: the issue.
CAUSE = [
    "With {cond}, {a} of {n} trials {past}, against {oa} of {on} without it.",
    "{noun} is tied to {cond}: {a} of {n} trials ({share}) with it, {oa} of {on} ({oshare}) without it.",
    "{ex} of the {of} {trials} had {cond}.",
    "{cond_} explains {ex} of {of} {trials}.",
    "{cond_} accounts for {ex} of the {of} {trials}, such as trials {t0} and {t1}.",
    "The {noun} rate rises to {share} under {cond}, compared with {oshare} elsewhere.",
    "Trials with {cond} {past} in {a} of {n} cases ({share}), versus {oa} of {on} ({oshare}) for the rest.",
    "{noun} concentrates where {cond}: {a} out of {n} runs are affected, but only {oa} out of {on} otherwise.",
    "Of the {of} {trials}, {ex} share {cond}; examples are trials {t0}, {t1} and {t2}.",
    "Most {trials} have {cond} in common ({ex} of {of}).",
    "The evidence that {cond} drives {noun} is {strength}: {a} of {n} with it and {oa} of {on} without it.",
    "The pattern is clear: {cond} leads to {noun} in {share} of trials.",
    "{noun} occurs in {share} of the {n} trials with {cond}, while it occurs in {oshare} of the {on} others.",
    "{cond_} is linked to {noun}, with {a} of {n} trials affected compared to {oa} of {on} without it.",
    "When {cond}, {a} of {n} trials {past}.",
    "Trials {t0}, {t1} and {t2} {past} and all have {cond}.",
    "Trial {t0} {past} with {cond}.",
    "Only {oa} of the {on} trials without it {past}, against {a} of {n} with {cond}.",
    "{noun} is far more frequent with {cond} ({share}) than without it ({oshare}).",
    "The share of {trials} is {points} percentage points higher with {cond}.",
    "{cond_} stands out as a cause of {noun}, explaining {ex} of the {of} {trials}.",
    "{a} of the {n} trials with {cond} {past}.",
    "{noun} is associated with {cond}, which covers {ex} of {of} {trials}.",
    "About {share0} of trials with {cond} {past}, versus about {oshare0} of the others.",
    "{cond_} is a {strength} cause of {noun} ({a} of {n} trials).",
]
BAD = [
    "{bad} is behind most of the {noun}: {ex} of {of} {trials}.",
    "{bad} leads to {noun} more often: {a} of {n} trials against {oa} of {on} otherwise.",
    "The {trials} concentrate at {bad} ({ex} of {of}).",
    "{noun} occurs mainly with {bad}, in {share} of those trials.",
]
ADVICE = [
    "{avoid}: it would have spared {ex} of the {of} {trials}.",
    "{avoid} in the next sweep, which would have spared {ex} {trials}.",
    "In the next sweep, {avoid_}; this alone would have prevented {ex} of {of} {trials}.",
    "The next sweep should {avoid_}, because {ex} of the {of} {trials} lie there.",
    "{avoid} first, since this saves the most trials ({ex}).",
    "To reduce {noun}, {avoid_}.",
    "{keep}; this would have spared {ex} of the {of} {trials}.",
    "Next, {keep_} to avoid {noun}.",
    "We recommend to {keep_}, which would have avoided {ex} of {of} {trials}.",
]
COUNT = [
    "{a} of {n} trials {past} ({share}).",
    "{noun} affects {a} of {n} trials, or {share}.",
    "{a} trials {past}, for example trials {t0} and {t1}.",
    "The most common issue is {noun}, with {a} of {n} trials.",
    "{noun} was found in {share} of the {n} trials that could show it (95% interval {low}% to {high}%).",
    "In total, {a} trials {past} out of {n}.",
    "Roughly {share0} of trials {past}.",
]
LIMIT = [
    "The {rate} is {share} ({a} of {n}), {above} the limit of {limit}.",
    "At {share}, the {rate} is {above} its {limit} limit.",
    "The {rate} of {share} is {above} the {limit} limit.",
]
LIMIT_FAIL = ["The {rate} of {share} exceeds the {limit} limit.", "{a} of {n} trials push the {rate} above {limit}."]
SWEEP = [
    "{a} of {n} trials are affected.",
    "The sweep {sweep} has {n} trials, of which {a} are affected.",
    "{share} of the {n} trials are affected by at least one issue.",
    "In {sweep}, {a} of the {n} trials are sick and {causes} causes were found.",
    "There are {issues} issues in {a} of {n} trials.",
]
UNKNOWN = [
    "The cause of the {past} trials cannot be told: only {a} trials are affected.",
    "The cause of {noun} is undetermined.",
    "At least {more} more trials are needed to tell the cause of {noun}.",
]
HINT = [
    "There is a hint, not proven, that {cond} may be linked to {noun} ({a} of {n} trials).",
    "{cond_} may be linked to {noun}, but this is only a hint.",
    "Possibly {cond} plays a part: {a} of {n} trials {past}, against {oa} of {on} without it.",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as a template and its slots, and what it cites."""

    kind: str
    inspection: str
    evidence: tuple[str, ...]
    template: str
    slots: dict[str, str]
    cause: Cause | None = None
    sweep: SweepResult | None = None

    @property
    def text(self) -> str:
        text = self.template.format(**self.slots)
        return text[0].upper() + text[1:] if self.template[0] == "{" and not self.template.startswith("{cond") else text

    def with_slots(self, **slots: str) -> Claim:
        return replace(self, slots=self.slots | slots)


def claims(
    name: str, inspection: Inspection, ids: dict[tuple[str, int, str], str], rng: np.random.Generator
) -> Iterator[Claim]:
    """Every template once or more for every fact that it fits."""
    shown = [sweep for sweep in inspection.sweeps if sweep.issues]
    for index, sweep in enumerate(sorted(shown, key=lambda one: -one.affected)):
        yield from _of_causes(name, sweep, rng)
        yield from _of_counts(name, sweep, index, ids, rng)
        yield from _of_limits(name, inspection, sweep, index, ids)
        yield from _of_sweep(name, sweep, index, ids)
        yield from _of_unknown(name, sweep, index, ids, rng)


def _of_causes(name: str, sweep: SweepResult, rng: np.random.Generator) -> Iterator[Claim]:
    best = max((c.explains for c in sweep.causes if c.strength != "suggestive"), default=0)
    advice = {id_: one.id for one in sweep.recommendations if one.kind == "avoid" for id_ in one.evidence}
    for cause in sweep.causes:
        if cause.code not in NOUN:
            continue
        slots = cause_slots(cause, rng)
        if cause.strength == "suggestive":
            yield from (Claim("hint", name, (cause.id,), t, slots, cause, sweep) for t in HINT)
            continue
        for template in CAUSE:
            if "Most" in template and 2 * cause.explains <= cause.of:
                continue
            yield Claim("cause", name, (cause.id,), template, cause_slots(cause, rng), cause, sweep)
        if len(cause.conditions) == 1 and cause.conditions[0].op in (">", "<="):
            for template in BAD:
                if "most" in template and 2 * cause.explains <= cause.of:
                    continue
                yield Claim("cause", name, (cause.id,), template, cause_slots(cause, rng), cause, sweep)
        for template in ADVICE if cause.id in advice else ():
            slots = cause_slots(cause, rng)
            if (("{keep" in template) and not slots["keep"]) or ("most trials" in template and cause.explains < best):
                continue
            if "alone" in template and len(cause.conditions) > 1:
                continue
            yield Claim("advice", name, (advice[cause.id],), template, slots, cause, sweep)


def cause_slots(
    cause: Cause, rng: np.random.Generator, conditions: tuple[Condition, ...] | None = None
) -> dict[str, str]:
    """The words and numbers of a cause; `conditions` in the place of its own where a lie is wanted."""
    conditions = conditions or cause.conditions
    cond = " and ".join(condition_words(c, rng) for c in conditions)
    avoid = f"avoid {cond}" + (" together" if len(conditions) > 1 else "")
    inside, outside = cause.inside, cause.outside
    return {
        "cond": cond,
        "cond_": cond,
        "bad": bad_words(conditions[0], rng),
        "avoid": avoid,
        "avoid_": avoid,
        "keep": keep_words(conditions, rng),
        "keep_": keep_words(conditions, rng),
        **issue_words(cause.code, rng),
        **counts(inside),
        "oa": str(outside.affected),
        "on": str(outside.evaluable),
        "oshare": show_share(outside),
        "oshare0": f"{100 * (outside.share or 0):.0f}%",
        "ex": str(cause.explains),
        "of": str(cause.of),
        "points": f"{100 * ((inside.share or 0) - (outside.share or 0)):.0f}",
        "strength": cause.strength,
        **{f"t{i}": trial for i, trial in enumerate((cause.trials * 3)[:3])},
    }


def counts(count: Count) -> dict[str, str]:
    return {
        "a": str(count.affected),
        "n": str(count.evaluable),
        "share": show_share(count),
        "share0": f"{100 * (count.share or 0):.0f}%",
        "low": f"{100 * count.low:.1f}",
        "high": f"{100 * count.high:.1f}",
    }


def issue_words(code: str, rng: np.random.Generator) -> dict[str, str]:
    return {
        "noun": str(rng.choice(NOUN[code])),
        "past": str(rng.choice(PAST[code])),
        "trials": str(rng.choice(TRIALS[code])),
    }


def condition_words(condition: Condition, rng: np.random.Generator) -> str:
    """The condition as people write it."""
    name, value = spoken(condition.param, rng), shown(condition.value)
    words = {
        ">": [
            "{n} > {v}",
            "{n} above {v}",
            "{n} over {v}",
            "{n} greater than {v}",
            "{n} higher than {v}",
            "{n} exceeding {v}",
        ],
        "<=": ["{n} <= {v}", "{n} at or below {v}", "{n} at most {v}", "{n} of at most {v}", "{n} up to {v}"],
        "==": ["{n} = {v}", "{n} set to {v}", "{n} = {v}", "{n} {v}"],
        "!=": ["{n} other than {v}", "{n} != {v}"],
        "in": ["{n} = {v}"],
        "between": ["{n} between {lo} and {hi}", "{n} from {lo} to {hi}"],
        "outside": ["{n} outside {lo} and {hi}"],
        "missing": ["{n} not set", "{n} unset", "{n} is not set"],
        "set": ["{n} is set"],
    }[condition.op]
    low, high = condition.value if isinstance(condition.value, tuple) else ("", "")
    return str(rng.choice(words)).format(n=name, v=value, lo=shown(low), hi=shown(high))


def bad_words(condition: Condition, rng: np.random.Generator) -> str:
    name = spoken(condition.param, rng)
    return (
        f"{rng.choice(['high', 'large', 'higher'])} {name}"
        if condition.op == ">"
        else f"{rng.choice(['low', 'small', 'lower'])} {name}"
    )


def keep_words(conditions: tuple[Condition, ...], rng: np.random.Generator) -> str:
    condition = conditions[0]
    if len(conditions) > 1 or condition.op not in (">", "<="):
        return ""
    name, value = spoken(condition.param, rng), shown(condition.value)
    if condition.op == ">":
        return str(
            rng.choice(["keep {n} at or below {v}", "cap {n} at {v}", "restrict {n} to at most {v}", "lower the {n}"])
        ).format(n=name, v=value)
    return str(
        rng.choice(["keep {n} above {v}", "use a {n} above {v}", "raise the {n} above {v}", "use larger {n} values"])
    ).format(n=name, v=value)


def spoken(param: str, rng: np.random.Generator) -> str:
    return str(rng.choice([param, param, param.replace("_", " ")]))


def shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def _of_counts(
    name: str, sweep: SweepResult, index: int, ids: dict[tuple[str, int, str], str], rng: np.random.Generator
) -> Iterator[Claim]:
    found = [d for d in sweep.detectors if d.ran and d.count.affected and d.code in NOUN]
    most = max((d.count.affected for d in found), default=0)
    for detector in found:
        if (id_ := ids.get(("count", index, detector.code))) is None:
            continue
        for template in COUNT:
            if ("most common" in template and detector.count.affected < most) or (
                "{t1}" in template and len(detector.trials) < 2
            ):
                continue
            slots = issue_words(detector.code, rng) | counts(detector.count)
            slots |= {f"t{i}": t for i, t in enumerate((detector.trials * 3)[:3])}
            yield Claim("count", name, (id_,), template, slots, None, sweep)


def _of_limits(
    name: str, inspection: Inspection, sweep: SweepResult, index: int, ids: dict[tuple[str, int, str], str]
) -> Iterator[Claim]:
    titles = {"nan_rate": "NaN or Inf rate", "failed_rate": "failed rate", "divergence_rate": "divergence rate"}
    for limit in inspection.gate.limits:
        id_ = ids.get(("limit", index, limit.rate))
        if limit.path != sweep.path or limit.result not in ("pass", "fail") or not id_:
            continue
        above = "above" if limit.result == "fail" else "within"
        slots = counts(limit.count) | {"rate": titles[limit.rate], "limit": limit.fail or "", "above": above}
        for template in LIMIT + (LIMIT_FAIL if limit.result == "fail" else []):
            yield Claim("limit", name, (id_,), template, slots, None, sweep)


def _of_sweep(name: str, sweep: SweepResult, index: int, ids: dict[tuple[str, int, str], str]) -> Iterator[Claim]:
    proven = sum(cause.strength != "suggestive" for cause in sweep.causes)
    slots = {
        "a": str(sweep.affected),
        "n": str(sweep.trials),
        "share": f"{100 * sweep.affected / sweep.trials:.1f}%",
        "sweep": sweep.path.rsplit("/", 1)[-1],
        "causes": str(proven),
        "issues": str(sweep.issues),
    }
    for template in SWEEP:
        yield Claim("sweep", name, (ids["sweep", index, ""],), template, slots, None, sweep)


def _of_unknown(
    name: str, sweep: SweepResult, index: int, ids: dict[tuple[str, int, str], str], rng: np.random.Generator
) -> Iterator[Claim]:
    for one in sweep.undetermined:
        id_ = ids.get(("undetermined", index, one.code))
        if one.more_trials is None or one.code not in NOUN or id_ is None:
            continue
        slots = issue_words(one.code, rng) | {"a": str(one.affected), "more": str(one.more_trials)}
        for template in UNKNOWN[1:]:
            yield Claim("undetermined", name, (id_,), template, slots, None, sweep)
