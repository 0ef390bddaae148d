"""hparam-inspector: finds the sick trials of a hyperparameter sweep, says why they are sick, and judges them.

>>> from hparam_ci import inspect
>>> inspection = inspect(["results.csv"])  # doctest: +SKIP
>>> inspection.verdict  # doctest: +SKIP
'fail'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hparam_ci.causes.buckets import detect_param_correlations
    from hparam_ci.inspection import Inspection
    from hparam_ci.pipeline import inspect
    from hparam_ci.settings import Settings

__version__ = "0.1.0"
__all__ = ["Inspection", "Settings", "__version__", "detect_param_correlations", "inspect"]

_HOMES = {
    "Inspection": "inspection",
    "Settings": "settings",
    "detect_param_correlations": "causes.buckets",
    "inspect": "pipeline",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: `hparam-ci --help` needs none of them."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"hparam_ci.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
