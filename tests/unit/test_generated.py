"""What is made from the code is what the code says: action.yml, the README's tables, the pages, the schema."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import yaml

from hparam_ci.outputs import OUTPUTS
from hparam_ci.settings import OPTIONS

ROOT = Path(__file__).resolve().parents[2]


def test_every_generated_file_is_up_to_date() -> None:
    generated = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]()
    assert [path for path, text in generated.items() if path.read_text(encoding="utf-8") != text] == []


def test_the_action_has_each_option_with_its_default_and_each_output() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert {name: entry["default"] for name, entry in action["inputs"].items()} == {o.name: o.default for o in OPTIONS}
    assert set(action["outputs"]) == set(OUTPUTS)


def test_the_readme_names_each_input_and_output() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in [*(o.name for o in OPTIONS), *OUTPUTS] if f"`{name}`" not in readme] == []


def test_a_release_names_its_image_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = "docker://ghcr.io/org/hparam-inspector@sha256:" + "0" * 64
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    globals_of = generate["image"].__globals__
    monkeypatch.setitem(globals_of, "ROOT", tmp_path)
    (tmp_path / "action.yml").write_text(generate["ACTION"].format(inputs="", outputs="", image="Dockerfile"))
    assert generate["image"]() == "Dockerfile"
    monkeypatch.setattr("sys.argv", ["generate.py", "--image", image])
    (tmp_path / "action.yml").write_text(generate["action"]())
    monkeypatch.setattr("sys.argv", ["generate.py"])
    assert yaml.safe_load(generate["action"]())["runs"]["image"] == image
