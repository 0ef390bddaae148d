"""Facts of causes and of the advice that follows from them."""

from __future__ import annotations

import re
from dataclasses import replace

from hparam_ci.crew.facts import TEXT, TRIALS, Amount, Fact, Json, Pair, measures_in, pair_of, ratio, short
from hparam_ci.inspection import Cause, Condition, Recommendation
from hparam_ci.wording import show_share


def cause(cause: Cause, index: int) -> Fact:
    """A condition, and how often the issue is with it and without it."""
    hint = cause.strength == "suggestive"
    shown = tuple(short(trial) for trial in cause.trials[:TRIALS])
    inside, outside = cause.inside.share or 0.0, cause.outside.share or 0.0
    data: dict[str, Json] = {
        "issue": cause.issue,
        "condition": short(cause.text, TEXT),
        "with it": f"{ratio(cause.inside)} ({show_share(cause.inside)})",
        "without it": f"{ratio(cause.outside)} ({show_share(cause.outside)})",
        "explains": f"{cause.explains} of {cause.of}",
        "evidence": "hint, not proven" if hint else cause.strength,
        "examples": list(shown),
    }
    if cause.beside:
        data["counted"] = short(cause.among, TEXT)
    if cause.moves_with:
        data["moves together with"] = [short(name) for name in cause.moves_with[:TRIALS]]
    low, high = cause.difference
    amounts = [
        Amount(100 * (inside - outside), "points"),
        Amount(100 * low, "bound"),
        Amount(100 * high, "bound"),
        Amount(cause.p_value, "p"),
        Amount(len(cause.conditions), "conditions"),
    ]
    if outside:
        amounts.append(Amount(inside / outside, "times"))
    return Fact(
        id=cause.id,
        kind="hint" if hint else "cause",
        sweep=index,
        data=data,
        codes=(cause.code,),
        issue=cause.issue,
        conditions=tuple(as_shown(condition) for condition in cause.conditions),
        trials=shown,
        pairs=(
            pair_of("inside", cause.inside),
            pair_of("outside", cause.outside),
            Pair("explains", cause.explains, cause.of),
        ),
        amounts=tuple(amounts),
        words=tuple(short(name) for name in cause.moves_with),
        rank=cause.explains,
        outcome=cause.strength,
    )


def tried(fact: Fact, cause: Cause, ranges: dict[str, Fact]) -> Fact:
    """The fact with the range that its hyperparameters were tried in."""
    own = [ranges[condition.param] for condition in cause.conditions if condition.param in ranges]
    return replace(fact, amounts=fact.amounts + tuple(amount for one in own for amount in one.amounts))


def advice(advice: Recommendation, causes: list[Fact], index: int) -> Fact:
    """Advice from causes takes over what they say, so that it cannot be turned round."""
    from_causes = tuple(condition for fact in causes for condition in fact.conditions)
    amounts = [Amount(advice.trials_saved, "trials")] if advice.trials_saved else []
    if advice.hours_saved:
        amounts.append(Amount(advice.hours_saved, "hours"))
    amounts += [*_aimed_at(advice), *measures_in(advice.reason)]
    return Fact(
        id=advice.id,
        kind="advice",
        sweep=index,
        data={
            "advice": short(advice.action, 2 * TEXT),
            "reason": short(advice.reason, 2 * TEXT),
            "evidence": [id_ for id_ in advice.evidence if id_.startswith("C")],
        },
        codes=causes[0].codes if causes else (),
        issue=causes[0].issue if causes else "",
        conditions=from_causes,
        pairs=_with_new([pair for fact in causes for pair in fact.pairs], _pairs_in(advice.reason)),
        amounts=tuple(amounts + [amount for fact in causes for amount in fact.amounts]),
        words=(advice.action, advice.reason),
        rank=advice.trials_saved,
        levels=_preferred(advice),
        stays=advice.kind == "cure",
        outcome=causes[0].outcome if causes else "",
    )


def _aimed_at(advice: Recommendation) -> list[Amount]:
    """The range in `Aim at lr between 0.001 and 0.01`."""
    found = re.fullmatch(r"Aim at (.+) between (\S+) and (\S+)", advice.action) if advice.kind == "aim" else None
    return [Amount(float(end), "value", short(found[1])) for end in found.groups()[1:]] if found else []


def _preferred(advice: Recommendation) -> tuple[str, ...]:
    """The categories in `Prefer optimizer = adam or sgd`."""
    found = re.fullmatch(r"Prefer .+? = (.+)", advice.action) if advice.kind == "aim" else None
    return tuple(short(text) for text in re.split(r", | or ", found[1])) if found else ()


def _with_new(own: list[Pair], told: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The causes' own counts, and of those in the text what they do not have."""
    known = {(pair.a, pair.n) for pair in own}
    return (*own, *(pair for pair in told if (pair.a, pair.n) not in known))


def _pairs_in(text: str) -> tuple[Pair, ...]:
    """The counts `a of n` in a text of ours; whose they are, the text says itself."""
    found = re.findall(r"(?<![\w.])(\d+) of (?:the )?(\d+)(?![\w.])", text)
    return tuple(Pair("explains", int(a), int(n)) for a, n in found if int(n))


def as_shown(condition: Condition) -> Condition:
    """The condition with its texts as a model sees them."""
    value = condition.value
    if isinstance(value, str):
        value = short(value)
    elif isinstance(value, tuple):
        value = tuple(short(item) if isinstance(item, str) else item for item in value)
    return Condition(param=short(condition.param), op=condition.op, value=value, low=condition.low, high=condition.high)
