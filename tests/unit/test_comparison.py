"""docs/comparison.md: each row of our column names the tests that hold it, and they exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
TABLES = ("reports", "others")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(kind: str, table: str) -> dict[str, list[str]]:
    """First cell to the others, without heading and rule."""
    [text] = re.findall(rf"<!-- {kind}: {table} -->\n(.*?)\n<!-- /{kind} -->", PAGE, re.DOTALL)
    cells = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in text.splitlines()]
    return {first.strip(): others for first, *others in cells[2:]}


@cache
def names_in(path: Path) -> frozenset[str]:
    """Names of the test functions in a file, those in classes included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


@pytest.mark.parametrize("table", TABLES)
def test_each_row_of_ours_names_what_holds_it(table: str) -> None:
    compared, proofs = rows("comparison", table), rows("proof", table)
    assert list(compared) == list(proofs)
    assert [name for name, [cell] in proofs.items() if not TEST.search(cell)] == []
    assert {len(cells) for cells in compared.values()} == {7}
    assert [name for name, cells in compared.items() if cells[0] in ("", "–")] == []


def test_every_test_that_is_named_exists() -> None:
    named = TEST.findall(PAGE)
    assert len(named) > 50
    assert [f"{file}::{name}" for file, name in named if name not in names_in(ROOT / file)] == []
