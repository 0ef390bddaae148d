"""The Inspection as JUnit XML, for tools that show tests: a suite for each sweep, a case for each limit and check."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hparam_ci.inspection import DetectorResult, Inspection
from hparam_ci.report import words
from hparam_ci.report.sanitize import plain_text
from hparam_ci.report.words import Standing
from hparam_ci.wording import show_rate_name, show_share


def junit(inspection: Inspection) -> str:
    """The text of the XML file. A limit that was passed is a failure; so is what an error detector found, unless its
    rate has a limit that holds. A detector that did not look is skipped."""
    root = ET.Element("testsuites", name=plain_text(inspection.title))
    for standing in words.standings(inspection):
        root.append(_suite(standing))
    if inspection.skipped:
        root.append(_files(inspection))
    for counted in ("tests", "failures", "skipped"):
        root.set(counted, str(sum(int(suite.get(counted, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(standing: Standing) -> ET.Element:
    sweep = standing.sweep
    suite = ET.Element("testsuite", name=plain_text(sweep.path))
    judged = {limit.rate for limit in standing.limits}
    for limit in standing.limits:
        case = _case(suite, sweep.path, show_rate_name(limit.rate))
        if limit.result in ("fail", "inconclusive"):
            ET.SubElement(case, "failure", message=plain_text(words.over(limit)), type=limit.result)
    for d in sweep.detectors:
        case = _case(suite, sweep.path, f"{d.code} {d.title}")
        if not d.ran:
            ET.SubElement(case, "skipped", message=plain_text(d.reason))
        elif d.count.affected or d.findings:
            said = _said(d)
            if d.severity == "error" and d.rate not in judged:
                ET.SubElement(case, "failure", message=said.split("\n")[0], type=d.name).text = said
            else:
                ET.SubElement(case, "system-out").text = said
    return _counted(suite)


def _said(d: DetectorResult) -> str:
    lines = [plain_text(finding.message) for finding in d.findings]
    if d.count.affected:
        lines.append(f"{d.count.affected} of {d.count.evaluable} trials ({show_share(d.count)})")
    return "\n".join([*lines, *(plain_text(f"trial {issue.trial}: {issue.message}") for issue in d.issues)])


def _files(inspection: Inspection) -> ET.Element:
    suite = ET.Element("testsuite", name="files")
    for file in inspection.skipped:
        case = _case(suite, "files", file.path)
        kind = "failure" if file.kind in ("unreadable", "over_cap", "empty") else "skipped"
        ET.SubElement(case, kind, message=plain_text(file.reason))
    return _counted(suite)


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=plain_text(group), name=plain_text(name), time="0")


def _counted(suite: ET.Element) -> ET.Element:
    suite.set("tests", str(len(suite)))
    for counted, tag in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(counted, str(sum(case.find(tag) is not None for case in suite)))
    return suite
