"""What is made from the code is what the code says: action.yml, the README's tables, the pages, the schema."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import yaml

from hparam_ci.errors import SettingsError
from hparam_ci.options import OPTIONS, check
from hparam_ci.outputs import OUTPUTS

ROOT = Path(__file__).resolve().parents[2]


def test_every_generated_file_is_up_to_date() -> None:
    generated = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]()
    assert [path for path, text in generated.items() if path.read_text(encoding="utf-8") != text] == []


@pytest.mark.parametrize("file", ["action.yml", "gate/action.yml"])
def test_an_action_has_each_option_with_its_default_and_each_output(file: str) -> None:
    """The gate has all but what asks a model, which its image cannot."""
    action = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    crew = file == "action.yml"
    options = {o.name: o.default for o in OPTIONS if crew or not o.name.startswith("ai")}
    assert {name: entry["default"] for name, entry in action["inputs"].items()} == options
    assert set(action["outputs"]) == set(OUTPUTS) - (set() if crew else {"ai_status"})
    assert action["runs"]["using"] == "docker"


def test_the_readme_names_each_input_and_output() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in [*(o.name for o in OPTIONS), *OUTPUTS] if f"`{name}`" not in readme] == []


def test_a_release_names_its_images_and_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = "docker://ghcr.io/org/hparam-inspector@sha256:"
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    monkeypatch.setitem(generate["image"].__globals__, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["generate.py"])
    (tmp_path / "gate").mkdir()
    built = [yaml.safe_load(generate["action"](one))["runs"]["image"] for one in generate["ACTIONS"]]
    assert built == ["Dockerfile", "../Dockerfile"]
    released = [image + "0" * 64, image + "1" * 64]
    monkeypatch.setattr("sys.argv", ["generate.py", "--image", released[0], "--gate-image", released[1]])
    for one in generate["ACTIONS"]:
        (tmp_path / one.file).write_text(generate["action"](one))
    monkeypatch.setattr("sys.argv", ["generate.py"])
    assert [yaml.safe_load(generate["action"](one))["runs"]["image"] for one in generate["ACTIONS"]] == released


def test_types_are_those_of_the_options() -> None:
    """Each type takes its option's default, and the options refuse what is of another."""
    typed = yaml.safe_load((ROOT / "action-types.yml").read_text(encoding="utf-8"))
    assert list(typed["inputs"]) == [option.name for option in OPTIONS]
    assert list(typed["outputs"]) == list(OUTPUTS)
    refused = {"enum": "no such word", "boolean": "yes", "integer": "1.5"}
    for option in OPTIONS:
        kind = typed["inputs"][option.name]
        assert tuple(kind.get("allowed-values", ())) == option.choices
        if kind["type"] in refused:
            with pytest.raises(SettingsError):
                check(option, refused[kind["type"]], option.name)


def test_the_pages_stay_within_what_a_marketplace_takes() -> None:
    """At most 125 characters of description, and an icon and a colour of GitHub's lists."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert len(action["description"]) <= 125
    assert action["branding"] == {"icon": "activity", "color": "orange"}
