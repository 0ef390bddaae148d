"""HP306 implausible-value: a metric has a value that it cannot have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._losses import NEGATED
from hparam_ci.detectors._metrics import finite, joined
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Column, Floats, Mask

SHARES = frozenset(
    "accuracy auc auroc rocauc auprc aucpr prauc aupr f1 fscore fbeta precision prec recall sensitivity specificity "
    "dice iou miou jaccard map mrr ndcg exact_match hit_rate success_rate win_rate pass_rate".split()
)
"""Scores between 0 and 1, or 0 and 100."""
NEVER_NEGATIVE = frozenset(
    "error err mse rmse mae mape smape mase rmsle msle wer cer ter fid perplexity ppl brier ece eer".split()
)
SLACK = 1e-6
FEW = 5


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    metrics = sweep.metrics()
    if not metrics:
        return CouldNotLook("no metric column was recognised")
    views = [_view(column, metric, sweep.ended, options) for column, metric in metrics]
    return joined(views, len(sweep))


def _view(column: Column, metric: Metric, ended: Mask, options: Options) -> Detection:
    values = finite(column)
    judged = ended & np.isfinite(values)
    low, high = _bounds(column, metric, values.compress(judged), options["few"])
    with np.errstate(invalid="ignore"):
        flagged = judged & ((values < low - SLACK) | (values > high + SLACK))

    def evidence(row: int) -> Evidence:
        limit = f"at least {low:g}" if values[row] < low else f"at most {high:g}"
        message = f"{column.name} is {column.show(row)}; it can be {limit}{_as_others(column, low, high)}"
        return Evidence(column.name, column.show(row), limit, message)

    return Detection(flagged, judged, evidence)


def _as_others(column: Column, low: float, high: float) -> str:
    """What the other trials say, where the bound is theirs."""
    share = {100.0: ", for the file has percent", 1.0: ", for the file has shares of 1"}.get(high, "")
    return share if low == 0 or np.isfinite(high) else ""


def _is_mostly_negative(numbers: Floats) -> bool:
    return bool(numbers.min() < 0 and np.median(numbers) < 0)


def _bounds(column: Column, metric: Metric, numbers: Floats, few: float) -> tuple[float, float]:
    """What a metric of that kind can be; without bounds where most of the sweep is outside: then it is another one."""
    low, high = -np.inf, np.inf
    if len(numbers) == 0:
        return low, high
    negated = bool(NEGATED & set(tokens(column.name))) or _is_mostly_negative(numbers)
    if metric.kind in SHARES:
        low, high = 0.0, _top(numbers)
    elif metric.kind in NEVER_NEGATIVE and not negated:
        low = 0.0
    elif metric.kind in ("r2", "mcc", "kappa", "pearson", "spearman"):
        low, high = (-np.inf if metric.kind == "r2" else -1.0), 1.0
    elif metric.kind == "loss" and not negated:
        rare = len(numbers) >= FEW and np.sum(numbers < 0) <= max(1, few * len(numbers))
        low = 0.0 if rare else low
    outside = np.mean((numbers < low - SLACK) | (numbers > high + SLACK))
    return (low, high) if outside <= 0.5 else (-np.inf, np.inf)


def _top(numbers: Floats) -> float:
    """1 where the sweep's scores are shares, 100 where they are percent."""
    return 100.0 if float(np.mean(numbers > 1.5)) > 0.5 else 1.0


DETECTOR = Detector(
    code="HP306",
    name="implausible-value",
    title="Impossible value",
    trials="trials with an impossible value",
    severity="warning",
    rate="implausible_rate",
    summary="A metric has a value that it cannot have: an accuracy outside 0 to 1 (or 0 to 100), a negative error, a "
    "correlation above 1, or a negative loss where hardly any other is.",
    why="The metric is computed or logged wrongly, or on another scale than in other trials; comparing them misleads.",
    advice="Look at how the metric is computed and logged in the listed trials: the scale, the sign, sums taken for "
    "means.",
    source="The ranges of the metrics by definition; AutoTrainer (Zhang et al., ICSE 2021) counts a loss below 0 as "
    "abnormal.",
    look=_look,
    options=(
        DetectorOption(
            "few", 0.05, "share of the trials", "Negative losses are impossible where no more trials have one."
        ),
    ),
)
