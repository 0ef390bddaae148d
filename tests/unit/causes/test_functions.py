"""Products and ratios of two hyperparameters: told where they are the truth, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.causes.made import draw, features, search, told


def test_a_ratio_is_told_where_it_is_the_plain_truth() -> None:
    rng, columns = draw(300, 4)
    columns["momentum"] = 10 ** rng.uniform(-3, 0, 300)
    found = search(features(columns), columns["lr"] / columns["momentum"] > 0.5)
    assert [one.conditions[0].param for one in found if one.p_value <= 0.05] == ["lr / momentum"]
    assert {condition.param for condition in found[0].box} == {"lr", "momentum"}
    assert 0.4 < float(found[0].conditions[0].value or 0) < 0.6  # type: ignore[arg-type]


def test_a_ratio_with_what_hardly_varies_is_not_told() -> None:
    rng, columns = draw(500, 4)
    columns["beta2"] = rng.uniform(0.9, 0.9999, 500)
    ratio = columns["beta2"] / columns["dropout"]
    [first, *_] = told(search(features(columns), ratio > np.quantile(ratio, 0.7)))
    assert first.startswith("dropout ≤")


@pytest.mark.parametrize("below", [True, False])
def test_a_ratio_is_told_the_way_up_in_which_the_sick_have_more(below: bool) -> None:
    _, columns = draw(300, 21)
    columns["batch"] = np.round(2 ** np.random.default_rng(121).uniform(3, 9, 300))
    ratio = columns["batch"] / columns["lr"]
    hits = ratio < np.quantile(ratio, 0.3) if below else ratio > np.quantile(ratio, 0.7)
    [cause] = search(features(columns), hits, 21)
    assert [(c.param, c.op) for c in cause.conditions] == [("lr / batch" if below else "batch / lr", ">")]


def test_a_ratio_beside_another_cause_makes_a_difference_over_all_trials() -> None:
    rng, columns = draw(400, 23)
    columns["batch"] = np.round(2 ** rng.uniform(3, 9, 400))
    ratio = columns["lr"] / columns["batch"]
    hits = (np.array(columns["opt"]) == "lamb") | (ratio > np.quantile(ratio, 0.88))
    first, second = told(search(features(columns), hits, 22))
    assert first == "opt = lamb"
    assert second.startswith("lr / batch > ")


def test_a_product_is_told_where_only_its_form_is_in_doubt() -> None:
    """Sixty trials with a few exceptions: sure that it is these two, and by their product most likely."""
    found = []
    for seed in range(12):
        rng, columns = draw(60, 900 + seed)
        columns["clip"] = 10 ** rng.uniform(-2, 1, 60)
        height = (np.log10(columns["lr"]) + 5) / 5 + (np.log10(columns["clip"]) + 2) / 3
        hits = (height > 1.15) & (rng.random(60) < 0.9) | (rng.random(60) < 0.03)
        found += [cause.split(" > ")[0] for cause in told(search(features(columns), hits)) if " × " in cause]
    assert len(found) >= 5
    assert set(found) == {"clip × lr"}


def test_a_conjunction_of_two_is_hardly_ever_taken_for_a_product() -> None:
    forms = []
    for seed in range(12):
        rng, columns = draw(60, 900 + seed)
        columns["clip"] = 10 ** rng.uniform(-2, 1, 60)
        hits = (columns["lr"] > 0.003) & (columns["clip"] > 0.3) & (rng.random(60) < 0.9)
        forms += [len(one.conditions) for one in search(features(columns), hits) if one.p_value <= 0.05]
    assert sum(form == 2 for form in forms) >= 11
