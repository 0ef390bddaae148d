"""The next search space in the languages of other tools: one file a tool, and JSON."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import msgspec

from hparam_ci.inspection import SearchSpace

FORMATS = ("wandb", "optuna", "ray", "keras-tuner", "json")


def export(space: SearchSpace, form: str) -> str:
    """The search space as text: a W&B sweep in YAML, Python for Optuna, Ray Tune or KerasTuner, or JSON.

    Args:
        space: what to export.
        form: one of FORMATS.
    """
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(space, order="deterministic"), indent=2).decode() + "\n"
    module = import_module(f"hparam_ci.advice.exports.{form.replace('-', '_')}_text")
    render: Callable[[SearchSpace], str] = module.render
    return render(space)
