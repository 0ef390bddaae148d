"""JSON Schema of the configuration file, for editors: made from the options, the detectors and the column rules."""

from __future__ import annotations

from typing import Any

from hparam_ci.columns import DIRECTIONS, ROLES, STATES
from hparam_ci.options import OPTIONS, Option
from hparam_ci.selection import LARGEST, SEVERITIES


def config_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `.github/hparam-inspector.yml` and of `[tool.hparam-inspector]`."""
    options = {option.name: _option(option) for option in OPTIONS if option.in_file}
    columns = _columns()
    files = {"type": "string", "description": "Glob over the paths of sweeps for which this entry holds."}
    selection = {"select": options["select"], "ignore": options["ignore"], "detectors": _detectors()}
    special = {name: _or_nothing(described) for name, described in {**columns, **selection}.items()}
    entry = {
        "type": "object",
        "properties": {"files": files, **special},
        "required": ["files"],
        "additionalProperties": False,
    }
    sweeps = {
        "type": "array",
        "items": entry,
        "description": "What holds for some sweeps only; later entries win.",
    }
    properties = {**options, **columns, "sweeps": sweeps, "detectors": _detectors()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hparam-inspector configuration",
        "type": "object",
        "properties": {name: _or_nothing(described) for name, described in properties.items()},
        "additionalProperties": False,
    }


def _or_nothing(described: dict[str, Any]) -> dict[str, Any]:
    """The same where a key without a value is allowed: it counts as absent."""
    if "anyOf" in described:
        return described | {"anyOf": [*described["anyOf"], {"type": "null"}]}
    if "enum" in described:
        return described | {"enum": [*described["enum"], None]}
    types = described["type"]
    return described | {"type": [*(types if isinstance(types, list) else [types]), "null"]}


def _option(option: Option) -> dict[str, Any]:
    text = {"description": option.help}
    if option.choices:
        return {**text, "enum": [*option.choices, *([False] if "off" in option.choices else [])]}
    if option.default in ("true", "false"):
        return {**text, "type": "boolean"}
    if option.name == "ignore":
        reasons = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
        items = {"type": "array", "items": {"anyOf": [{"type": "string"}, reasons]}}
        return {**text, "anyOf": [{"type": "string"}, items, reasons]}
    if option.name in ("files", "thresholds", "select"):
        line = {"type": "string", **({"pattern": "^[^:]*$"} if option.name == "select" else {})}
        lines = {"type": "array", "items": line}
        mapping = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
        maps = [mapping] if option.name == "thresholds" else []
        return {**text, "anyOf": [line, lines, *maps]}
    if option.default.isdigit() or option.name == "pr_number":
        return {**text, "type": "integer"}
    return {**text, "type": ["string", "number", "boolean"] if option.name.startswith("max_") else "string"}


def _columns() -> dict[str, Any]:
    names = {"type": "array", "items": {"type": "string"}}
    return {
        "roles": _mapping("What a column is; * in its name stands for any characters.", ROLES),
        "directions": _mapping("Which way is better for a metric.", DIRECTIONS),
        "pairs": {
            "description": "Columns of one metric: on the training split, then on the held-out one.",
            "type": "array",
            "items": {**names, "minItems": 2, "maxItems": 2},
        },
        "ignore_columns": {"description": "Columns that take no part.", **names},
        "status_words": _mapping("How a trial with this status ended.", STATES),
    }


def _mapping(description: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    return {"description": description, "type": "object", "additionalProperties": {"enum": list(allowed)}}


def _detectors() -> dict[str, Any]:
    from hparam_ci.detectors.registry import all_detectors

    properties = {
        detector.name: {
            "description": detector.summary,
            "type": ["object", "null"],
            "properties": {
                "severity": {"enum": list(SEVERITIES), "default": detector.severity},
                **{
                    option.name: {
                        "type": "number",
                        "minimum": 0,
                        "maximum": LARGEST,
                        "default": option.default,
                        "description": option.help,
                    }
                    for option in detector.options
                },
            },
            "additionalProperties": False,
        }
        for detector in all_detectors()
    }
    return {
        "type": "object",
        "description": "Severities and options of detectors.",
        "properties": properties,
        "additionalProperties": False,
    }
