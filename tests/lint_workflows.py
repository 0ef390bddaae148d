"""Lint what GitHub and Docker read, offline: workflows, examples, action.yml, dependabot.yml, Dockerfile.

Prints one line a tool, and a tool's own words where it found something. Exits 1 on any finding and on any
missing file. The linters come from this interpreter's environment.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ACTIONS = ("action.yml", "gate/action.yml")
DEPENDABOT = ".github/dependabot.yml"
DOCKERFILE = "Dockerfile"
FLOWS = (
    *(f".github/workflows/{name}.yml" for name in ("release", "self-inspection", "test")),
    *(f"examples/workflows/{name}.yml" for name in ("fork-report", "fork-train", "sweep-gate")),
)
REQUIRED = (*ACTIONS, DEPENDABOT, DOCKERFILE, *FLOWS)
YAML_STYLE = """
extends: default
rules:
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 130, ignore: [action.yml, gate/action.yml]}
  truthy: {check-keys: false}
"""


def workflows() -> list[str]:
    """Return every workflow, our own and the examples."""
    found = (*ROOT.glob(".github/workflows/*.y*ml"), *ROOT.glob("examples/workflows/*.y*ml"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def commands() -> dict[str, list[str]]:
    """Return label and command line of each tool; files are named, for zizmor finds none in `examples`."""
    flows = workflows()
    audit = ["zizmor", "--offline", "--persona=pedantic", "--strict-collection", "--no-progress", "--quiet"]
    schema = ["check-jsonschema", "--builtin-schema"]
    return {
        "zizmor": [*audit, *ACTIONS, DEPENDABOT, *flows],
        "actionlint": ["actionlint", "-shellcheck=", "-pyflakes=", *flows],
        "schema of actions": [*schema, "vendor.github-actions", *ACTIONS],
        "schema of workflows": [*schema, "vendor.github-workflows", *flows],
        "schema of dependabot": [*schema, "vendor.dependabot", DEPENDABOT],
        "yamllint": ["yamllint", "--strict", "--config-data", YAML_STYLE, *ACTIONS, DEPENDABOT, *flows],
        "hadolint": ["hadolint", DOCKERFILE],
    }


def run(command: list[str]) -> tuple[bool, str]:
    """Run one tool; return whether it is content, and what it said."""
    tool, *arguments = command
    try:
        done = subprocess.run(
            [BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def main() -> int:
    """Run all tools at once and report in order."""
    if missing := [name for name in REQUIRED if not (ROOT / name).is_file()]:
        print("missing:", *missing)
        return 1
    tools = commands()
    with ThreadPoolExecutor() as pool:
        results = list(zip(tools, pool.map(run, tools.values()), strict=True))
    for label, (content, words) in results:
        print(f"{label}: ok" if content else f"{label}: findings\n{words}")
    return 0 if all(content for _, (content, _) in results) else 1


if __name__ == "__main__":
    sys.exit(main())
