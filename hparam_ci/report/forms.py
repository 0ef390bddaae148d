"""Every form of the report as the bytes of a file."""

from __future__ import annotations

from hparam_ci.inspection import Inspection
from hparam_ci.review import OFF, Review

FORMS = ("terminal", "md", "html", "json", "sarif", "junit")
FILES = {"json_file": "json", "report_file": "md", "html_file": "html", "sarif_file": "sarif", "junit_file": "junit"}
"""Options that name a file, and the form that is written there."""


def as_bytes(inspection: Inspection, form: str, review: Review = OFF) -> bytes:
    """The report in one of FORMS, as UTF-8; the sentences of a review stand in those that people read."""
    if form == "json":
        return inspection.to_json()
    return _text(inspection, form, review).encode("utf-8", "replace")


def _text(inspection: Inspection, form: str, review: Review) -> str:
    if form == "md":
        from hparam_ci.report.render import report

        return report(inspection, review=review)
    if form == "html":
        from hparam_ci.report.html import html

        return html(inspection, review=review)
    if form == "sarif":
        from hparam_ci.report.sarif import sarif

        return sarif(inspection)
    if form == "junit":
        from hparam_ci.report.junit import junit

        return junit(inspection)
    return _terminal(inspection, review)


def _terminal(inspection: Inspection, review: Review) -> str:
    import io

    from rich.console import Console

    from hparam_ci.report.terminal import show

    text = io.StringIO()
    show(inspection, Console(file=text, width=120, highlight=False), review)
    return text.getvalue()
