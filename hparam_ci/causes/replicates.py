"""Configurations that were run several times: how many there are, and how many more it would take."""

from __future__ import annotations

import math

import numpy as np

from hparam_ci.causes.trials import Hashes
from hparam_ci.sources.table import Mask


def number(configurations: Hashes) -> int:
    """How many configurations were tried."""
    return len(np.unique(configurations))


def more_configurations(hits: Mask, configurations: Hashes, hyperparameters: int, level: float) -> int:
    """About how many more configurations it takes before any cause could be told; 0 where those tried could tell.

    The hits of replicates are dealt together, among configurations that were run equally often. So the least p-value is
    the chance of just these sick ones among them, for each of the hyperparameters. With one hyperparameter its values
    are the configurations, and the trials are dealt.

    Args:
        hits: (n,) sick trials.
        configurations: (n,) equal for replicates.
        hyperparameters: how many vary.
        level: the p-value that is needed.
    """
    unit = np.unique(configurations, return_inverse=True)[1]
    runs, sick = np.bincount(unit), np.bincount(unit, weights=hits)
    if hyperparameters < 2 or runs.max() == 1:
        return 0
    above = sick * len(hits) > int(hits.sum()) * runs
    ways = math.prod(math.comb(int((runs == k).sum()), int((above & (runs == k)).sum())) for k in np.unique(runs))
    enough = len(runs)
    wanted = hyperparameters / level
    if ways >= wanted:
        return 0
    share = max(1, int(above.sum())) / len(runs)
    while math.comb(enough, max(1, int(share * enough))) < wanted:
        enough += 1
    return max(1, enough - len(runs))
