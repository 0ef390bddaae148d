"""Files, places and moments that are too much, each a real run of the command with little memory and time.

What holds in each: an exit code that is documented, one clear line about the file, the other files inspected, no
traceback. `python -m tests.attack.giants` makes the same at full size (2 GB, 1 GB in a line), for a run by hand.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hparam_ci.inspection import Inspection
from tests.outputs import parse_outputs

GIGABYTE = 2**30
GOOD = "trial,lr,loss\n" + "".join(f"{n},{0.1 * n},{'nan' if n % 3 == 0 else 1 / n}\n" for n in range(1, 30))
ROOT = os.geteuid() == 0


def command(
    folder: Path,
    *arguments: str,
    memory: int = 2 * GIGABYTE,
    env: dict[str, str] | None = None,
    before: Callable[[], None] = lambda: None,
) -> subprocess.CompletedProcess[str]:
    """`hparam-ci` with bounded memory and time, without a terminal, without the caller's variables."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
        before()

    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-m", "hparam_ci.cli", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        preexec_fn=limited,
        check=False,
    )


def inspected(folder: Path, *arguments: str, memory: int = 2 * GIGABYTE) -> Inspection:
    """What `inspect` says of everything in a folder beside one good file, which is inspected whatever the others do."""
    (folder / "good.csv").write_text(GOOD)
    done = command(folder, "inspect", ".", "--format", "json", *arguments, memory=memory)
    assert done.returncode == 1, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    found = Inspection.from_json(done.stdout.encode())
    assert "good.csv" in [sweep.path for sweep in found.sweeps]
    return found


def said_of(found: Inspection, name: str) -> str:
    """The one line about a file that is not inspected."""
    [file] = [file for file in found.skipped if file.path == name]
    assert "\n" not in file.reason
    return file.reason


# --- too large ------------------------------------------------------------------------------------


def test_too_many_columns_are_refused_in_every_format(tmp_path: Path) -> None:
    wide = [f"c{n}" for n in range(100_000)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join(wide), *[",".join("1" for _ in wide)] * 3]))
    rows = [{f"k{trial}_{n}": 1.0 for n in range(500)} | {"loss": 1.0} for trial in range(40)]
    (tmp_path / "wide.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = inspected(tmp_path)
    assert "100,000 columns, and the limit is 2,000" in said_of(found, "wide.csv")
    assert "20,001 different keys, and the limit is 2,000" in said_of(found, "wide.jsonl")


def test_cells_that_hold_too_many_columns_stay_texts(tmp_path: Path) -> None:
    cells = ['"{' + ", ".join(f"'k{trial}_{n}': 1" for n in range(200)) + '}"' for trial in range(20)]
    (tmp_path / "cells.csv").write_text("trial,config,loss\n" + "".join(f"{n},{c},0.5\n" for n, c in enumerate(cells)))
    found = inspected(tmp_path)
    [sweep] = [sweep for sweep in found.sweeps if sweep.path == "cells.csv"]
    assert any("kept as text: 4,000 different keys" in note for note in sweep.notes)


def test_hundreds_of_hyperparameters_take_bounded_time_and_memory(tmp_path: Path) -> None:
    names = [f"params_p{n}" for n in range(400)]
    rows = [",".join([str(t), "nan" if t % 3 else "1", *(str((t * n) % 997) for n in range(400))]) for t in range(100)]
    (tmp_path / "knobs.csv").write_text("\n".join([",".join(["trial", "loss", *names]), *rows]))
    found = inspected(tmp_path)
    [sweep] = [sweep for sweep in found.sweeps if sweep.path == "knobs.csv"]
    assert any("and pairs of them only among the 40 that separate best" in note for note in sweep.notes)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("line.csv", b"trial,lr,loss\n1,2," + b"x" * 30_000_000, "a cell of 30,000,000 characters"),
        ("one.csv", b"x" * 30_000_000, ""),
        ("name.csv", b"trial,lr,loss" + b"y" * 5_000_000 + b"\n1,2,3\n2,3,4\n", ""),
        ("quote.csv", b'trial,loss\n1,"' + b"a,b\n" * 5_000_000, "quote"),
        ("nul.csv", b"trial,loss\n1,2\n" + b"\0" * 20_000_000, "binary file"),
        ("deep.json", b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000, "nested too deeply"),
        ("digits.csv", b"trial,loss\n1," + b"9" * 20_000_000 + b"\n", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_giant_in_one_place_is_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.csv").write_text(GOOD)
    done = command(tmp_path, "inspect", "good.csv", name, "--format", "json")
    assert done.returncode == 1, done.stderr
    found = Inspection.from_json(done.stdout.encode())
    assert [sweep.path for sweep in found.sweeps] == ["good.csv"]
    assert words in said_of(found, name)
    assert len(said_of(found, name)) < 1_000


def test_archives_that_unpack_without_end_are_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "zeros.csv.gz", "wb", 1) as file:
        for _ in range(1_100):
            file.write(b"0\n" * 500_000)
    found = inspected(tmp_path, memory=3 * GIGABYTE)
    assert "unpacks to more than" in said_of(found, "zeros.csv.gz")


def test_too_little_memory_costs_the_file_and_no_other(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n * 0.37:.5f},{n % 1013 / 7:.6f}\n" for n in range(2_000_000))
    (tmp_path / "large.csv").write_text("trial,lr,loss\n" + rows)
    found = inspected(tmp_path, "--max-file-size-mb", "500", memory=300 * 2**20)
    assert "memory" in said_of(found, "large.csv")


def test_of_very_many_files_the_first_are_inspected_and_the_rest_is_counted(tmp_path: Path) -> None:
    for number in range(5_000):
        (tmp_path / f"z{number:05}.csv").write_text("lr,loss\n1,2\n")
    found = inspected(tmp_path)
    assert (len(found.sweeps), len(found.skipped)) == (50, 4_951)


# --- what is no file ------------------------------------------------------------------------------


def test_links_pipes_and_devices_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "self.csv").symlink_to("self.csv")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "out.csv").symlink_to("/etc/passwd")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    found = inspected(tmp_path)
    assert said_of(found, "pipe.csv") == "not a regular file"
    for name in ("self.csv", "out.csv", "zero.csv"):
        assert said_of(found, name) == "symbolic link, not followed"


