"""Configurations that were run several times: how many there are, and how many more it would take."""

from __future__ import annotations

import numpy as np

from hparam_ci.detectors._replicates import more_configurations
from hparam_ci.sources.rows import Hashes

__all__ = ["more_configurations", "number"]


def number(configurations: Hashes) -> int:
    """How many configurations were tried."""
    return len(np.unique(configurations))
