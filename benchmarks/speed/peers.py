"""`python peers.py NAME FILE`: the job of another tool that comes nearest to a diagnosis, on the same file.

Each is used as its documentation shows, with what makes it do the least work that still answers the question.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

DEPTH = 2  # conditions in a rule, as many as the causes of this project mostly have


def loaded(path: str) -> tuple[pd.DataFrame, dict[str, pd.Series[bool]]]:
    """The hyperparameters, and the issues that a few lines of pandas find."""
    frame = pd.read_csv(path)
    issues = {"nan": frame["val_loss"].isna() & (frame["status"] == "completed"), "failed": frame["status"] == "failed"}
    return frame[[name for name in frame if name.startswith("hp")]], issues


def read_csv(path: str) -> None:
    """Nothing but reading: what all others are measured by."""
    pd.read_csv(path)


def ydata_profiling(path: str) -> None:
    """The report of a data frame, in its minimal form."""
    from ydata_profiling import ProfileReport

    with tempfile.TemporaryDirectory() as folder:
        report = ProfileReport(pd.read_csv(path), minimal=True, progress_bar=False)
        report.to_file(Path(folder) / "report.html")


def pysubgroup(path: str) -> None:
    """The best rules of up to two conditions for each issue, by beam search."""
    import pysubgroup as ps

    settings, issues = loaded(path)
    for name, sick in issues.items():
        data = settings.assign(**{name: sick})
        space = ps.create_selectors(data, nbins=8, ignore=[name])
        task = ps.SubgroupDiscoveryTask(
            data, ps.BinaryTarget(name, True), space, result_set_size=5, depth=DEPTH, qf=ps.WRAccQF()
        )
        ps.BeamSearch().execute(task)


def divexplorer(path: str) -> None:
    """The subgroups of a tenth of the trials and more whose rate differs most, over quartiles."""
    from divexplorer import DivergenceExplorer

    settings, issues = loaded(path)
    binned = settings.apply(lambda x: pd.qcut(x, 4, duplicates="drop").astype(str) if x.dtype.kind == "f" else x)
    for name, sick in issues.items():
        data = binned.assign(**{name: sick.astype(int)})
        DivergenceExplorer(data).get_pattern_divergence(min_support=0.1, boolean_outcomes=[name])


def sklearn_rules(path: str) -> None:
    """The rules of a small decision tree for each issue."""
    from sklearn.tree import DecisionTreeClassifier, export_text

    settings, issues = loaded(path)
    coded = pd.get_dummies(settings)
    for sick in issues.values():
        export_text(DecisionTreeClassifier(max_depth=3, min_samples_leaf=5).fit(coded, sick))


def _study(path: str) -> Any:
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    settings, _ = loaded(path)
    losses = pd.read_csv(path)["val_loss"]
    spaces = {
        name: FloatDistribution(1e-5, 1, log=True) if x.dtype.kind == "f" else CategoricalDistribution(sorted(set(x)))
        for name, x in settings.items()
    }
    study = optuna.create_study()
    study.add_trials(
        [
            optuna.trial.create_trial(params=params, distributions=spaces, value=float(loss))
            for params, loss in zip(settings.to_dict("records"), losses, strict=True)
            if loss < float("inf")
        ]
    )
    return study


def optuna_fanova(path: str) -> None:
    """Which hyperparameters move the loss, by fANOVA."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    get_param_importances(_study(path), evaluator=FanovaImportanceEvaluator(seed=0))


def optuna_pedanova(path: str) -> None:
    """Which hyperparameters move the loss, by PED-ANOVA."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    get_param_importances(_study(path), evaluator=PedAnovaImportanceEvaluator())


PEERS = {
    work.__name__: work
    for work in (ydata_profiling, pysubgroup, divexplorer, sklearn_rules, optuna_fanova, optuna_pedanova)
}

if __name__ == "__main__":
    {"read_csv": read_csv, **PEERS}[sys.argv[1]](sys.argv[2])
