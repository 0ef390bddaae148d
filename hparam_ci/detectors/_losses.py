"""The loss columns of a sweep on one footing: larger is worse, whatever the column calls itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hparam_ci.detectors._metrics import accuracies, finite
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.sweep import Metric, Sweep
from hparam_ci.sources.table import Column, Floats

Reading = Literal["loss", "negative", "logarithm", "unexplained share"]

PERPLEXITIES = frozenset(["perplexity", "ppl"])
NEGATED = frozenset(["neg", "negative", "negated"])
RATES = frozenset(["error", "err", "wer", "cer"])
FEWEST_CLASSES, MOST_CLASSES = 2, 1000


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """One column, read as a loss.

    Attributes:
        column: as it stands in the file.
        metric: what it measures.
        reading: how a loss was made of it.
        values: (n,) the loss; NaN where the cell is no finite number.
    """

    column: Column
    metric: Metric
    reading: Reading
    values: Floats

    @property
    def is_bounded(self) -> bool:
        """Whether it is an error rate (a share or percent), which cannot explode."""
        return self.metric.kind in RATES and not (np.abs(self.values) > 100).any()

    def shown(self, loss: float) -> str:
        """A loss in the terms of the column, for a person."""
        if self.reading == "negative":
            return f"{-loss:.3g}"
        if self.reading == "logarithm":
            return f"{np.exp(min(loss, 700.0)):.3g}"
        return f"{1 - loss if self.reading == 'unexplained share' else loss:.3g}"


def losses(sweep: Sweep) -> list[Loss]:
    """Every loss and error, and the scores that are losses in disguise; without the test split where there is a
    validation split, and of several objectives the first alone: what is traded against it is a cost, a time or a size.

    A perplexity counts by its logarithm, an R² by its distance from 1, and a score that is never above 0 (as
    scikit-learn's `neg_log_loss` is, and a log-likelihood) by its negative.
    """
    metrics = sweep.metrics()
    traded = [column for column, metric in metrics if metric.kind == "objective"][1:]
    found = [loss for column, metric in metrics if column not in traded and (loss := as_loss(column, metric))]
    if any(loss.metric.split in ("val", None) for loss in found):
        return [loss for loss in found if loss.metric.split != "test"]
    return found


def as_loss(column: Column, metric: Metric) -> Loss | None:
    """A metric read as a loss, or None where it is a score."""
    values = finite(column)
    never_above = bool(np.fmax.reduce(values, initial=np.nan) <= 0)
    negated = metric.direction == "maximize" or bool(NEGATED & set(tokens(column.name)))
    if never_above and negated and metric.kind not in ("accuracy", "r2"):
        return Loss(column, metric, "negative", -values)
    if metric.direction == "minimize":
        if metric.kind not in PERPLEXITIES:
            return Loss(column, metric, "loss", values)
        return Loss(column, metric, "logarithm", np.log(np.where(values >= 1, values, np.nan)))
    if metric.kind == "r2":
        return Loss(column, metric, "unexplained share", 1 - values)
    return None


def blind_loss(sweep: Sweep) -> float | None:
    """The cross-entropy of a model that has learnt nothing, as far as the accuracies tell; None without any.

    The worst accuracy of the sweep is about one in the number of classes k, and ln k is the loss of a blind guess.
    """
    worst = [np.nanmin(values) for values in accuracies(sweep) if np.isfinite(values).any()]
    if not worst:
        return None
    return float(-np.log(np.clip(min(worst), 1 / MOST_CLASSES, 1 / FEWEST_CLASSES)))


def is_cross_entropy(loss: Loss) -> bool:
    """Whether it may be one: never negative, and named a loss, or as the negative of one (`neg_log_loss`)."""
    named = loss.metric.kind == "loss" or loss.metric.kind.endswith("log_loss")
    return named and loss.reading in ("loss", "negative") and not (loss.values < 0).any()
