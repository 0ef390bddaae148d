"""Whether trials still learn at the end of their curves."""

from __future__ import annotations

import numpy as np

from hparam_ci.detectors._curves import Curve
from hparam_ci.sources.table import Floats

SHORTEST = 4


def gain(scale: Curve, share: float) -> Floats:
    """(n,) how far the best value moved in the last `share` of the rows, on the sweep's scale; NaN for short curves."""
    with np.errstate(invalid="ignore"):
        moved = scale.before_tail(share).best() - scale.best()
    return np.where(scale.lengths >= SHORTEST, moved, np.nan)


def still_improving(scale: Curve, share: float, least: float, far: float) -> Floats:
    """(n,) the gain of trials that are still `far` from what good trials reach and gain at least `least`; else NaN."""
    gained = gain(scale, share)
    with np.errstate(invalid="ignore"):
        return np.where((gained >= least) & (scale.last() >= far), gained, np.nan)
