"""`hparam-ci ui` as a person uses it: a real server, a real browser, uploads, clicks, sliders, downloads."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from hparam_ci.commands import ui
from hparam_ci.inspection import Inspection
from hparam_ci.pipeline import inspect
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DIGITS, HEALTHY, SAMPLE = (EXAMPLES / f"{name}.csv" for name in ("digits_sweep", "healthy_sweep", "sample_results"))
PATIENCE = 90_000
HOSTILE = "<img src=x onerror=alert(1)> [a](https://evil.example) $x$ :material/home: **b**"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """The address of a running page, and what it prints in `server.log`."""
    port = free_port()
    home = folder / "home"
    home.mkdir(exist_ok=True)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "hparam_ci.cli", "ui", "--no-browser", "--port", str(port), *arguments],
            cwd=folder,
            env=os.environ | {"HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(lambda: listens(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, 15)
            server.wait(30)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("page")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    yield from opened(browser, address)


def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh session; it fails where the page asks any other host for anything or shows a dialog."""
    context = browser.new_context(viewport={"width": 1400, "height": 1800}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: None if re.match(rf"{address}/|data:|blob:", request.url) else foreign.append(request.url),
    )
    page.on("dialog", lambda dialog: (foreign.append(dialog.message), dialog.dismiss())[0])
    page.goto(address)
    page.get_by_text("Drop sweeps here").wait_for()
    yield page
    context.close()
    assert foreign == []


def upload(page: Page, *files: Path | dict[str, Any]) -> None:
    page.locator("input[type=file]").set_input_files(list(files))  # type: ignore[arg-type]
    page.locator(".hparam-ci .verdict").first.wait_for()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.get_by_role("tab", name=name, selected=True).wait_for()


def verdict(page: Page) -> str:
    return page.locator(".hparam-ci .verdict .word").first.inner_text()


@pytest.mark.parametrize("sweep", [DIGITS, HEALTHY, SAMPLE], ids=lambda path: path.stem)
def test_a_dropped_file_shows_what_the_command_line_says(page: Page, pictures: Path, sweep: Path) -> None:
    upload(page, sweep)
    expected = inspect([sweep.name], root=sweep.parent)
    assert verdict(page).lower().startswith(expected.verdict[:4])
    assert f"{expected.affected} of {expected.trials}" in page.locator(".verdict").first.inner_text()
    for cause in expected.sweeps[0].causes:
        if cause.strength != "suggestive":
            shown = page.locator(".hparam-ci h4", has_text=cause.text.split(" and ")[0]).filter(has_text=cause.issue)
            shown.first.wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=pictures / f"ui-{sweep.stem}.png")


def test_each_cause_has_its_trials(page: Page) -> None:
    upload(page, DIGITS)
    dots = page.locator(".js-plotly-plot").first.locator(".scatterlayer .points path")
    dots.first.wait_for()
    cause = inspect([DIGITS.name], root=EXAMPLES).sweeps[0].causes[0]
    wait_for(lambda: dots.count() == cause.inside.evaluable + cause.outside.evaluable)


def test_sliders_move_the_gate_and_the_workflow_says_the_same(page: Page, pictures: Path, tmp_path: Path) -> None:
    upload(page, DIGITS)
    assert verdict(page) == "Failed"
    tab(page, "Limits")
    slider = page.get_by_role("slider", name="Divergence rate, at most (%)")
    slider.focus()
    for _ in range(12):  # half a percent each: 10 % to 16 %
        slider.press("ArrowRight")
    page.locator(".verdict .word", has_text="Passed").wait_for()
    page.get_by_text("max_divergence_rate: 16%").first.wait_for()
    page.wait_for_timeout(800)
    page.screenshot(path=pictures / "ui-limits.png", clip={"x": 0, "y": 0, "width": 1400, "height": 1000})
    workflow = yaml.safe_load(page.locator("[data-testid=stCode] code").inner_text())
    inputs = workflow["jobs"]["inspect"]["steps"][1]["with"]
    assert inputs == {"files": "digits_sweep.csv", "max_divergence_rate": "16%"}
    arguments = [sys.executable, "-m", "hparam_ci.cli", "inspect", str(DIGITS), "--max-divergence-rate", "16%"]
    assert subprocess.run(arguments, capture_output=True, check=False).returncode == 0
    tab(page, "Causes")
    assert verdict(page) == "Passed", "the sliders hold where they are not shown"


def test_heatmap_and_parallel_coordinates_follow_the_issue(page: Page, pictures: Path) -> None:
    upload(page, DIGITS)
    tab(page, "Hyperparameters")
    page.locator(".parcoords").first.wait_for()
    page.get_by_text("27 of 78", exact=False).first.wait_for()  # diverged with adamw
    page.wait_for_timeout(1500)
    page.screenshot(path=pictures / "ui-hyperparameters.png")
    page.get_by_role("combobox", name="Issue").click()
    page.get_by_role("option", name="Failed trials (20)").click()
    page.get_by_text("20 of 36", exact=False).first.wait_for()  # failed with batch_size = 512


