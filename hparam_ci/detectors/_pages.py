"""The page of a detector, made from what the detector says of itself."""

from __future__ import annotations

from hparam_ci.detectors.detector import Detector, all_detectors


def page(detector: Detector) -> str:
    """The page as Markdown."""
    options = "".join(f"| `{o.name}` | {o.default:g} | {o.unit} | {o.help} |\n" for o in detector.options)
    table = f"\n## Options\n\n| Option | Default | Unit | Meaning |\n|:--|--:|:--|:--|\n{options}" if options else ""
    usage = f"\nSet them in the configuration file:\n\n```yaml\n{_example(detector)}```\n" if detector.options else ""
    return (
        f"# {detector.code} {detector.name}\n\n"
        f"**{detector.title}** · severity {detector.severity} · counts towards `{detector.rate}`\n\n"
        f"{detector.summary}\n\n"
        f"## Why it matters\n\n{detector.why}\n\n"
        f"## What to try\n\n{detector.advice}\n"
        f"{table}{usage}\n"
        f"## Source\n\n{detector.source}\n"
    )


def _example(detector: Detector) -> str:
    option = detector.options[0]
    return f"detectors:\n  {detector.name}:\n    {option.name}: {option.default:g}\n"


def index() -> str:
    """The index of all pages as Markdown."""
    rows = "".join(f"| [{d.code}]({d.name}.md) | `{d.name}` | {d.severity} | {d.summary} |\n" for d in all_detectors())
    return f"# Detectors\n\n| Code | Name | Severity | Flags a trial when |\n|:--|:--|:--|:--|\n{rows}"
