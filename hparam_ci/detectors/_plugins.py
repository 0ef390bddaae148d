"""Detectors of other packages, by the entry point group `hparam_ci.detectors`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hparam_ci.detectors.detector import Detector
from hparam_ci.errors import SettingsError

GROUP = "hparam_ci.detectors"
# What a detector says of itself, and the form that this must have.
FORMS = {
    "code": (r"[A-Z]{2,8}[0-9]{3}", "capital letters and three digits, such as ABC101"),
    "name": (r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case words with hyphens between them, such as loss-spike"),
    "severity": (r"error|warning|notice", "error, warning or notice"),
    "confidence": (r"high|medium|low", "high, medium or low"),
    "scope": (r"trial|sweep", "trial or sweep"),
    "rate": (r"[a-z]+(_[a-z]+)*|", "a name such as spike_rate, or empty for a rule about the sweep"),
}


def plugins(own: Sequence[Detector]) -> list[Detector]:
    """The detectors that installed packages add.

    Args:
        own: those of this package, whose codes and names are taken.

    Raises:
        SettingsError: one that cannot be loaded, is no detector, describes itself wrongly, or has a code or name that
            is taken.
    """
    added: list[Detector] = []
    if not _any_installed():
        return added
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        where = f"detector {point.name!r} of the entry point group {GROUP}"
        detector = _loaded(point, where)
        if not isinstance(detector, Detector):
            raise SettingsError(f"{where}: {point.value} is no Detector.")
        for name, (form, allowed) in FORMS.items():
            if not re.fullmatch(form, str(getattr(detector, name))):
                raise SettingsError(f"{where}: {name} {getattr(detector, name)!r} must be {allowed}.")
        for other in (*own, *added):
            if detector.code == other.code or detector.name == other.name:
                raise SettingsError(f"{where}: {detector.code} {detector.name} is taken by another detector.")
        added.append(detector)
    return added


def _loaded(point: Any, where: str) -> Any:
    try:
        return point.load()
    except Exception as error:
        raise SettingsError(f"{where}: cannot be loaded ({type(error).__name__}: {error}).") from error


def _any_installed() -> bool:
    """Whether any package says so: looked up in the files, because importlib.metadata costs more than all of them."""
    return any(f"[{GROUP}]" in text for text in _entry_points())


def _entry_points() -> Iterator[str]:
    for folder in sys.path:
        for path in Path(folder or ".").glob("*.dist-info/entry_points.txt"):
            try:
                yield path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
