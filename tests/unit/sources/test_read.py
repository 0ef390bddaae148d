"""From any file to its sweeps, or to one clear error: nothing in between."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.errors import SourceError
from hparam_ci.sources.notes import notes
from hparam_ci.sources.read import columns_in_file, read_sweeps, why_no_sweep
from hparam_ci.sources.sweep import Sweep

NAMES = st.sampled_from(
    "lr epoch val_loss train_loss acc split metric value run_id trial_id status optimizer params config params_lr "
    "n_resources iter seed time date x1 rank best_loss 'a\u202eb' val_acc_% step".split()
)
CELLS = st.sampled_from(
    "1 2 3 0.5 1e-3 nan inf -inf adam sgd val train test loss val_loss finished failed RUNNING PRUNED {'a':1} "
    '{"b":[1,2]} 2026-01-01 1700000000 12s 3MB 50% [1,2] (64,) None True \u0661'.split()
) | st.just("")


def read_or_refused(folder: Path) -> list[Sweep]:
    """The sweeps in t.csv; none where it is refused, which names the file."""
    try:
        return read_sweeps(Path("t.csv"), folder)
    except SourceError as refusal:
        message = str(refusal)
    assert message.startswith("t.csv: ")
    return []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_table_is_understood_or_refused(tmp_path_factory, data) -> None:  # type: ignore[no-untyped-def]
    names = data.draw(st.lists(NAMES, min_size=1, max_size=7))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=25))
    if rows and data.draw(st.booleans()):
        rows = (rows * 12)[:40]
    folder = tmp_path_factory.mktemp("any")
    text = "\n".join(";".join(row) for row in [names, *rows])
    (folder / "t.csv").write_text(text, encoding="utf-8")
    for sweep in read_or_refused(folder):
        assert len(sweep.readings) == len(sweep.table.columns)
        assert all(len(column) == len(sweep) == len(sweep.table.lines) for column in sweep.table.columns)
        assert len(sweep) <= max(len(rows), len(names))
        assert all(isinstance(note, str) for note in notes(sweep))
        assert dict(columns_in_file(sweep))
        assert len(sweep.trial_ids) == len(sweep)
        why_no_sweep(sweep)
        if sweep.table.history is not None:
            assert len(sweep.table.history.starts) == len(sweep) + 1