@pytest.mark.parametrize("arguments", [("roles",), ("causes",), ("issues",), ("inspect", "--baseline-file")])
def test_a_pipe_named_by_hand_is_refused_and_not_waited_for(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "results.csv").write_text(GOOD)
    done = command(tmp_path, *arguments, "pipe.json")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


@pytest.mark.skipif(ROOT, reason="root reads every file")
def test_a_file_without_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "closed.csv").write_text(GOOD)
    (tmp_path / "closed.csv").chmod(0)
    assert "cannot be read: Permission denied" in said_of(inspected(tmp_path), "closed.csv")


@pytest.mark.skipif(not ROOT, reason="only root can become another user")
def test_a_file_of_another_user_is_one_line(tmp_path: Path) -> None:
    from hparam_ci.pipeline import inspect

    (tmp_path / "closed.csv").write_text(GOOD)
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "closed.csv").chmod(0)
    inspect(["good.csv"], root=tmp_path)  # what root alone may import is imported
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        found = inspect(["*.csv"], root=tmp_path)
    finally:
        os.seteuid(0)
    assert "cannot be read: Permission denied" in said_of(found, "closed.csv")
    assert [sweep.path for sweep in found.sweeps] == ["good.csv"]


# --- configuration --------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "files: &a [*a]\n",
        "title: " + "x" * 2_000_000,
        "max_files: 2001-13-45\n",
        "max_files: 0x\n",
        "max_files: " + "9" * 5_000,
        "[" * 100_000,
        "? {a: b}\n: c\n",
        "!!python/object/apply:os.system [id]\n",
        "a: !!timestamp x\n",
        "\0",
    ],
    ids=range(11),
)
def test_a_hostile_configuration_is_one_line_and_exit_2(tmp_path: Path, text: str) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "hparam-inspector.yml").write_text(text)
    (tmp_path / "results.csv").write_text(GOOD)
    done = command(tmp_path, "inspect")
    assert done.returncode == 2, done.stdout[-500:] + done.stderr[-500:]
    assert len(done.stderr) < 2_000
    assert "Traceback" not in done.stderr


# --- places and moments ---------------------------------------------------------------------------


