"""Where detectors are found: every module of this package that defines `DETECTOR`, and plugins."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from hparam_ci.detectors._plugins import plugins
from hparam_ci.detectors.detector import Detector

AFFECTED = "affected_rate"


NO_DETECTORS = ("api", "detector", "registry", "run")  # modules of this package that define none


@cache
def all_detectors() -> tuple[Detector, ...]:
    """All detectors by code. A new file in this package is enough to add one; other packages add theirs by entry
    point.

    Raises:
        SettingsError: a detector of another package that cannot be used.
    """
    package = __name__.rpartition(".")[0]
    path = importlib.import_module(package).__path__
    modules = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(path)
        if info.name not in NO_DETECTORS and not info.name.startswith("_")
    ]
    own: list[Detector] = [module.DETECTOR for module in modules]
    return tuple(sorted([*own, *plugins(own)], key=lambda detector: detector.code))


@cache
def rate_names() -> tuple[str, ...]:
    """The rates that detectors count towards, and `affected_rate`, which all but notices count towards."""
    return (*dict.fromkeys(detector.rate for detector in all_detectors() if detector.rate), AFFECTED)


def find_detector(name: str) -> Detector | None:
    """A detector by code or name, whatever the case."""
    wanted = name.lower()
    return next((d for d in all_detectors() if wanted in (d.code.lower(), d.name)), None)
