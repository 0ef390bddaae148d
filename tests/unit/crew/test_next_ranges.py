"""Where the next search goes: its ends, what of the choices it drops, and what is told where nothing was tried."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew import outlook
from hparam_ci.crew.gather import gather
from hparam_ci.crew.grounding import Checker
from hparam_ci.inspection import Bucket, BucketTable, Dimension, Drivers, Importance
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

FACTS = kept_facts("trees")
TREES = Checker(FACTS)


@pytest.mark.parametrize("up", ["raised", "increased"])
@pytest.mark.parametrize("down", ["lowered", "decreased"])
def test_the_range_goes_the_way_it_goes(up: str, down: str) -> None:
    assert TREES.refuse(["N2"], f"For subsample, the range is {up}.") is None
    assert TREES.refuse(["N2"], f"For subsample, the range is {down}.") is not None
    assert TREES.refuse(["N1"], f"For max_depth, the range is {down}.") is None
    assert TREES.refuse(["N1"], f"For max_depth, the range is {up}.") is not None


@pytest.mark.parametrize("end", ["bound", "end", "limit"])
def test_an_end_goes_from_where_it_was_to_where_it_is(end: str) -> None:
    for id_, text, right, wrong in (
        ("N1", "The upper {} of max_depth goes from 19 to {}.", "13", "15"),
        ("N2", "The lower {} of subsample goes from 0.1 to {}.", "0.248", "0.348"),
    ):
        assert TREES.refuse([id_], text.format(end, right)) is None
        assert TREES.refuse([id_], text.format(end, wrong)) is not None


@pytest.mark.parametrize("end", ["bottom end", "lower end", "lower bound"])
def test_the_bottom_is_the_lower_end(end: str) -> None:
    for text in ("Set the {} of subsample to {}.", "The next search has the {} of subsample at {}."):
        assert TREES.refuse(["N2"], text.format(end, "0.248")) is None
        assert TREES.refuse(["N2"], text.format(end, "0.1")) is not None
        assert TREES.refuse(["N2"], text.format(end.replace("bottom", "upper").replace("lower", "upper"), "0.248"))


def test_a_choice_that_is_no_longer_searched_is_dropped() -> None:
    choice = Dimension(
        param="booster",
        name="booster",
        kind="choice",
        searched=("dart", "gblinear", "gbtree"),
        change="narrowed",
        reasons=(),
        choices=("gblinear", "gbtree"),
    )
    checker = Checker(replace(FACTS, by_id=FACTS.by_id | {"N3": replace(outlook.dimension(choice, 0), id="N3")}))
    for text, dropped in (("The next search drops {}.", True), ("The next search keeps {}.", False)):
        for level in ("dart", "gblinear"):
            assert (checker.refuse(["N3"], text.format(level)) is None) == ((level == "dart") == dropped)
    depth = Dimension(
        param="max_depth",
        name="max_depth",
        kind="int",
        searched=(2, 19),
        change="narrowed",
        reasons=(),
        low=2,
        high=13,
    )
    assert outlook.dimension(depth, 0).dropped == ()


def test_nothing_was_tried_where_no_trial_has_a_value() -> None:
    table = BucketTable("max_depth", ordered=True, buckets=(Bucket("not set", 9, {}),))
    fact = outlook.tried(table, 0)
    assert fact.data["tried"] == "nothing"
    assert fact.amounts == ()


def test_importance_is_cited_by_its_place() -> None:
    inspection = inspect(["digits_sweep.csv"], root=EXAMPLES)
    ranked = (
        Importance("lr", 0.9, 0.8, 1.0, 0.001, noise=False, direction="lower", best=(0.01, 0.1)),
        Importance("depth", 0.1, 0.0, 0.2, 0.5, noise=True, direction="unclear"),
        Importance("hidden", 0.05, 0.0, 0.1, 0.01, noise=False, direction="higher", best=(64.0, 128.0)),
    )
    drivers = Drivers(metric="val_loss", goal="minimize", trials=176, top=18, best=0.1, hyperparameters=ranked)
    sweep = msgspec.structs.replace(inspection.sweeps[0], drivers=drivers)
    facts = gather(msgspec.structs.replace(inspection, sweeps=(sweep,)))
    assert {fact.id: fact.words[0] for fact in facts.of("importance")} == {"M1": "lr", "M2": "depth", "M3": "hidden"}
    checker = Checker(facts)
    assert checker.refuse(["M1"], "lr matters most for val_loss.") is None
    assert checker.refuse(["M2"], "depth matters most for val_loss.") is not None
    assert checker.refuse(["M3"], "hidden matters most for val_loss.") is not None


@pytest.mark.parametrize("name", ["num_trees", "tree_count"])
def test_trees_are_no_depth_where_they_are_counted(name: str) -> None:
    importance = replace(FACTS.by_id["M2"], words=(name, *FACTS.by_id["M2"].words[1:]))
    facts = replace(FACTS, by_id=FACTS.by_id | {"M2": importance}, params=FACTS.params - {"n_estimators"} | {name})
    text = "Trees matter no more than chance for val_loss."
    assert Checker(facts).refuse(["M2"], text) is None
    assert Checker(facts).refuse(["M1"], text) is not None
    assert TREES.refuse(["M1"], text) is None
