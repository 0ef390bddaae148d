"""HP504 duplicate-configurations: one configuration was run several times, by accident or without effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hparam_ci.detectors._objective import objective
from hparam_ci.detectors._replicates import are_designed, noise_of, same_budget
from hparam_ci.detectors._trials import NO_HYPERPARAMETER, NO_METRIC, finished
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.rows import Rows, alike, both, dense, sizes
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Mask
from hparam_ci.sources.trials import is_measured


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    metrics = [column for column, _ in sweep.metrics()]
    if not metrics:
        return CouldNotLook(NO_METRIC)
    config = sweep.configurations
    if config is None:
        return CouldNotLook(NO_HYPERPARAMETER)
    judged = finished(sweep) & sweep.reported
    rows = np.flatnonzero(judged & (sizes(config) > 1))
    if not len(rows):
        return SweepDetection()
    seeds = [column.take(rows) for column in sweep.columns(Role.SEED)]
    trials = _Repeated(
        sweep,
        rows,
        int(judged.sum()),
        dense(config[rows]),
        alike(seeds) if seeds else np.zeros_like(rows),
        alike([column.take(rows) for column in metrics]),
        is_measured(metrics)[rows],
    )
    enough = max(options["fewest"], options["share"] * trials.of)
    is_designed = not seeds and are_designed(config[judged])
    found = [
        _identical(trials, enough),
        None if is_designed else _different(trials, enough, same_budget(sweep, config)),
    ]
    return SweepDetection(tuple(finding for finding in found if finding is not None))


@dataclass(frozen=True, slots=True, eq=False)
class _Repeated:
    """Trials with equal hyperparameters.

    Attributes:
        sweep: the sweep.
        rows: (k,) the trials.
        of: how many trials finished with a result.
        config: (k,) which configuration.
        seed: (k,) which seed; 0 where none is recorded.
        result: (k,) which results.
        measured: (k,) whether those have so many digits that they are not equal by chance.
    """

    sweep: Sweep
    rows: Rows
    of: int
    config: Rows
    seed: Rows
    result: Rows
    measured: Mask


def _identical(trials: _Repeated, enough: float) -> Finding | None:
    """Equal configurations with bit-identical results."""
    same = both(trials.config, trials.result)
    copies = (sizes(same) > 1) & trials.measured
    extra = int(copies.sum()) - len(np.unique(same[copies]))
    if not extra or extra < enough:
        return None
    rows, seeds_differ = (
        trials.rows[copies],
        len(np.unique(both(same, trials.seed)[copies])) > len(np.unique(same[copies])),
    )
    name = trials.sweep.columns(Role.SEED)[0].name if seeds_differ else ""
    why = f"though {name} differs, so it has no effect" if seeds_differ else "so they add nothing"
    message = f"{extra} of {trials.of} trials repeat a configuration and its every result, {why}"
    return Finding(Evidence(name, f"{extra} repeated", "each once", message), rows.tolist())


def _different(trials: _Repeated, enough: float, comparable: Mask) -> Finding | None:
    """Equal configurations, and seeds where they are recorded, with different results: what a single run is worth."""
    goal = objective(trials.sweep)
    if goal is None:
        return None
    kept = np.isfinite(goal.values[trials.rows]) & comparable[trials.rows]
    rows, run = trials.rows[kept], both(trials.config, trials.seed)[kept]
    many = sizes(run) > 1
    rows, run = rows[many], dense(run[many])
    extra = len(rows) - len(np.unique(run))
    noise = noise_of(goal.values[rows], run)
    if noise is None or noise.size == 0 or extra < enough:
        return None
    what = "configuration and seed" if trials.sweep.columns(Role.SEED) else "configuration"
    message = (
        f"{extra} of {trials.of} trials repeat the {what} of another one, with other results: {goal.column.name} "
        f"scatters by {noise.size:.3g} (standard deviation) from run to run, and smaller differences mean nothing"
    )
    return Finding(Evidence(goal.column.name, f"{noise.size:.3g}", "0", message), rows.tolist())


DETECTOR = Detector(
    code="HP504",
    name="duplicate-configurations",
    title="Configurations run twice",
    trials="",
    severity="notice",
    rate="",
    summary="The same configuration was run several times: with identical results, or with different ones, which show "
    "how large the noise is. Replicates by design, with their seeds or equally many of each, are left in peace.",
    why="A repeated run costs as much as a new one. Results that stay the same under another seed mean that the seed "
    "does not reach the training; results that differ without one, that a single run is not to be trusted.",
    advice="Let the sampler skip what it has tried, record the seed, and compare configurations by several seeds.",
    source="Duplicate suggestions of samplers over small spaces; seed noise as in Bouthillier et al., Accounting for "
    "Variance in Machine Learning Benchmarks (MLSys 2021).",
    look=_look,
    options=(
        DetectorOption("share", 0.05, "of the trials", "Fewer repeated trials than this share are not worth a line."),
        DetectorOption("fewest", 2, "trials", "Fewer repeated trials than this are not worth a line."),
    ),
    scope="sweep",
)
