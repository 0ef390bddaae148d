"""The outputs of the action: what each says, and those that the verdict alone decides."""

from __future__ import annotations

from hparam_ci.inspection import Inspection

OUTPUT_RATES = ("nan_rate", "failed_rate", "divergence_rate", "overfitting_rate", "short_run_rate")

# Every output of action.yml, with what it says.
OUTPUTS = {
    "status": "The verdict: pass, warn, fail or inconclusive (whatever fail_on says).",
    "conclusion": "What the step did: success or failure.",
    "runs": "Number of trials in all sweeps.",
    "affected_runs": "Trials with at least one issue of severity warning or error.",
    "files": "Number of sweeps inspected.",
    "findings": "Number of issues.",
    "nan_rate": "NaN or Inf rate of the worst sweep, as 0.0750; 1.0000 where it could not be measured.",
    "failed_rate": "The same for failed trials.",
    "divergence_rate": "The same for diverged trials.",
    "overfitting_rate": "The same for overfitting trials.",
    "short_run_rate": "The same for short runs.",
    "json": "The result as JSON of at most 200,000 characters; json_file has all of it.",
    "json_file": "Path of the full JSON in the workspace.",
    "report_file": "Path of the full report in the workspace.",
    "html_file": "Path of the report as a page in the workspace; empty if none was asked for.",
    "sarif_file": "Path of the SARIF file in the workspace; empty if none was asked for.",
    "junit_file": "Path of the JUnit file in the workspace; empty if none was asked for.",
    "comment_id": "Id of the comment; empty if there is none.",
    "comment_url": "Address of the comment; empty if there is none.",
    "check_url": "Address of the check run; empty if there is none.",
    "publish_status": "posted, updated, unchanged, skipped_no_pr, skipped_read_only, skipped_off or failed.",
    "ai_status": "off, ok, skipped_no_key, skipped_untrusted, failed or timeout: how the model's part went.",
    "truncated": "Whether the json output leaves something out: true or false.",
}


def verdict_outputs(inspection: Inspection) -> dict[str, str]:
    """Every output but that of the crew, as it is before anything is written or published."""
    from hparam_ci.report.reduced import fit_json

    text, truncated = fit_json(inspection)
    return {
        "status": inspection.verdict,
        "conclusion": "failure" if inspection.gate.fails_run else "success",
        "runs": str(inspection.trials),
        "affected_runs": str(inspection.affected),
        "files": str(len(inspection.sweeps)),
        "findings": str(inspection.issues),
        **{rate: worst_rate(inspection, rate) for rate in OUTPUT_RATES},
        "json": text,
        "json_file": "",
        "report_file": "",
        "html_file": "",
        "sarif_file": "",
        "junit_file": "",
        "comment_id": "",
        "comment_url": "",
        "check_url": "",
        "publish_status": "failed",
        "truncated": "true" if truncated else "false",
    }


def no_verdict() -> dict[str, str]:
    """Every output of a run that ended before its verdict: no number is blank, which a workflow would read as 0."""
    numbers = dict.fromkeys(("runs", "affected_runs", "files", "findings"), "0")
    words = {"status": "inconclusive", "conclusion": "failure", "publish_status": "failed", "ai_status": "off"}
    rates = dict.fromkeys(OUTPUT_RATES, "1.0000")
    return dict.fromkeys(OUTPUTS, "") | words | numbers | rates | {"json": "{}", "truncated": "false"}


def worst_rate(inspection: Inspection, rate: str) -> str:
    """The highest share among the sweeps with four decimals; 1.0000 where no sweep could be measured."""
    shares = [seen.count.share for sweep in inspection.sweeps for seen in sweep.rates if seen.rate == rate]
    known = [share for share in shares if share is not None]
    return f"{max(known):.4f}" if known else "1.0000"
