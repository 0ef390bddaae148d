"""The configurations that the README and the pages show are taken, by the loader and by the schema."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from hparam_ci.config_schema import config_schema
from hparam_ci.settings import build

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["README.md", "docs/configuration.md", *(str(path) for path in (ROOT / "docs" / "detectors").glob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown(name: str) -> list[str]:
    return [text for text in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if "uses:" not in text]


@pytest.mark.parametrize(
    "text",
    [text for name in NAMES for text in shown(name) if not text.startswith("with:")],
)
def test_what_is_shown_is_taken(text: str) -> None:
    config = yaml.safe_load(text)
    build({}, label=str, config=config)
    jsonschema_rs.validator_for(config_schema()).validate(config)


def test_pictures_and_pages_that_the_readme_shows_are_there_and_light() -> None:
    """A picture is a PNG below 200 kB, which `make picture` draws."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (ROOT / target).exists()] == []
    pictures = [ROOT / target for target in targets if target.endswith(".png")]
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000
