"""HP201 diverged: the loss is finite but exploded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats, any_of

MAD_TO_SIGMA = 1.4826
FEW = 5


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    losses = [column for column, metric in sweep.metrics("minimize") if metric.split != "test"]
    losses = losses or [column for column, _ in sweep.metrics("minimize")]
    if not losses:
        return CouldNotLook("no loss or error column was recognised")
    values = {column.name: finite(column) for column in losses}
    limits = {name: limit(numbers, options) for name, numbers in values.items()}
    over = {name: numbers > limits[name] for name, numbers in values.items()}
    flagged = any_of(list(over.values()), len(sweep))
    at_risk = any_of([np.isfinite(numbers) for numbers in values.values()], len(sweep))

    def evidence(row: int) -> Evidence:
        column = next(column for column in losses if over[column.name][row])
        return _evidence(column, row, limits[column.name], values[column.name])

    return Detection(flagged, at_risk, evidence)


def limit(values: Floats, options: Options) -> float:
    """The loss above which a trial of this sweep counts as exploded.

    In log10, the first quartile plus max(`decades`, `sigmas` robust standard deviations); the spread is the median
    distance to the first quartile among the lower half, so that exploded trials (up to two in three) do not widen it.
    With fewer than five finite losses, `absurd`. Losses that can be negative are taken on their own scale.

    Args:
        values: (n,) losses, NaN where there is none.
        options: the detector's.
    """
    numbers = values[np.isfinite(values)]
    if len(numbers) < FEW:
        return options["absurd"]
    if float(np.min(numbers)) <= 0:
        centre, sigma = _quartile_and_sigma(numbers)
        return float(centre + max(options["decades"] * 10 * abs(centre), 2 * options["sigmas"] * sigma, 10.0))
    centre, sigma = _quartile_and_sigma(np.log10(numbers))
    return float(10 ** min(centre + max(options["decades"], options["sigmas"] * sigma), 300.0))


def _quartile_and_sigma(numbers: Floats) -> tuple[float, float]:
    quartile, median = np.quantile(numbers, [0.25, 0.5])
    return float(quartile), float(MAD_TO_SIGMA * np.median(np.abs(numbers[numbers <= median] - quartile)))


def _evidence(column: Column, row: int, limit: float, values: Floats) -> Evidence:
    usual = float(np.quantile(values[np.isfinite(values)], 0.25))
    times = values[row] / usual if usual > 0 else float("nan")
    compared = f", {times:.3g} times the sweep's lower quartile" if times > 0 else ""
    return Evidence(column.name, column.show(row), f"{limit:.3g}", f"{column.name} is {column.show(row)}{compared}")


DETECTOR = Detector(
    code="HP201",
    name="diverged",
    title="Diverged",
    trials="diverged trials",
    severity="error",
    rate="divergence_rate",
    summary="A loss or error is finite but far above what the sweep's healthy trials reach.",
    why="The optimisation ran away; the trial's other numbers mean nothing.",
    advice="Lower the learning rate, warm it up, or clip gradients; check the scale of inputs and initial weights.",
    source="The median and MAD rule for outliers (Iglewicz and Hoaglin, 1993) on the log of the loss, taken from "
    "the lower half of the sweep.",
    look=_look,
    options=(
        DetectorOption(
            "decades", 1.0, "powers of ten", "A loss must be at least this far above the sweep's lower quartile."
        ),
        DetectorOption(
            "sigmas", 6.0, "robust standard deviations", "And at least this many spreads of the sweep's lower half."
        ),
        DetectorOption("absurd", 1000.0, "loss", "The limit where fewer than five trials have a finite loss."),
    ),
)
