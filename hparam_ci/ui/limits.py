"""The sliders of the page: from numbers to limits, the gate that they make, and the workflow that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from hparam_ci.config import load_config
from hparam_ci.gate import decide
from hparam_ci.inspection import Inspection
from hparam_ci.limits import RATE_OPTIONS, parse_rate
from hparam_ci.settings import Settings, build

OFF = 100.0
"""No rate is above this, so that it means no limit."""

ACTION = "org/hparam-inspector@v1"


def defaults() -> dict[str, float]:
    """The built-in limits in percent, by option; OFF where there is none."""
    return {o.option: 100 * float(parse_rate(o.default)) if o.default else OFF for o in RATE_OPTIONS}


def settings_with(percents: Mapping[str, float], fail_on: str, root: Path) -> Settings:
    """The settings of the folder's configuration file with these limits over it.

    Raises:
        SettingsError: the configuration file cannot be used.
    """
    config, path = load_config(root, "")
    given = {"json_file": "", "report_file": "", "fail_on": fail_on} | _written(percents)
    return build(given, label=lambda name: name, config=config, config_path=path)


def judged(inspection: Inspection, settings: Settings) -> Inspection:
    """The same inspection with the gate that these settings make of it."""
    rates = [rate for sweep in inspection.sweeps for rate in sweep.rates]
    return msgspec.structs.replace(inspection, gate=decide(rates, inspection.trials, inspection.skipped, settings))


def workflow(files: str, percents: Mapping[str, float], fail_on: str) -> str:
    """The step of a workflow that judges as the sliders do."""
    import yaml

    inputs = {"files": files} | _written(percents) | ({"fail_on": fail_on} if fail_on != "fail" else {})
    steps = [{"uses": "actions/checkout@v7"}, {"uses": ACTION, "with": inputs}]
    job = {"runs-on": "ubuntu-latest", "permissions": {"contents": "read", "pull-requests": "write"}, "steps": steps}
    whole = {"name": "Sweep inspection", "on": {"pull_request": None}, "jobs": {"inspect": job}}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=1000).replace(
        "'on':\n  pull_request: null\n", "on:\n  pull_request:\n", 1
    )


def _written(percents: Mapping[str, float]) -> dict[str, str]:
    """What differs from the built-in limits, as the options are written."""
    built_in = defaults()
    return {
        name: "off" if percent >= OFF else f"{percent:.6g}%"
        for name, percent in percents.items()
        if percent != built_in[name]
    }