def action(folder: Path, **more: str) -> subprocess.Popen[str]:
    """An action run in a folder's `work`, with its files beside it."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    (work / "good.csv").write_text(GOOD)
    env = {
        "PATH": os.environ["PATH"],
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(work),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "INPUT_FILES": "*.csv",
        "INPUT_SARIF_FILE": "a/x.sarif",
        "INPUT_JUNIT_FILE": "x.xml",
    }
    for name in ("output", "summary"):
        (folder / name).touch()
    return subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-u",
            "-X",
            "utf8",
            "-c",
            "import sys; from hparam_ci.action import main; sys.exit(main())",
        ],
        env=env | more,
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def whole_or_absent(folder: Path) -> None:
    """Every file that the run writes is complete or not there, and nothing half-made is left."""
    work = folder / "work"
    assert not list(work.rglob("*.part"))
    if (path := work / "hparam_report.json").exists():
        Inspection.from_json(path.read_bytes())
    if (path := work / "a" / "x.sarif").exists():
        json.loads(path.read_text())
    if (path := work / "x.xml").exists():
        assert path.read_text().rstrip().endswith("</testsuites>")
    if text := (folder / "output").read_text():
        assert parse_outputs(text)["status"] == "fail"
    if text := (folder / "summary").read_text():
        assert "hparam-inspector" in text.rsplit("\n\n", 1)[-1]


@pytest.mark.parametrize("place", ["disk", "folder"])
def test_a_full_disk_and_a_workspace_that_cannot_be_written_are_notices(tmp_path: Path, place: str) -> None:
    (tmp_path / "work").mkdir()
    if place == "disk":
        more = {"GITHUB_OUTPUT": "/dev/full", "GITHUB_STEP_SUMMARY": "/dev/full"}
        (tmp_path / "work" / "hparam_report.md").mkdir()
    else:
        more = {"INPUT_JSON_FILE": "proc/x.json"}
        (tmp_path / "work" / "proc").symlink_to("/proc")
    process = action(tmp_path, **more)
    out, _ = process.communicate(timeout=200)
    assert process.returncode == 1
    assert not [line for line in out.splitlines() if "Traceback" in line and not line.startswith("::debug::")]
    assert "cannot be written" in out or "cannot write" in out
    whole_or_absent(tmp_path)


def test_no_file_is_left_half_where_files_may_not_grow(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))

    done = command(tmp_path, "inspect", "good.csv", "--format", "json", "-o", "out.json", before=small)
    assert done.returncode == 2
    assert "cannot be written (File too large)" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.csv"]


@pytest.mark.parametrize("wait", [0.3, 0.6, 0.8, 1.0, 1.3, 1.7])
def test_a_run_that_is_ended_leaves_whole_files_or_none(tmp_path: Path, wait: float) -> None:
    process = action(tmp_path)
    time.sleep(wait)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=100)
    assert process.returncode in (1, 128 + signal.SIGTERM, -signal.SIGTERM)
    assert "Traceback" not in out
    whole_or_absent(tmp_path)


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "de_DE.ISO-8859-1"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"HOME": "/nonexistent"},
        {"TERM": "dumb", "COLUMNS": "1"},
        {"TZ": "Pacific/Kiritimati"},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["terminal", "json"])
def test_the_surroundings_change_nothing(tmp_path: Path, env: dict[str, str], form: str) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "decimal.csv").write_text("trial;lr;loss\n1;0,5;0,25\n2;0,25;NaN\n3;0,125;0,5\n")
    plain = command(tmp_path, "inspect", ".", "--format", form)
    other = command(tmp_path, "inspect", ".", "--format", form, env=env)
    assert (plain.returncode, other.returncode) == (1, 1)
    assert "Traceback" not in other.stderr
    if "COLUMNS" not in env:
        assert other.stdout.encode("ascii", "replace") == plain.stdout.encode("ascii", "replace")


def test_the_clock_may_stand_at_1970(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    code = (
        "import time, sys; time.time = lambda: 0.0; time.time_ns = lambda: 0;"
        "from hparam_ci.cli import main; sys.exit(main(['inspect', 'good.csv', '--format', 'json']))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == command(tmp_path, "inspect", "good.csv", "--format", "json").stdout
