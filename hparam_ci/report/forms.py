"""Every form of the report as the bytes of a file."""

from __future__ import annotations

from hparam_ci.inspection import Inspection

FORMS = ("terminal", "md", "json", "sarif", "junit")
FILES = {"json_file": "json", "report_file": "md", "sarif_file": "sarif", "junit_file": "junit"}
"""Options that name a file, and the form that is written there."""


def as_bytes(inspection: Inspection, form: str) -> bytes:
    """The report in one of FORMS, as UTF-8."""
    if form == "json":
        return inspection.to_json()
    return _text(inspection, form).encode("utf-8", "replace")


def _text(inspection: Inspection, form: str) -> str:
    if form == "md":
        from hparam_ci.report.render import report

        return report(inspection)
    if form == "sarif":
        from hparam_ci.report.sarif import sarif

        return sarif(inspection)
    if form == "junit":
        from hparam_ci.report.junit import junit

        return junit(inspection)
    return _terminal(inspection)


def _terminal(inspection: Inspection) -> str:
    import io

    from rich.console import Console

    from hparam_ci.report.terminal import show

    text = io.StringIO()
    show(inspection, Console(file=text, width=120, highlight=False))
    return text.getvalue()
