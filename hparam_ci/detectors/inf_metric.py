"""HP102 inf-metric: a metric of the trial is infinite."""

from __future__ import annotations

from collections.abc import Mapping

from hparam_ci.detectors._metrics import flag_cells
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    return flag_cells(sweep, (Cell.POS_INF, Cell.NEG_INF), "infinity")


DETECTOR = Detector(
    code="HP102",
    name="inf-metric",
    title="Infinity in a metric",
    trials="trials with infinity",
    severity="error",
    rate="nan_rate",
    summary="A metric of the trial is infinite (inf, or the largest double, which some stores write for infinity).",
    why="An infinite loss is an overflow one step before NaN. It counts towards the NaN rate.",
    advice="Lower the learning rate, clip gradients, compute the loss from logits, or use a wider number format.",
    source="The same sign as NaN in Keras' TerminateOnNaN, which stops on NaN or Inf.",
    look=_look,
)
