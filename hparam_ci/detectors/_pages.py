"""The page of a detector, made from what the detector says of itself."""

from __future__ import annotations

from hparam_ci.detectors.detector import Detector
from hparam_ci.detectors.registry import all_detectors

HEADER = "| Code | Detector | Severity | What it finds |\n|:--|:--|:--|:--|\n"


def page(detector: Detector) -> str:
    """The page as Markdown."""
    options = "".join(f"| `{o.name}` | {o.default:g} | {o.unit} | {o.help} |\n" for o in detector.options)
    table = f"| Option | Default | Unit | Meaning |\n|:--|--:|:--|:--|\n{options}\n" if options else ""
    counted = f"counts towards `{detector.rate}`" if detector.rate else "about the sweep as a whole"
    return (
        f"# {detector.code} {detector.name}\n\n"
        f"**{detector.title}** · severity {detector.severity} · confidence {detector.confidence} · {counted}\n\n"
        f"{detector.summary}\n\n"
        f"## Why it matters\n\n{detector.why}\n\n"
        f"## What to try\n\n{detector.advice}\n\n"
        f"## Options\n\n{table}"
        f"In the configuration file, for all sweeps or for some:\n\n```yaml\n{_example(detector)}```\n\n"
        f"## Source\n\n{detector.source}\n"
    )


def _example(detector: Detector) -> str:
    chosen = "".join(f"    {option.name}: {option.default:g}\n" for option in detector.options[:1])
    return (
        f"detectors:\n  {detector.name}:\n{chosen}    severity: {detector.severity}\n"
        f"ignore:\n  {detector.code}: the reason, which the report shows\n"
    )


def index() -> str:
    """The index of all pages as Markdown."""
    rows = "".join(f"| [{d.code}]({d.name}.md) | `{d.name}` | {d.severity} | {d.summary} |\n" for d in all_detectors())
    return f"# Detectors\n\n{HEADER}{rows}"
