"""The HTML report opened from a file, as from an artifact: what stands where, on desk and phone, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hparam_ci.pipeline import inspect
from hparam_ci.report.html import html
from tests.attack.hostile import TEXTS, poisoned_inspection
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK, PHONE = 1280, 390


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artifact") / "hparam_report.html"
    path.write_text(html(inspect(["digits_sweep.csv"], root=EXAMPLES)), encoding="utf-8")
    return path


def opened(browser: Browser, path: Path, width: int = DESK, scheme: str = "light") -> tuple[Page, list[str]]:
    """The page, and whatever it asked for or complained of."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss())[0])
    page.on("request", lambda request: None if request.url == path.as_uri() else heard.append(request.url))
    page.goto(path.as_uri())
    return page, heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_it_reads_on_every_screen(browser: Browser, report: Path, pictures: Path, width: int, scheme: str) -> None:
    page, heard = opened(browser, report, width, scheme)
    page.screenshot(path=pictures / f"report-{width}-{scheme}.png", full_page=True)
    assert heard == [], "nothing is fetched, nothing is refused by the policy"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scrolling"
    verdict = page.locator(".verdict")
    assert verdict.bounding_box()["y"] + verdict.bounding_box()["height"] < 900, "the verdict is on the first screen"  # type: ignore[index]
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(paper) < 150) is (scheme == "dark")
    sizes = page.locator(".picture text").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert round(min(sizes), 1) >= 11, "the smallest letters of a picture can be read"


def test_the_pictures_show_the_trials_where_they_belong(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report)
    card = page.locator("article.card", has_text="batch_size = 512").first
    region = card.locator(".region").first.bounding_box()
    assert region
    for dot in card.locator("circle.x:has(title)").all():
        box = dot.bounding_box()
        assert box
        assert region["x"] - 8 <= box["x"] <= region["x"] + region["width"] + 8
    assert card.locator("circle.x:has(title)").count() == 20
    assert "512" in (card.locator("circle.x title").first.text_content() or "")


def test_folds_open_without_a_script(browser: Browser, report: Path) -> None:
    page, _ = opened(browser, report)
    fold = page.locator("details", has_text="The rates by bucket, with counts")
    assert not fold.locator(".cell").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator(".cell").first.is_visible()
    assert "of" in fold.locator(".cell").first.inner_text()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>x", *TEXTS[4:8]]
)
def test_hostile_text_runs_nothing_and_asks_for_nothing(browser: Browser, tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.html"
    hostile = poisoned_inspection(inspect(["digits_sweep.csv"], root=EXAMPLES), text)
    path.write_text(html(hostile), encoding="utf-8")
    page, heard = opened(browser, path)
    assert heard == []
    assert page.locator("img, script, iframe, a:not([href^='#'])").count() == 0
