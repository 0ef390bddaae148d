"""What a detector of another package may import. These names stay; anything else of `hparam_ci` may change.

`examples/custom_detector` is a whole package to start from.
"""

from __future__ import annotations

from hparam_ci.detectors._metrics import finite, pairs
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
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Metric, Pair, Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, History, Mask, Table

__all__ = [
    "Cell",
    "Column",
    "CouldNotLook",
    "Detection",
    "Detector",
    "DetectorOption",
    "Evidence",
    "Finding",
    "Floats",
    "History",
    "Mask",
    "Metric",
    "Options",
    "Pair",
    "Role",
    "State",
    "Sweep",
    "SweepDetection",
    "Table",
    "finite",
    "pairs",
]
