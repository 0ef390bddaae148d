"""What the Dockerfile puts into the image, and what it leaves out."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.image import measure

from .engine import ROOT, podman, podman_environment

if TYPE_CHECKING:
    from pathlib import Path

    from .engine import Image

pytestmark = pytest.mark.container

PYTHON = "/opt/venv/bin/python"
LOOK_INSIDE = """
import glob, importlib.metadata, importlib.util, json, os, pathlib, shutil, sys
import hparam_ci
package = pathlib.Path(hparam_ci.__file__).parent
library = [pathlib.Path(sys.modules[name].__file__) for name in ("json", "glob", "shutil")]
sources = [*package.rglob("*.py"), *library]
print(json.dumps({
    "uid": os.getuid(),
    "tools": [t for t in ("cc", "gcc", "g++", "make", "uv", "git", "docker", "podman") if shutil.which(t)],
    "leftovers": [p for pattern in ("/etc/pip.conf", "/etc/uv", "/root/.c*", "/src", "/tmp/*")
                  for p in glob.glob(pattern)],
    "distributions": {d.name: d.version for d in importlib.metadata.distributions()},
    "package": str(package),
    "action": os.listdir("/opt/hparam-inspector"),
    "without_bytecode": [str(p) for p in sources
                         if not os.path.exists(importlib.util.cache_from_source(str(p)))],
    "tests": [p for p in glob.glob("/opt/venv/lib/*/site-packages/*/tests")],
}))
"""


@pytest.fixture(scope="module")
def config(image: Image) -> dict[str, Any]:
    return json.loads(podman("image", "inspect", image.reference).stdout)[0]


@pytest.fixture(scope="module")
def inside(image: Image) -> dict[str, Any]:
    command = [
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        PYTHON,
        image.reference,
        "-I",
        "-c",
        LOOK_INSIDE,
    ]
    return json.loads(podman(*command).stdout)


def test_entrypoint_is_a_command_with_absolute_paths(config: dict[str, Any]) -> None:
    program, *options, script = config["Config"]["Entrypoint"]
    assert (program, script) == (PYTHON, "/opt/hparam-inspector/entrypoint.py")
    assert options == ["-I", "-u"]
    assert not config["Config"].get("Cmd")


def test_runs_as_root_in_the_runners_directory(config: dict[str, Any], inside: dict[str, Any]) -> None:
    assert config["Config"].get("User", "") == ""
    assert config["Config"].get("WorkingDir", "") in ("", "/")
    assert inside["uid"] == 0


def test_nothing_of_the_build_is_left(config: dict[str, Any], inside: dict[str, Any]) -> None:
    assert inside["tools"] == []
    assert inside["leftovers"] == []
    names = [variable.split("=")[0] for variable in config["Config"]["Env"]]
    assert [name for name in names if re.search(r"PIP|UV_|CERT|CA_BUNDLE|PROXY", name, re.IGNORECASE)] == []


def test_certificates_are_those_of_the_base(image: Image) -> None:
    """A bundle that the build was lent must not be trusted by the action."""
    changed = podman("diff", image.reference).stdout.split()
    assert [path for path in changed if path.startswith(("/etc/", "/usr/share/ca", "/root"))] == []
    command = ["run", "--rm", "--network", "none", "--entrypoint", "/usr/bin/sha256sum"]
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    seen = {podman(*command, name, bundle).stdout for name in (image.reference, image.base)}
    assert len(seen) == 1


def test_holds_the_locked_dependencies_and_no_others(inside: dict[str, Any]) -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    locked = {(package["name"], package["version"]) for package in packages if "version" in package}
    installed = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in inside["distributions"].items()}
    assert installed.pop("hparam-inspector")
    assert installed.items() <= locked
    assert {"pytest", "ruff", "mypy", "pip"}.isdisjoint(installed)


def test_holds_the_package_and_nothing_else_of_the_repository(inside: dict[str, Any]) -> None:
    assert inside["package"].startswith("/opt/venv/lib/")
    assert inside["action"] == ["entrypoint.py"]
    assert inside["tests"] == []


def test_starts_from_bytecode(inside: dict[str, Any]) -> None:
    assert inside["without_bytecode"] == []


def test_the_crew_starts_and_says_that_nobody_answers(image: Image) -> None:
    """CrewAI and LiteLLM load in the image, without what the Dockerfile leaves out, and reach for no network first."""
    import msgspec

    from hparam_ci.crew.endpoint import Endpoint
    from hparam_ci.crew.gather import gather
    from hparam_ci.crew.worker import Event, Request
    from hparam_ci.pipeline import inspect

    facts = gather(inspect(["digits_sweep.csv"], root=ROOT / "examples"))
    endpoint = Endpoint("m", "openai/m", "http://127.0.0.1:9/v1", "key", choosing=False)
    request = msgspec.json.encode(Request(facts, endpoint, 300.0, ("127.0.0.1",)))
    command = ["podman", "run", "-i", "--rm", "--network", "none", "--entrypoint", PYTHON, image.reference]
    command += ["-I", "-m", "hparam_ci.crew.worker"]
    done = subprocess.run(command, env=podman_environment(), input=request, capture_output=True, check=True)
    [line] = done.stdout.splitlines()
    event = msgspec.json.decode(line, type=Event)
    assert (event.task, event.usage.requests) == ("", 3), done.stderr[-2000:]
    assert event.problem.startswith("the request failed")


def test_the_gate_is_the_same_without_the_crew(gate: Image, image: Image, inside: dict[str, Any]) -> None:
    command = ["run", "--rm", "--network", "none", "--entrypoint", PYTHON, gate.reference, "-I", "-c", LOOK_INSIDE]
    small = json.loads(podman(*command).stdout)
    own = {"pandas", "numpy", "msgspec", "Jinja2", "PyGithub", "rich", "PyYAML", "requests", "hparam-inspector"}
    versions = [{name: one["distributions"].get(name) for name in own} for one in (small, inside)]
    assert versions[0] == versions[1]
    assert {"crewai", "litellm"} <= inside["distributions"].keys() - small["distributions"].keys()
    assert small | {"distributions": {}} == inside | {"distributions": {}}
    known = [json.loads(podman("image", "inspect", one.reference).stdout)[0] for one in (gate, image)]
    assert known[0]["Config"] == known[1]["Config"]
    assert known[0]["Size"] < 0.6 * known[1]["Size"]


def test_the_benchmark_measures_what_a_run_pays(gate: Image, tmp_path: Path) -> None:
    """Pushed, pulled into an empty store and run there, with the real engine."""
    cost = measure(gate.reference, tmp_path, runs=1)
    assert 20 < cost.pulled < cost.on_disk < 1_000
    assert min(cost.unpack, cost.first, cost.warm) > 0


def test_names_itself(config: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    labels = config["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == project["name"]
    assert labels["org.opencontainers.image.description"] == project["description"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]
