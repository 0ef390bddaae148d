"""What may be read: the client's roots, the folders of `--root`, the working folder; and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.attack.hostile import TEXTS
from tests.conftest import EXAMPLES, write_csv
from tests.mcp_server.client import MODES, connect

DIGITS = "digits_sweep.csv"
SERVER = ("-m", "hparam_ci.mcp_server")
pytestmark = pytest.mark.anyio


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder beside the workspace, with a sweep in it."""
    folder = tmp_path / "other place"
    folder.mkdir()
    (folder / "other.csv").write_bytes((EXAMPLES / "sample_results.csv").read_bytes())
    return folder


@pytest.mark.parametrize("mode", MODES)
async def test_the_roots_of_the_client_count(workspace: Path, other: Path, mode: str) -> None:
    async with connect(cwd=workspace, roots=[other.as_uri()], mode=mode) as client:
        found = (await client.call("list_sweeps")).data
        assert found["roots"] == [str(other)]
        assert [one["path"] for one in found["sweeps"]] == ["other.csv"]
        for path in ("other.csv", str(other / "other.csv"), (other / "other.csv").as_uri()):
            assert not (await client.call("list_issues", path=path)).failed, path
        for path in (DIGITS, str(workspace / DIGITS), f"../{workspace.name}/{DIGITS}"):
            answer = await client.call("inspect_sweep", path=path)
            assert answer.failed, path
    async with connect(cwd=workspace, roots=[], mode=mode) as client:  # it has no folder open
        assert (await client.call("list_sweeps")).data["roots"] == [str(workspace)]


async def test_several_roots(workspace: Path, other: Path) -> None:
    async with connect(cwd="/", roots=[workspace.as_uri(), other.as_uri()]) as client:
        found = (await client.call("list_sweeps")).data["sweeps"]
        assert {one["path"] for one in found} == {
            f"{workspace}/{DIGITS}",
            f"{workspace}/healthy_sweep.csv",
            f"{other}/other.csv",
        }
        assert not (await client.call("list_issues", path=f"{other}/other.csv")).failed
        assert not (await client.call("list_issues", path="other.csv")).failed
        answer = await client.call("compare_sweeps", path=DIGITS, baseline="other.csv")
        assert "different roots" in answer.text


async def test_root_has_the_last_word(workspace: Path, other: Path) -> None:
    arguments = (*SERVER, "--root", str(other))
    async with connect(*arguments, cwd=workspace, roots=[workspace.as_uri()]) as client:
        assert (await client.call("list_sweeps")).data["roots"] == [str(other)]
        assert "outside of what may be read" in (await client.call("inspect_sweep", path=str(workspace / DIGITS))).text


async def test_nothing_leads_out(workspace: Path, other: Path) -> None:
    (workspace / "out").symlink_to(other)
    (workspace / "out.csv").symlink_to(other / "other.csv")
    (workspace / "in.csv").symlink_to(workspace / DIGITS)
    (workspace / "ring").symlink_to(workspace / "ring")
    (workspace / ".env").write_text("HF_TOKEN=secret,loss\nx,1\n")
    async with connect(cwd=workspace) as client:
        assert not (await client.call("list_issues", path="in.csv")).failed
        for path in (
            "out/other.csv",
            "out.csv",
            "ring",
            "../other place/other.csv",
            "/etc/passwd",
            "file:///etc/passwd",
        ):
            for name, argument in (
                ("inspect_sweep", "path"),
                ("analyze_hparam_csv", "csv_path"),
                ("list_issues", "path"),
            ):
                answer = await client.call(name, **{argument: path})
                assert "outside of what may be read" in answer.text, (name, path, answer.text)
        assert "outside" in (await client.call("list_sweeps", folder="..")).text
        assert "outside" in (await client.call("compare_sweeps", path=DIGITS, baseline="out.csv")).text
        for path in ("optuna:sqlite:////etc/x.db", "mlflow:http://127.0.0.1:1", "", "\0", "file://host/x"):
            assert (await client.call("inspect_sweep", path=path)).failed, path
        hidden = await client.call("inspect_sweep", path=".env")
        assert "hidden files are not read" in hidden.text
        assert "secret" not in hidden.text
    async with connect(cwd="/") as client:
        assert "--root" in (await client.call("list_sweeps")).text


async def test_hostile_names_and_cells_stay_text(workspace: Path) -> None:
    """Each text of a file comes back on one line, without what cannot be seen; the report renders as it should."""
    from tests.attack.page import pages

    rows = 3 * len(TEXTS)
    texts = [text.replace("\0", "") for text in TEXTS] * 3
    columns = {
        "trial": texts,
        "state": ["FAILED" if row % 3 == 0 else "COMPLETE" for row in range(rows)],
        f"params_{TEXTS[6]}": [float(row % 3 == 0) for row in range(rows)],
        "params_note\u202e\n<b>": [texts[row % 5] for row in range(rows)],
        "error": texts,
        "val_loss": ["nan" if row % 3 == 1 else 0.1 * row for row in range(rows)],
    }
    write_csv(workspace / "hostile\u202e`x`.csv", columns)
    async with connect(cwd=workspace) as client:
        [path] = [one["path"] for one in (await client.call("list_sweeps")).data["sweeps"] if "hostile" in one["path"]]
        assert path == "hostile�`x`.csv"
        name = "hostile\u202e`x`.csv"
        answers = [
            await client.call("inspect_sweep", path=name),
            await client.call("list_issues", path=name, limit=500),
            await client.call("explain_cause", path=name),
            await client.call("suggest_next_experiments", path=name, format="optuna"),
            await client.call("inspect_sweep", path="no\u202esuch\nfile"),
        ]
        report = (await client.call("analyze_hparam_csv", csv_path=name)).text
        whole = await client.read("hparam://last/inspection.json")
    assert [answer.failed for answer in answers] == [False, False, False, False, True]
    hidden = set("\x00\x07\x1b\u202e\u2066\u200b\u200d")
    for text in (*(answer.text for answer in answers), whole):
        assert not set(text) & hidden
    for answer in answers[:3]:
        for key, text in _texts(answer.data):
            assert "\n" not in text or key == "explanation", (key, text)
    compile(answers[3].data["code_text"], "space.py", "exec")
    for page in pages(report):
        assert page.attributes == set()
        assert page.comments == []
        assert not {"script", "img", "a"} & set(page.tags)


def _texts(value: object, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [("", name) for name in value] + [pair for name, item in value.items() for pair in _texts(item, name)]
    if isinstance(value, list):
        return [pair for item in value for pair in _texts(item, key)]
    return [(key, value)] if isinstance(value, str) else []


async def test_the_schema_of_every_answer_holds(workspace: Path) -> None:
    """The client checks answers against the schemas, so a schema that anything passes would prove nothing."""
    async with connect(cwd=workspace) as client:
        tools = {tool["name"]: tool["outputSchema"] for tool in await client.tools()}
    inspection = tools["inspect_sweep"]["$defs"]["Inspection"]
    assert set(inspection["required"]) >= {"gate", "sweeps", "skipped"}
    assert inspection["additionalProperties"] is False
    published = json.loads((Path(__file__).resolve().parents[2] / "docs" / "inspection.schema.json").read_text())
    assert inspection == published["$defs"]["Inspection"]
