"""What holds for every detector: how it describes itself, and how it looks at any sweep."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

import hparam_ci.detectors
from hparam_ci.detectors._pages import index, page
from hparam_ci.detectors.detector import Detector
from hparam_ci.detectors.registry import all_detectors, find_detector, rate_names
from hparam_ci.detectors.run import IssueTable, detect
from hparam_ci.sources.history import collapse
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.table import Table
from hparam_ci.sources.tabular import read_table
from tests.conftest import write_csv

DOCS = Path(__file__).resolve().parents[3] / "docs" / "detectors"
SEVERITIES = ("error", "warning", "notice")
CELLS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(0, 3).map(lambda x: f"{x:.4g}"),
    st.sampled_from(["", "nan", "inf", "-inf", "0", "1e300", "-1e300", "1.797e308", "1e-300"]),
)
NAMES = (
    "status train_loss val_loss train_acc val_acc val_error perplexity val_r2 train_r2 neg_log_loss epoch max_epochs "
    "runtime_sec test_loss error exit_code started ended patience"
).split()
WORDS = {
    "status": ["completed", "failed", "PRUNED", "RUNNING", "timeout", "killed", "odd", ""],
    "error": ["", "", "None", "ValueError: 3 of 7", "ValueError: 2 of 9", 'Traceback\n  File "a.py", line 3\nOddity'],
    "started": ["2026-03-01 08:00:00", "2026-03-01 08:10:00", "2026-03-02 08:00:00", ""],
    "ended": ["2026-03-01 08:05:00", "2026-03-01 09:10:00", ""],
}


@pytest.mark.parametrize("detector", all_detectors(), ids=lambda detector: detector.name)
def test_a_detector_describes_itself(detector: Detector) -> None:
    for text in (detector.summary, detector.why, detector.advice, detector.source):
        assert text.endswith(".")
    assert detector.title
    assert detector.severity in SEVERITIES
    assert (detector.rate in rate_names()) == (detector.scope == "trial")
    assert (bool(detector.trials)) == (detector.scope == "trial")
    for option in detector.options:
        assert option.unit
        assert option.help.endswith(".")
        assert np.isfinite(option.default)
    assert len({option.name for option in detector.options}) == len(detector.options)


@pytest.mark.parametrize("detector", all_detectors(), ids=lambda detector: detector.name)
def test_its_page_is_current(detector: Detector) -> None:
    assert (DOCS / f"{detector.name}.md").read_text(encoding="utf-8") == page(detector)


def test_the_index_is_current_and_no_page_is_left_over() -> None:
    assert (DOCS / "README.md").read_text(encoding="utf-8") == index()
    assert {path.stem for path in DOCS.glob("*.md")} == {"README", *(d.name for d in all_detectors())}


def test_codes_and_names_are_unique_and_sorted() -> None:
    codes = [detector.code for detector in all_detectors()]
    assert codes == sorted(set(codes))
    assert len({detector.name for detector in all_detectors()}) == len(codes)


def test_found_by_code_or_name_in_any_case() -> None:
    for detector in all_detectors():
        assert find_detector(detector.code.lower()) is detector
        assert find_detector(detector.name.upper()) is detector
    assert find_detector("HP999") is None


def test_a_new_file_in_the_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(hparam_ci.detectors.__file__).with_name("nan_metric.py").read_text(encoding="utf-8")
    new = source.replace("HP101", "HP000").replace("nan-metric", "new-one")
    (tmp_path / "zz_new_one.py").write_text(new, encoding="utf-8")
    monkeypatch.setattr(hparam_ci.detectors, "__path__", [*hparam_ci.detectors.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    all_detectors.cache_clear()
    try:
        assert all_detectors()[0].name == "new-one"
    finally:
        sys.modules.pop("hparam_ci.detectors.zz_new_one", None)
        all_detectors.cache_clear()


@st.composite
def tables(draw: DrawFn) -> dict[str, list[str]]:
    """Columns of 2 to 40 cells, under the names that detectors know."""
    n = draw(st.integers(2, 40))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True))
    kinds = {name: st.sampled_from(WORDS[name]) if name in WORDS else CELLS for name in names}
    cells = {name: draw(st.lists(kinds[name], min_size=n, max_size=n)) for name in names}
    depth = draw(st.lists(st.sampled_from("123"), min_size=n, max_size=n))
    seed = draw(st.lists(st.sampled_from("01"), min_size=n, max_size=n))
    lr = (
        [f"{10**-4 * (i + 1):.5f}" for i in range(n)]
        if draw(st.booleans())
        else ["0.1", "0.2"] * (n // 2) + ["0.4"] * (n % 2)
    )
    return {"trial_id": [str(i) for i in range(n)], "lr": lr, "depth": depth, "seed": seed, **cells}


def look_at(table: Table) -> IssueTable:
    return detect(read_roles(collapse(table)))


def one_by_one(table: IssueTable, rows: np.ndarray) -> dict[str, tuple[list[bool], list[bool]]]:
    return {code: (seen.flagged[rows].tolist(), seen.at_risk[rows].tolist()) for code, seen in table.seen.items()}


def messages(table: IssueTable) -> dict[str, list[str]]:
    return {code: sorted(one.evidence.message for one in found.findings) for code, found in table.found.items()}


@given(columns=tables(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sweep(columns: dict[str, list[str]], seed: int, tmp_path: Path) -> None:
    """Flagged is a part of at risk, each flag has its evidence, nothing warns, and the order of rows is no matter."""
    write_csv(tmp_path / "sweep.csv", columns)
    seen = look_at(read_table(Path("sweep.csv"), tmp_path))
    n = len(seen.sweep)
    for detector in all_detectors():
        looked = seen.found if detector.scope == "sweep" else seen.seen
        assert (detector.code in looked) != (detector.code in seen.not_seen)
    for one in seen.seen.values():
        assert not (one.flagged & ~one.at_risk).any()
        for row in np.flatnonzero(one.flagged):
            evidence = one.evidence(int(row))
            assert evidence.message
            assert evidence.limit
    if n == len(columns["lr"]):
        order = np.random.default_rng(seed).permutation(n)
        write_csv(tmp_path / "other.csv", {name: [cells[i] for i in order] for name, cells in columns.items()})
        other = look_at(read_table(Path("other.csv"), tmp_path))
        assert one_by_one(other, np.arange(n)) == one_by_one(seen, order)
        assert messages(other) == messages(seen)
