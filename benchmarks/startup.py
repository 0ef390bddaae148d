"""CPU time of whole commands on a sweep of 300 trials, against `python -c "import pandas"` in the same environment.

Prints a table of ratios. CPU seconds (user and system) of the finished process, the median of several runs in turn, so
that a drifting machine moves both sides. Every file is imported from compiled bytecode, as an installed command is.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
TRIALS = 300


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sweep_of(trials: int, source: Path, folder: Path) -> str:
    """The example sweep, repeated to as many rows."""
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    repeated = [f"{number},{rows[number % len(rows)].split(',', 1)[1]}" for number in range(trials)]
    path = folder / source.name
    path.write_text("\n".join([header, *repeated]) + "\n", encoding="utf-8")
    return str(path)


def main() -> None:
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "hparam_ci")], check=True)
    subprocess.run([sys.executable, "-m", "hparam_ci.report.compiled"], check=True, cwd=ROOT)
    command = [sys.executable, "-m", "hparam_ci.cli", "inspect"]
    with tempfile.TemporaryDirectory() as name:
        sick = sweep_of(TRIALS, ROOT / "examples" / "digits_sweep.csv", Path(name))
        healthy = sweep_of(TRIALS, ROOT / "examples" / "healthy_sweep.csv", Path(name))
        commands = {
            "import pandas": [sys.executable, "-c", "import pandas"],
            "inspect, sick sweep, terminal": [*command, sick],
            "inspect, sick sweep, Markdown": [*command, sick, "--format", "md"],
            "inspect, sick sweep, JSON": [*command, sick, "--format", "json"],
            "inspect, healthy sweep, terminal": [*command, healthy],
            "hparam-ci --help": [*command[:-1], "--help"],
        }
        seconds: dict[str, list[float]] = {label: [] for label in commands}
        for _ in range(RUNS):
            for label, arguments in commands.items():
                seconds[label].append(cpu_seconds(arguments))
    base = statistics.median(seconds["import pandas"])
    print(f"{'command':36s} {'CPU s':>7s} {'ratio':>6s}   ({TRIALS} trials, median of {RUNS})")
    for label, values in seconds.items():
        middle = statistics.median(values)
        print(f"{label:36s} {middle:7.3f} {middle / base:6.2f}")


if __name__ == "__main__":
    main()
