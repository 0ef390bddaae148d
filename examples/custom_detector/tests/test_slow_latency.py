from pathlib import Path

import pytest

from hparam_ci import inspect

SWEEP = """\
trial,lr,val_loss,latency_ms
1,0.1,0.40,12
2,0.2,0.38,80
3,0.3,0.36,
4,0.4,0.35,240
"""


def result(folder: Path, text: str):
    (folder / "sweep.csv").write_text(text)
    [sweep] = inspect(["sweep.csv"], root=folder).sweeps
    return next(detector for detector in sweep.detectors if detector.code == "ABC101")


def test_slow_models_are_flagged_the_slowest_first_among_those_that_were_measured(tmp_path: Path) -> None:
    found = result(tmp_path, SWEEP)
    assert (found.count.affected, found.count.evaluable) == (2, 3)
    assert [issue.trial for issue in found.issues] == ["4", "2"]
    assert found.issues[0].message == "latency_ms is 240, above 50"


@pytest.mark.parametrize("name", ["latency", "latency_s"])
def test_without_the_column_it_says_so(tmp_path: Path, name: str) -> None:
    found = result(tmp_path, SWEEP.replace("latency_ms", name))
    assert (found.ran, found.reason) == (False, "no column latency_ms")
