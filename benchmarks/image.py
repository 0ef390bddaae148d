"""What a container image costs each run of the action, with and without the packages of a language model.

    sudo python -m benchmarks.image          # needs what `make container` needs

For each target of the Dockerfile: the size on disk, the size that is pulled (its layers, gzip), the seconds that
unpacking them takes, and the wall time of one step on the example sweep, from `run` to its end: the first after
unpacking, and the median of the following ones. A runner that pulls the image pays download and unpacking in each job.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.container import engine
from tests.container.engine import ROOT, podman, prepare_image
from tests.container.runner import run_step

TARGETS = {"gate": "without the crew", "crew": "with the crew"}
WARM_RUNS = 5
EXAMPLE = ROOT / "examples" / "digits_sweep.csv"
INPUTS = {"files": EXAMPLE.name, "comment_mode": "off", "baseline": "off", "fail_on": "never"}


@dataclass(frozen=True)
class Cost:
    """Of one image: megabytes and seconds."""

    on_disk: float
    pulled: float
    unpack: float
    first: float
    warm: float


def measure(reference: str, folder: Path, runs: int = WARM_RUNS) -> Cost:
    """Push the image as a registry has it, then pull and run it in a store that has nothing yet."""
    pushed = f"oci:{folder}/pushed:image"
    podman("push", "--compression-format", "gzip", reference, pushed)
    packed = sum(path.stat().st_size for path in (folder / "pushed").rglob("*") if path.is_file())
    size = json.loads(podman("image", "inspect", reference).stdout)[0]["Size"]
    with empty_store(folder / "store"):
        started = time.monotonic()
        name = podman("pull", "--quiet", pushed).stdout.strip()
        unpack = time.monotonic() - started
        first, *others = [step_seconds(name, folder / f"run{number}") for number in range(1 + runs)]
    return Cost(size / 1e6, packed / 1e6, unpack, first, statistics.median(others))


@contextmanager
def empty_store(folder: Path) -> Iterator[None]:
    """A container store of its own, removed at the end."""
    folder.mkdir()
    (folder / "containers.conf").write_text(engine.CONTAINERS_CONF)
    (folder / "storage.conf").write_text(engine.STORAGE_CONF.format(folder=folder))
    usual = engine.FOLDER
    engine.FOLDER = folder
    try:
        yield
    finally:
        podman("rmi", "--all", "--force", check=False)
        subprocess.run(["umount", "-q", folder / "storage" / "overlay"], check=False)
        engine.FOLDER = usual


def step_seconds(reference: str, folder: Path) -> float:
    """Wall time of one step, as the runner starts it."""
    workspace = folder / "workspace"
    workspace.mkdir(parents=True)
    shutil.copy(EXAMPLE, workspace)
    done = run_step(reference, workspace, inputs=INPUTS)
    if done.exit_code:
        raise RuntimeError(f"the step ended with {done.exit_code}:\n{done.log}")
    return done.seconds


def main() -> None:
    """Build, measure and print both."""
    print(f"{'image':18s} {'on disk':>9s} {'pulled':>9s} {'unpack':>8s} {'first run':>10s} {'next runs':>10s}")
    for target, label in TARGETS.items():
        with tempfile.TemporaryDirectory() as folder:
            cost = measure(prepare_image(target).reference, Path(folder))
        sizes = f"{cost.on_disk:6.0f} MB {cost.pulled:6.0f} MB"
        print(f"{label:18s} {sizes} {cost.unpack:6.1f} s {cost.first:8.2f} s {cost.warm:8.2f} s")


if __name__ == "__main__":
    main()
