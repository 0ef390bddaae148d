"""What of an Inspection reaches the crew as facts."""

from __future__ import annotations

import msgspec
import pytest

from hparam_ci.crew import reasons
from hparam_ci.crew.facts import measures_in
from hparam_ci.crew.gather import gather
from hparam_ci.inspection import Cause, Recommendation
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

INSPECTION = inspect(["digits_sweep.csv"], root=EXAMPLES)
CAUSES = INSPECTION.sweeps[0].causes


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_cause_keeps_its_kind_its_counts_and_its_interval(cause: Cause) -> None:
    fact = reasons.cause(cause, 0)
    assert fact.kind == ("hint" if cause.strength == "suggestive" else "cause")
    bounds = [amount.value for amount in fact.amounts if amount.unit == "bound"]
    assert bounds == [100 * end for end in cause.difference]
    assert [(pair.role, pair.a, pair.n) for pair in fact.pairs] == [
        ("inside", cause.inside.affected, cause.inside.evaluable),
        ("outside", cause.outside.affected, cause.outside.evaluable),
        ("explains", cause.explains, cause.of),
    ]


def test_a_hint_is_one() -> None:
    hint = reasons.cause(msgspec.structs.replace(CAUSES[0], strength="suggestive"), 0)
    assert hint.kind == "hint"
    assert hint.data["evidence"] == "hint, not proven"


def test_a_further_cause_says_among_which_trials_it_is_counted() -> None:
    further = msgspec.structs.replace(CAUSES[1], beside=(CAUSES[0].text,))
    assert reasons.cause(further, 0).data["counted"] == further.among
    assert "counted" not in reasons.cause(CAUSES[0], 0).data


@pytest.mark.parametrize("advice", INSPECTION.sweeps[0].recommendations, ids=lambda advice: advice.id)
def test_advice_keeps_the_trials_that_it_saves(advice: Recommendation) -> None:
    saved = [amount.value for amount in reasons.advice(advice, [], 0).amounts if amount.unit == "trials"]
    assert saved == [advice.trials_saved]


def test_advice_to_prefer_categories_speaks_for_them() -> None:
    advice = msgspec.structs.replace(
        INSPECTION.sweeps[0].recommendations[0], kind="aim", action="Prefer optimizer = adam, lion or sgd"
    )
    assert reasons.advice(advice, [], 0).levels == ("adam", "lion", "sgd")


def test_advice_to_aim_at_a_range_speaks_for_it() -> None:
    advice = msgspec.structs.replace(
        INSPECTION.sweeps[0].recommendations[0], kind="aim", action="Aim at lr between 0.001 and 0.01"
    )
    found = [amount.value for amount in reasons.advice(advice, [], 0).amounts if amount.of == "lr"]
    assert found == [0.001, 0.01]


def test_the_ends_of_an_interval_are_no_shares() -> None:
    found = measures_in("93% of the importance, 83 to 100%; gives up 9% of the space")
    assert [amount.value for amount in found if amount.unit == "%"] == [93, 9]
    assert [amount.value for amount in found if amount.unit == "bound"] == [83, 100]


def test_each_fact_is_cited_by_an_id_of_its_own() -> None:
    facts = gather(INSPECTION)
    assert all(fact.id == id_ for id_, fact in facts.by_id.items())
