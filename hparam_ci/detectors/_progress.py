"""Whether trials still learn at the end of their curves."""

from __future__ import annotations

import numpy as np

from hparam_ci.detectors._curves import Curve, steps_between
from hparam_ci.sources.table import Floats

SHORTEST = 4


def gain(scale: Curve, share: float) -> Floats:
    """(n,) how far the best value moved in the last `share` of the rows, on the sweep's scale; NaN for short curves."""
    with np.errstate(invalid="ignore"):
        moved = scale.before_tail(share).best() - scale.best()
    return np.where(scale.lengths >= SHORTEST, moved, np.nan)


def still_improving(scale: Curve, share: float, least: float, far: float) -> Floats:
    """(n,) the gain of trials that are still `far` from what good trials reach and gain at least `least`; else NaN.

    Half of all that the values moved must have been gain, in that time and in the whole run: a metric that swings has
    its best by luck, and one that exploded and recovers is not slow.
    """
    gained = gain(scale, share)
    moves, all_moves = (steps_between(part).reduced(np.add) for part in (scale.tail(share), scale))
    with np.errstate(invalid="ignore"):
        steady = gained >= 0.5 * np.nan_to_num(moves, nan=0.0)
        steady &= scale.first() - scale.best() >= 0.5 * np.nan_to_num(all_moves, nan=0.0)
        return np.where((gained >= least) & (scale.last() >= far) & steady, gained, np.nan)
