"""W&B: the configuration of a sweep, in YAML."""

from __future__ import annotations

import re
from typing import Any

from hparam_ci.advice.exports.python_text import comment, header
from hparam_ci.inspection import Dimension, SearchSpace

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""What W&B's schema of a sweep allows as the name of a parameter."""

LOGGED = re.compile(r"^(?:summary|metrics?)[./]")
"""What tables of runs put before the name under which a metric was logged."""


def render(space: SearchSpace) -> str:
    """YAML; what a sweep of W&B cannot say (combinations, conditions, some names) stands in comments."""
    import yaml

    lines = header(space, "W&B")
    lines += [
        comment(f"W&B cannot leave out a combination; skip runs with {one.text} ({one.issue}, {one.evidence}).")
        for one in space.excluded
    ]
    for one in space.dimensions:
        if not NAME.fullmatch(one.name):
            lines.append(comment(f"Left out, because W&B allows no parameter of this name: {one.name}"))
        elif one.parent:
            values = ", ".join(map(str, one.parent.values))
            lines.append(comment(f"{one.name} counts only where {one.parent.name} is {values}; W&B draws it always."))
    config: dict[str, Any] = {"method": "random"}
    if space.metric and space.goal:
        config = {"method": "bayes", "metric": {"name": LOGGED.sub("", space.metric), "goal": space.goal}}
    config["parameters"] = {one.name: _parameter(one) for one in space.dimensions if NAME.fullmatch(one.name)}
    lines.append(comment("Add `program: train.py`, then: wandb sweep FILE"))
    return "\n".join(lines) + "\n" + yaml.dump(config, Dumper=_dumper(), sort_keys=False, allow_unicode=True)


def _parameter(one: Dimension) -> dict[str, Any]:
    if one.kind == "choice":
        return {"value": one.choices[0]} if len(one.choices) == 1 else {"values": list(one.choices)}
    assert one.low is not None
    assert one.high is not None
    ends = (int(one.low), int(one.high)) if one.kind == "int" else (one.low, one.high)
    if ends[0] == ends[1]:
        return {"value": ends[0]}
    if one.kind == "int" and not one.log:
        return {"distribution": "int_uniform", "min": ends[0], "max": ends[1]}
    if one.kind == "int":
        return {"distribution": "q_log_uniform_values", "min": ends[0], "max": ends[1], "q": 1}
    return {"distribution": "log_uniform_values" if one.log else "uniform", "min": ends[0], "max": ends[1]}


def _dumper() -> Any:
    """Floats as YAML 1.1 and 1.2 both read them: 1.0e-05, where PyYAML's own `1e-05` is a text to it."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    def floating(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
        text = repr(value)
        if "e" in text and "." not in text:
            text = text.replace("e", ".0e", 1)
        return dumper.represent_scalar("tag:yaml.org,2002:float", text)

    Dumper.add_representer(float, floating)
    return Dumper
