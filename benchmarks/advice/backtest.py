"""A second sweep in the proposed space against one in the old space, on known responses, over many seeds.

`python -m benchmarks.advice.backtest [--seeds 40] [--trials 120] [--second 60]`, in an environment with Optuna (the
group `producers`): the proposed space is the exported Optuna code, drawn at random; the old one is that of the first
sweep. Both second sweeps train the same number of trials. A value is the noise-free loss of the trial that looked best.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import optuna

from benchmarks.advice.responses import RESPONSES, Config, Response, Rng
from hparam_ci.advice.exports import export
from hparam_ci.pipeline import inspect


@dataclass(frozen=True)
class Second:
    """A second sweep: the share of sick trials, and the noise-free loss of the trial that looked best."""

    sick: float
    best: float


def back_test(response: Response, seed: int, trials: int, second: int) -> tuple[Second, Second, float]:
    """Old and new second sweep, and the share of the space that the new one keeps."""
    rng = np.random.default_rng(seed)
    first = [response.draw(rng) for _ in range(trials)]
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "sweep.csv", first, [response.run(config, rng) for config in first])
        [sweep] = inspect(["sweep.csv"], root=folder).sweeps
    assert sweep.next_space is not None
    old = [response.draw(rng) for _ in range(second)]
    new = _drawn(export(sweep.next_space, "optuna"), second, seed)
    return _judge(response, old, rng), _judge(response, new, rng), sweep.next_space.kept


def _write(path: Path, configs: list[Config], rows: list[Config]) -> None:
    names = list(dict.fromkeys(name for config in configs for name in config))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["trial_id", *names, "status", "train_loss", "val_loss"])
        for i, (config, row) in enumerate(zip(configs, rows, strict=True)):
            results = (row["status"], row["train_loss"], row["val_loss"])
            writer.writerow([i, *(config.get(name, "") for name in names), *results])


def _drawn(code: str, n: int, seed: int) -> list[Config]:
    """The first n configurations that the exported code suggests and does not prune."""
    module: dict[str, Any] = {}
    exec(compile(code, "space.py", "exec"), module)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    drawn: list[Config] = []
    while len(drawn) < n:
        trial = study.ask()
        with suppress(optuna.TrialPruned):
            drawn.append(module["suggest"](trial))
    return drawn


def _judge(response: Response, configs: list[Config], rng: Rng) -> Second:
    rows = [response.run(config, rng) for config in configs]
    healthy = [(float(row["val_loss"]), config) for row, config in zip(rows, configs, strict=True) if not row["sick"]]
    looked_best = min(healthy, key=lambda one: one[0])[1]
    return Second(mean(row["sick"] for row in rows), response.loss(looked_best))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--second", type=int, default=60)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    print(f"{options.seeds} seeds; {options.trials} trials, then {options.second} in the old or in the new space")
    print(f"{'response':<34}{'sick old':>9}{'new':>7}{'best old':>10}{'new':>8}{'better':>8}{'worse':>7}{'kept':>6}")
    for response in RESPONSES:
        seeds = range(options.first, options.first + options.seeds)
        found = [back_test(response, seed, options.trials, options.second) for seed in seeds]
        old, new = [one[0] for one in found], [one[1] for one in found]
        better = mean(n.best < o.best for o, n in zip(old, new, strict=True))
        worse = mean(n.best > o.best for o, n in zip(old, new, strict=True))
        print(
            f"{response.name:<34}{mean(o.sick for o in old):>9.1%}{mean(n.sick for n in new):>7.1%}"
            f"{mean(o.best for o in old):>10.4f}{mean(n.best for n in new):>8.4f}{better:>8.0%}{worse:>7.0%}"
            f"{mean(one[2] for one in found):>6.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
