"""Files side by side: the same result to the byte, whatever one of them does to its process."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from hparam_ci.pipeline import inspect
from hparam_ci.side_by_side import inspected, pays

FILES = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(FILES):
        lr = 10 ** rng.uniform(-5, 0, 600)
        lines = [f"{i},{x:.6g},{'nan' if x > 0.1 * number else 0.3 + i % 7 / 100:.5}" for i, x in enumerate(lr)]
        (tmp_path / f"sweep_{number}.csv").write_text("trial_id,lr,val_loss\n" + "\n".join(lines) + "\n")
    (tmp_path / "broken.csv").write_text('a,b\n"never closed,1\n')
    (tmp_path / "notes.csv").write_text("name,age\nx,1\ny,2\n")
    return tmp_path


def test_the_result_is_the_same_to_the_byte(folder: Path) -> None:
    found = [Path(each.name) for each in folder.iterdir()]
    assert pays(folder, found) or os.cpu_count() == 1
    alone = inspect("*.csv", root=folder)
    together = inspect("*.csv", root=folder, side_by_side=True)
    assert len(alone.sweeps) == FILES
    assert len(alone.skipped) == 2
    assert any(sweep.causes for sweep in alone.sweeps[1:]), "ids go on from one file to the next"
    assert together.to_json() == alone.to_json()


def test_progress_is_told_in_order(folder: Path) -> None:
    told: list[tuple[int, int, str]] = []
    inspect("*.csv", root=folder, side_by_side=True, progress=lambda *said: told.append(said))
    assert [number for number, _, _ in told] == list(range(FILES + 2))
    assert [path for _, _, path in told] == sorted(path for _, _, path in told)


def test_a_file_whose_process_is_killed_costs_no_other() -> None:
    def begin(source: int):  # type: ignore[no-untyped-def]
        if source == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return lambda ids: ([f"{source} from {ids['I']}"], ids + Counter(I=2))

    assert list(inspected([0, 1, 2, 3], begin, Counter())) == [["0 from 0"], None, ["2 from 2"], ["3 from 4"]]


def test_small_and_huge_files_stay_in_one_process(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
    assert not pays(tmp_path, [Path("a"), Path("b")])
    with (tmp_path / "a").open("wb") as file:
        file.truncate(10**9)
    assert not pays(tmp_path, [Path("a"), Path("b")])
