"""Search spaces made by hand, and a judge of configurations that shares nothing with the exports."""

from __future__ import annotations

from typing import Any

from hparam_ci.inspection import Condition, Dimension, Exclusion, Parent, SearchSpace, Value

HOSTILE = (
    "a'b",
    'a"b',
    "'''",
    '"""',
    "a\nimport os",
    "a\\",
    "{{ 7 * 7 }}",
    "{x!r}",
    "__import__('os').system('true')",
    "#",
    "\x00",
    "\u2028x",
    "\u202ereversed",
    "ünïcödé-🔥",
    "a: b",
    "- x",
    "!!python/object:os.system",
    "&a *a",
    "%s",
    "",
    "yes",
    "1e-05",
    "null",
)


def ranged(name: str, low: float, high: float, **more: Any) -> Dimension:
    values: dict[str, Any] = {"kind": "float", "searched": (low, high), "change": "same", "reasons": (), "param": name}
    return Dimension(name=name, low=low, high=high, **(values | more))


def listed(name: str, *choices: Value, **more: Any) -> Dimension:
    values: dict[str, Any] = {"searched": choices, "change": "same", "reasons": (), "param": name}
    return Dimension(name=name, kind="choice", choices=choices, **(values | more))


def excluding(*conditions: Condition, text: str = "a pair") -> Exclusion:
    return Exclusion(conditions=conditions, text=text, issue="Diverged", evidence="C1")


def space(*dimensions: Dimension, excluded: tuple[Exclusion, ...] = (), **more: Any) -> SearchSpace:
    values: dict[str, Any] = {"metric": "val_loss", "goal": "minimize", "notes": (), "kept": 1.0}
    return SearchSpace(dimensions=dimensions, excluded=excluded, **(values | more))


def everything() -> SearchSpace:
    """Every kind of dimension, a conditional one, excluded parts of each form, and hostile names and values."""
    sgd = Parent(param="config/optim/name", name="optim/name", values=("sgd", "momentum"))
    return space(
        ranged("optim/lr", 1e-5, 0.5, log=True, param="config/optim/lr", reasons=("cut\nfor '''a''' cause",)),
        ranged("dropout", 0.0, 0.7),
        ranged("layers", 1, 6, kind="int"),
        ranged("width", 8, 512, kind="int", log=True),
        ranged("fixed", 3, 3, kind="int"),
        listed("optim/name", "adam", "sgd", "momentum", param="config/optim/name"),
        ranged("optim/momentum", 0.1, 0.99, parent=sgd, param="config/optim/momentum"),
        listed("batch", 16, 32, 64),
        listed("clip", 1.0, 5.0, None),
        listed("amp", True, False),
        listed("mixed", "auto", 3, None),
        *(listed(f"h{i}{text}", text, f"{text}2") for i, text in enumerate(HOSTILE)),
        excluded=(
            excluding(
                Condition(param="config/optim/lr", op=">", value=0.01),
                Condition(param="config/optim/name", op="==", value="adam"),
            ),
            excluding(Condition(param="dropout", op="between", value=(0.2, 0.3)), text="\nboom = 1\n"),
            excluding(
                Condition(param="clip", op="missing"),
                Condition(param="amp", op="==", value="True"),
                Condition(param="batch", op=">", value=16.0),
            ),
            excluding(
                Condition(param="config/optim/momentum", op="<=", value=0.3),
                Condition(param="mixed", op="in", value=("3", "auto")),
            ),
        ),
        notes=("a note\nwith 'lines'",),
    )


def is_excluded(config: dict[str, Any]) -> bool:
    """What `everything` excludes, said once more by hand."""
    momentum = config.get("optim/momentum")
    return (
        (config["optim/lr"] > 0.01 and config["optim/name"] == "adam")
        or 0.2 <= config["dropout"] <= 0.3
        or (config["clip"] is None and config["amp"] is True and config["batch"] > 16)
        or (momentum is not None and momentum <= 0.3 and config["mixed"] in (3, "auto"))
    )


def violations(config: dict[str, Any], within: SearchSpace) -> list[str]:
    """What of a configuration lies outside of the space, by name."""
    found = []
    for one in within.dimensions:
        value = config.get(one.name)
        parent = one.parent
        active = parent is None or config[parent.name] in parent.values
        if parent is not None and not active:
            found += [one.name] if value is not None else []
        elif one.kind == "choice":
            found += [] if any(type(value) is type(c) and value == c for c in one.choices) else [one.name]
        else:
            assert one.low is not None
            assert one.high is not None
            whole = one.kind == "float" or isinstance(value, int)
            found += [] if whole and one.low <= value <= one.high * (1 + 1e-12) else [one.name]  # type: ignore[operator]
    return found


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested configurations with `/` between the names."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        found |= flat(value, f"{prefix}{key}/") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found
