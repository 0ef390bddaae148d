"""HP509: so few trials that no cause could be proved."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hparam_ci.causes.attribution import attribute
from hparam_ci.causes.search import fewest_trials
from hparam_ci.detectors.run import detect
from hparam_ci.detectors.too_few_trials import is_provable, more_trials, needed
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Say, message


@pytest.mark.parametrize(("hyperparameters", "trials"), [(1, 6), (2, 8), (4, 9), (8, 10), (20, 11)])
def test_the_number_needed(hyperparameters: int, trials: int) -> None:
    assert needed(hyperparameters) == trials


def test_sick_and_few(say: Say) -> None:
    columns = {"lr": [0.1, 0.2, 0.3, 0.4], "dropout": [0.2, 0.1, 0.4, 0.3], "val_loss": ["nan", 0.5, 0.4, 0.6]}
    text = message(say("too-few-trials", columns))
    assert text == "4 trials are too few to tell any cause with 2 hyperparameters: at least 8 more are needed"


@pytest.mark.parametrize("hyperparameters", [1, 4, 12])
def test_the_search_of_causes_says_the_same(hyperparameters: int) -> None:
    for n in range(2, 30):
        for sick in range(1, n):
            assert is_provable(n, sick, hyperparameters) == fewest_trials(n, sick, hyperparameters)
            assert (more_trials(n, sick, hyperparameters) == 0) == fewest_trials(n, sick, hyperparameters)


def test_healthy_or_many(say: Say) -> None:
    healthy = {"lr": [0.1, 0.2, 0.3, 0.4], "val_loss": [0.45, 0.5, 0.4, 0.6]}
    assert say("too-few-trials", healthy) == []
    many = {"lr": [0.1 * (i + 1) for i in range(30)], "val_loss": ["nan", *(0.4 + 0.01 * i for i in range(29))]}
    assert say("too-few-trials", many) == []


def test_no_hyperparameter(say: Say) -> None:
    columns = {"run_id": range(6), "val_loss": ["nan", 0.5, 0.4, 0.6, 0.45, 0.55]}
    assert say("too-few-trials", columns) == "no hyperparameter varies in this file"


def test_replicates_are_one_configuration(say: Say) -> None:
    """Twenty runs of four configurations tell no more of a cause than four runs."""
    lr, dropout = [0.1, 0.2, 0.3, 0.4] * 5, [0.2, 0.1, 0.2, 0.1] * 5
    losses = [x for seed in range(5) for x in ("nan", 0.5 + 0.01 * seed, 0.4 + 0.01 * seed, 0.6 + 0.01 * seed)]
    columns = {"lr": lr, "dropout": dropout, "seed": [i // 4 for i in range(20)], "val_loss": losses}
    text = message(say("too-few-trials", columns))
    assert text.startswith("4 configurations are too few to tell any cause with 2 hyperparameters: at least ")


def test_it_names_the_number_that_the_search_of_causes_does(sweep_of: Callable[..., Sweep]) -> None:
    lr, dropout = [0.1, 0.2, 0.3, 0.4] * 5, [0.2, 0.1, 0.2, 0.1] * 5
    losses = [x for seed in range(5) for x in ("nan", 0.5 + 0.01 * seed, 0.4 + 0.01 * seed, 0.6 + 0.01 * seed)]
    table = detect(sweep_of(lr=lr, dropout=dropout, seed=[i // 4 for i in range(20)], val_loss=losses))
    [said] = [one.reason for one in attribute(table).undetermined if one.code == "HP101"]
    [finding] = table.found["HP509"].findings
    [more] = re.findall(r"at least (\d+) more", finding.evidence.message)
    assert f"only 4 configurations were tried; about {more} more configurations could tell" == said
