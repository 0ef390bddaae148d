"""HP101 nan-metric: a metric of the trial is NaN."""

from __future__ import annotations

from collections.abc import Mapping

from hparam_ci.detectors._metrics import flag_cells
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, Options
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    return flag_cells(sweep, (Cell.NAN,), "NaN")


DETECTOR = Detector(
    code="HP101",
    name="nan-metric",
    title="NaN in a metric",
    trials="trials with NaN",
    severity="error",
    rate="nan_rate",
    summary="A metric of the trial is the text NaN. An empty cell is not a NaN: it says that nothing was logged.",
    why="From the first NaN on the weights are lost, and every later epoch is wasted. Optimisers that rank trials by "
    "the metric drop or misplace such trials without a word.",
    advice="Monitor the loss for NaN and add gradient clipping; lower the learning rate or warm it up, check divisions "
    "and logarithms in the loss, and stop a trial at its first NaN.",
    source="TerminateOnNaN in Keras and the non-finite check of Lightning's EarlyStopping stop on the same sign.",
    look=_look,
)