def test_two_sweeps_side_by_side(page: Page, pictures: Path) -> None:
    upload(page, DIGITS, HEALTHY)
    tab(page, "Compare")
    page.get_by_text("Against healthy_sweep.csv", exact=False).wait_for()
    words = page.locator(".verdict .word")
    wait_for(lambda: words.all_inner_texts() == ["Failed", "Passed", "Failed"])
    page.wait_for_timeout(800)
    page.screenshot(path=pictures / "ui-compare.png")


FORMS = {
    "Page with pictures": b"<!doctype html>",
    "Markdown": b"## ",
    "JSON": b"{",
    "SARIF": b"{",
    "JUnit": b"<?xml",
    "Plain text": b"",
}


def test_every_form_can_be_downloaded(page: Page, tmp_path: Path) -> None:
    upload(page, DIGITS)
    tab(page, "Download")
    for label, beginning in FORMS.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=label, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.read_bytes().startswith(beginning)
        assert path.stat().st_size > 500
    assert Inspection.from_json((tmp_path / "hparam_report.json").read_bytes()).sweeps[0].causes


def test_curves_and_the_next_search_are_there(page: Page, tmp_path: Path, pictures: Path) -> None:
    history = tmp_path / "history.csv"
    rows = ["run,epoch,lr,train_loss"]
    for run in range(40):
        rate = 10 ** (-4 + run / 10)
        for epoch in range(12):
            loss = "nan" if rate > 0.5 and epoch > 4 else f"{2.3 * (0.6 + 0.01 * (run % 7)) ** epoch + 0.1:.4f}"
            rows.append(f"{run},{epoch},{rate:.6f},{loss}")
    history.write_text("\n".join(rows), encoding="utf-8")
    upload(page, history)
    tab(page, "Curves")
    page.locator(".js-plotly-plot").first.wait_for()
    page.wait_for_timeout(800)
    page.screenshot(path=pictures / "ui-curves.png")
    tab(page, "Next search")
    page.get_by_text("def suggest", exact=False).first.wait_for()


def test_hostile_names_and_cells_are_text(page: Page, pictures: Path) -> None:
    lines = [f'trial,"{HOSTILE} lr",optimizer,val_loss']
    for n in range(120):
        sick = n % 3 == 0
        optimizer = f'"{HOSTILE}"' if sick else "adam"
        lines.append(f"{n},{(0.001 + 0.37 * n) % 1:.4f},{optimizer},{'nan' if sick else 0.5 + n / 1000}")
    content = "\n".join(lines).encode()
    upload(page, {"name": '"><img src=x>[b](https://evil.example).csv', "mimeType": "text/csv", "buffer": content})
    for name in ("Causes", "Limits", "Hyperparameters", "Trials", "Next search", "Compare"):
        tab(page, name)
        page.wait_for_timeout(1200)
        main = page.locator("[data-testid=stMain]")
        assert main.locator("a[href*=evil], img[src=x], .katex").count() == 0
    tab(page, "Causes")
    assert "optimizer = <img src=x onerror=alert(1)>" in page.locator(".hparam-ci h4").first.inner_text()
    page.screenshot(path=pictures / "ui-hostile.png")


def test_what_cannot_be_read_is_said(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": "book.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04broken"}]
    )
    page.get_by_text("a zip archive that is damaged", exact=False).wait_for()


def test_a_path_below_the_folder_opens_and_one_outside_is_refused(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "a.csv").write_bytes(DIGITS.read_bytes())
    with served(tmp_path, "results/a.csv") as address:
        for page in opened(browser, address):
            page.locator(".verdict").wait_for()
            path = page.get_by_role("textbox", name="Or open a file, folder or store")
            path.fill("/etc/passwd")
            path.press("Enter")
            page.get_by_text("That cannot be inspected.").wait_for()
            path.fill("results/*.csv")
            path.press("Enter")
            page.locator(".verdict").wait_for()


def test_it_listens_on_this_machine_alone_and_sends_no_statistics(tmp_path: Path, address: str) -> None:
    with socket.socket() as probe:
        probe.settimeout(2)
        own = socket.gethostbyname(socket.gethostname())
        if not own.startswith("127."):
            assert probe.connect_ex((own, int(address.rsplit(":", 1)[1]))) != 0
    arguments = ui.command(parsed("ui"))
    assert "--browser.gatherUsageStats=false" in arguments
    assert "--server.address=127.0.0.1" in arguments
    assert "--local" in arguments
    assert "--local" not in ui.command(parsed("ui", "--host", "0.0.0.0")), "no paths from other machines"


def parsed(*arguments: str) -> Any:
    from hparam_ci.cli import build_parser

    return build_parser().parse_args(arguments)
