"""An Inspection at the end of a cell, in a real kernel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CELLS = (
    f"import pandas as pd, hparam_ci\nframe = pd.read_csv({str(EXAMPLES / 'digits_sweep.csv')!r})",
    "hparam_ci.inspect(frame)",
    f"hparam_ci.inspect({str(EXAMPLES / 'healthy_sweep.csv')!r}).verdict",
)


@pytest.fixture(scope="module")
def outputs() -> list[list[dict[str, Any]]]:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def test_it_shows_itself(outputs: list[list[dict[str, Any]]]) -> None:
    [shown] = outputs[1]
    data = shown["data"]
    assert data["text/plain"].startswith("<Inspection fail: ")
    assert data["text/markdown"].startswith("## ❌ Sweep inspection: fail")
    assert data["text/html"].startswith('<div class="hparam-ci">')
    assert outputs[2][0]["data"]["text/plain"] == "'pass'"


def test_its_style_reaches_nothing_around_it(
    browser: Browser, outputs: list[list[dict[str, Any]]], tmp_path: Path, pictures: Path
) -> None:
    path = tmp_path / "notebook.html"
    shown = outputs[1][0]["data"]["text/html"]
    path.write_text(f"<!doctype html><h2 id=own>Mine</h2><main>text</main><section>{shown}</section>", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(path.as_uri())
    page.screenshot(path=pictures / "notebook.png")
    assert page.locator("#own").evaluate("one => getComputedStyle(one).marginTop") != "44px"
    assert page.locator("body > main").evaluate("one => getComputedStyle(one).maxWidth") == "none"
    assert page.locator(".hparam-ci .verdict").evaluate("one => getComputedStyle(one).borderLeftWidth") == "8px"
    assert page.locator(".hparam-ci circle.x").first.evaluate("one => getComputedStyle(one).fill") == "rgb(207, 69, 32)"
