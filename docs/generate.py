"""Write what is generated from the code: action.yml, the README's tables, the detector pages, the JSON Schema.

`python docs/generate.py` writes; `--check` fails where a file is not what the code says; `--image IMAGE` and
`--gate-image IMAGE` also name the published images in action.yml and gate/action.yml, which stay there until others
are named.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from hparam_ci.config_schema import config_schema
from hparam_ci.detectors._pages import HEADER, index, page
from hparam_ci.detectors.registry import all_detectors
from hparam_ci.inspection import schema
from hparam_ci.options import OPTIONS, Option
from hparam_ci.outputs import OUTPUT_RATES, OUTPUTS

ROOT = Path(__file__).resolve().parent.parent

ACTION = """\
# Written by docs/generate.py from hparam_ci/options.py and hparam_ci/outputs.py.
name: {name}
description: {description}
author: the hparam-inspector authors
branding:
  icon: activity
  color: orange
inputs:
{inputs}outputs:
{outputs}runs:
  using: docker
  image: {image}
"""


PURPOSE = "Finds the sick trials of a hyperparameter sweep, says why they are sick, and gates the pull request"


@dataclass(frozen=True)
class Action:
    """One of the two actions: all of it, and the one whose image has no packages of a language model."""

    file: str
    name: str
    description: str
    flag: str
    dockerfile: str
    crew: bool


ACTIONS = (
    Action("action.yml", "hparam-inspector", f"{PURPOSE}.", "--image", "Dockerfile", crew=True),
    Action(
        "gate/action.yml",
        "hparam-inspector gate",
        f"{PURPOSE}. The smaller image, without a language model.",
        "--gate-image",
        "../Dockerfile # zizmor: ignore[unpinned-images] built from here, not pulled",
        crew=False,
    ),
)


def generated() -> dict[Path, str]:
    """Path to text of every generated file."""
    files = {ROOT / one.file: action(one) for one in ACTIONS}
    files |= {
        ROOT / "action-types.yml": types(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
        ROOT / "docs" / "inspection.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        ROOT / "docs" / "config.schema.json": json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n",
        ROOT / "docs" / "detectors" / "README.md": index(),
    }
    return files | {ROOT / "docs" / "detectors" / f"{d.name}.md": page(d) for d in all_detectors()}


def action(one: Action = ACTIONS[0]) -> str:
    """The metadata of an action."""
    inputs = "".join(
        f"  {o.name}:\n    description: {_scalar(_described(o.help, o.choices))}\n"
        f"    required: false\n    default: {_scalar(o.default)}\n"
        for o in OPTIONS
        if one.crew or o.group != "Model"
    )
    outputs = "".join(
        f"  {name}:\n    description: {_scalar(text)}\n"
        for name, text in OUTPUTS.items()
        if one.crew or name != "ai_status"
    )
    return ACTION.format(name=one.name, description=one.description, inputs=inputs, outputs=outputs, image=image(one))


LISTS = ("files", "thresholds")
WHOLE = ("pr_number",)


def types() -> str:
    """Types of inputs and outputs for generators of workflows (typesafegithub/github-actions-typing)."""
    inputs = {o.name: _type(o) for o in OPTIONS}
    integers = ("runs", "affected_runs", "files", "findings")
    outputs = {
        name: "integer" if name in integers else "float" if name in OUTPUT_RATES else "string" for name in OUTPUTS
    }
    outputs["truncated"] = "boolean"
    said = {
        "inputs": inputs,
        "outputs": {name: {"type": kind} for name, kind in outputs.items()},
    }
    return "# Written by docs/generate.py.\n" + yaml.safe_dump(said, sort_keys=False)


def _type(option: Option) -> dict[str, object]:
    if option.choices:
        return {"type": "enum", "allowed-values": list(option.choices)}
    if option.name in LISTS:
        return {"type": "list", "separator": "\n", "list-item": {"type": "string"}}
    if option.default in ("true", "false"):
        return {"type": "boolean"}
    return {"type": "integer" if option.default.isdecimal() or option.name in WHOLE else "string"}


def image(one: Action = ACTIONS[0]) -> str:
    """What an action runs: the image of a release, by its digest, or on any other commit the Dockerfile."""
    if one.flag in sys.argv:
        return sys.argv[sys.argv.index(one.flag) + 1]
    pattern = re.compile(r"^  image: (docker://\S+@sha256:[0-9a-f]{64})$", re.MULTILINE)
    path = ROOT / one.file
    found = pattern.search(path.read_text(encoding="utf-8")) if path.exists() else None
    return found[1] if found else one.dockerfile


def _described(text: str, choices: tuple[str, ...]) -> str:
    return text + (f" One of {', '.join(choices)}." if choices else "")


def _scalar(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme(text: str) -> str:
    """The README with its tables brought up to date."""
    inputs = "| Input | Default | Meaning |\n|:--|:--|:--|\n" + "".join(
        f"| `{o.name}` | {f'`{o.default}`' if o.default else ''} | {_described(o.help, o.choices)} |\n" for o in OPTIONS
    )
    outputs = "| Output | Value |\n|:--|:--|\n" + "".join(f"| `{name}` | {what} |\n" for name, what in OUTPUTS.items())
    rules = HEADER + "".join(
        f"| [{d.code}](docs/detectors/{d.name}.md) | `{d.name}` | {d.severity} | {d.summary} |\n"
        for d in all_detectors()
    )
    for name, table in (("inputs", inputs), ("outputs", outputs), ("detectors", rules)):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, table=table: match[1] + table + match[2], text)
    return text


def main() -> int:
    """Write, or check."""
    stale = [
        path for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says; run `make docs`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(generated()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
