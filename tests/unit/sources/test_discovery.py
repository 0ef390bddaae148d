from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.errors import SettingsError
from hparam_ci.sources.discovery import PRUNED, Discovery, PatternMatch, Skipped, find


def grow(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"lr,loss\n")


def look(root: Path, *patterns: str, max_files: int = 100, max_file_bytes: int = 1000) -> Discovery:
    return find(patterns, root, max_files=max_files, max_file_bytes=max_file_bytes)


def names(found: Discovery) -> list[str]:
    return [file.as_posix() for file in found.files]


TREE = ("a.csv", "b.tsv", "runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv", "runs/A.CSV", "old/runs/a.csv")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*.csv"], ["a.csv"]),
        (["*"], ["a.csv", "b.tsv"]),
        (["?.tsv", "[ab].csv"], ["a.csv", "b.tsv"]),
        (["[!b].*"], ["a.csv"]),
        (["runs/*.csv"], ["runs/a.csv"]),
        (["runs/*"], ["runs/A.CSV", "runs/a.csv"]),
        (["runs/*.CSV"], ["runs/A.CSV"]),
        (["RUNS/*.csv"], []),
        (["**/*.csv"], ["a.csv", "old/runs/a.csv", "runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv"]),
        (["runs/**/*.csv"], ["runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv"]),
        (["runs/**"], ["runs/A.CSV", "runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv"]),
        (["runs/**/**/b.csv"], ["runs/one/two/b.csv"]),
        (["**/runs/*.csv"], ["old/runs/a.csv", "runs/a.csv"]),
        (["runs"], ["runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv"]),
        (["./runs//one/"], ["runs/one/a.csv", "runs/one/two/b.csv"]),
        (["*/one/"], ["runs/one/a.csv", "runs/one/two/b.csv"]),
        (["runs/a.csv", "runs/*.csv", "runs"], ["runs/a.csv", "runs/one/a.csv", "runs/one/two/b.csv"]),
        (["**"], sorted(TREE, key=lambda path: path.split("/"))),
        (["**/*.csv", "!runs"], ["a.csv", "old/runs/a.csv"]),
        (["!**/one/**", "runs"], ["runs/a.csv"]),
        (["runs", "!runs/*"], ["runs/one/a.csv", "runs/one/two/b.csv"]),
        (["runs", "!runs/*/"], ["runs/a.csv"]),
        (["**/*.csv", "!.", "!x"], []),
        (["*.csv\n\n  runs/*.csv  \r\n!a.csv"], ["runs/a.csv"]),
        (["nothing/*.csv", "runs/one*.csv"], []),
    ],
)
def test_patterns_name_files(tmp_path: Path, patterns: list[str], expected: list[str]) -> None:
    grow(tmp_path, *TREE)
    assert names(look(tmp_path, *patterns)) == expected


def test_dot_stands_for_the_workspace(tmp_path: Path) -> None:
    grow(tmp_path, "a.csv", "b.tsv", "c.json", "runs/a.csv", ".venv/a.csv")
    assert names(look(tmp_path, ".")) == ["a.csv", "b.tsv", "runs/a.csv"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.{csv,tsv}", ["a.csv", "b.tsv", "{a}.csv"]),
        ("{runs,x}/*.{csv,tsv}", ["runs/a.csv"]),
        ("{a}.csv", ["{a}.csv"]),
        ("[{]a}.csv", ["{a}.csv"]),
    ],
)
def test_braces_with_a_comma_stand_for_either(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    grow(tmp_path, "a.csv", "b.tsv", "runs/a.csv", "{a}.csv")
    assert names(look(tmp_path, pattern)) == expected


def test_a_store_is_one_file_and_a_foreign_database_none(tmp_path: Path) -> None:
    grow(tmp_path, "runs/exp/t1/progress.csv", "runs/a.csv", "mlflow.db", "app.db")

    def is_store(path: Path) -> bool:
        return path.name in ("exp", "mlflow.db")

    def found(*patterns: str) -> Discovery:
        return find(patterns, tmp_path, max_files=9, max_file_bytes=9, is_store=is_store)

    assert names(found(".")) == ["mlflow.db", "runs/a.csv", "runs/exp"]
    assert names(found("**/*.{csv,db}", "!mlflow.db")) == ["runs/a.csv", "runs/exp"]
    assert names(found("runs/exp")) == ["runs/exp"]
    assert names(found("runs/exp/*/*.csv")) == ["runs/exp/t1/progress.csv"]
    assert found(".").skipped == (Skipped("app.db", "a database that no known tool wrote"),)
    assert names(found("app.db")) == ["app.db"], "what is named is read, and said to be no sweep"


def test_files_are_relative_and_sorted_folder_by_folder(tmp_path: Path) -> None:
    grow(tmp_path, "a-b/x.csv", "a/x.csv", "a.csv", "B.csv")
    assert look(tmp_path, "**/*.csv").files == (
        Path("B.csv"),
        Path("a/x.csv"),
        Path("a-b/x.csv"),
        Path("a.csv"),
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**/*.csv", ["runs/a.csv"]),
        ("**/.venv/**/*.csv", [".venv/lib/a.csv"]),
        ("**/site-packages/*.csv", ["lib/site-packages/a.csv"]),
        (".venv/**/*.csv", [".venv/lib/a.csv"]),
        ("*/*/*.csv", [".venv/lib/a.csv", "lib/site-packages/a.csv", "runs/node_modules/a.csv"]),
        ("runs/**/*.csv", ["runs/a.csv", "runs/node_modules/a.csv"]),
        (".git/**", []),
        ("**/.git/**", []),
    ],
)
def test_leading_stars_pass_by_hidden_folders(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    grow(
        tmp_path,
        "runs/a.csv",
        ".git/a.csv",
        "runs/.git/a.csv",
        ".venv/lib/a.csv",
        "runs/node_modules/a.csv",
        "lib/site-packages/a.csv",
    )
    assert names(look(tmp_path, pattern)) == expected


def test_hidden_files_are_files(tmp_path: Path) -> None:
    grow(tmp_path, ".a.csv")
    assert names(look(tmp_path, "**/*.csv")) == [".a.csv"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("/etc/*.csv", "absolute"),
        ("!/etc/*.csv", "absolute"),
        ("~/a.csv", "absolute"),
        ("C:/runs/*.csv", "absolute"),
        ("../a.csv", "`..`"),
        ("runs/../../a.csv", "`..`"),
        ("**/..", "`..`"),
        ("runs\\*.csv", "backslash"),
        ("a\0.csv", "NUL"),
        ("!", "empty"),
    ],
)
def test_patterns_that_lead_outside_are_refused(tmp_path: Path, pattern: str, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        look(tmp_path, "*.csv", pattern)
    assert pattern in str(caught.value)
    assert why in str(caught.value)
    assert "relative" in str(caught.value)


@pytest.mark.parametrize("patterns", [[], [""], ["\n \n"], ["!a.csv"]])
def test_at_least_one_pattern_is_needed(tmp_path: Path, patterns: list[str]) -> None:
    with pytest.raises(SettingsError, match="no file pattern"):
        look(tmp_path, *patterns)


def test_the_workspace_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        look(tmp_path / "gone", "*.csv")


def test_each_pattern_says_how_many_files_it_matched(tmp_path: Path) -> None:
    grow(tmp_path, *TREE)
    assert look(tmp_path, "**/*.csv", "runs/*.csv", "*.json", "!runs/a.csv", "!nothing").patterns == (
        PatternMatch("**/*.csv", 5),
        PatternMatch("runs/*.csv", 1),
        PatternMatch("*.json", 0),
        PatternMatch("!runs/a.csv", 1),
        PatternMatch("!nothing", 0),
    )


def test_links_are_reported_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "work"
    grow(outside, "secret.csv")
    grow(root, "runs/a.csv")
    (root / "file.csv").symlink_to(outside / "secret.csv")
    (root / "inside.csv").symlink_to("runs/a.csv")
    (root / "broken.csv").symlink_to("gone.csv")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(".")
    (root / "other.txt").symlink_to("runs/a.csv")
    found = look(root, "**/*.csv")
    assert names(found) == ["runs/a.csv"]
    assert found.skipped == (
        Skipped("broken.csv", "symbolic link, not followed"),
        Skipped("file.csv", "symbolic link, not followed"),
        Skipped("folder", "symbolic link to a folder, not followed"),
        Skipped("inside.csv", "symbolic link, not followed"),
        Skipped("loop", "symbolic link to a folder, not followed"),
    )
    assert found.patterns == (PatternMatch("**/*.csv", 1),)
    assert names(look(root, "folder/*.csv", "folder/secret.csv", "folder")) == []
    assert look(root, "*.csv", "!*.csv").skipped == ()


def test_pipes_and_sockets_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.csv")
        found = look(tmp_path, "*.csv")
    assert found.files == ()
    assert found.skipped == (
        Skipped("pipe.csv", "not a regular file"),
        Skipped("socket.csv", "not a regular file"),
    )


def test_what_is_over_the_limits_is_said(tmp_path: Path) -> None:
    grow(tmp_path, "a.csv", "b.csv", "c.csv", "d.csv")
    (tmp_path / "b.csv").write_bytes(b"x" * 1001)
    found = look(tmp_path, "*.csv", max_files=2)
    assert names(found) == ["a.csv", "c.csv"]
    assert found.skipped == (
        Skipped("b.csv", "1,001 bytes, the limit is 1,000", "over_cap"),
        Skipped("d.csv", "more than 2 files", "over_cap"),
    )
    assert found.patterns == (PatternMatch("*.csv", 4),)


def test_unreadable_folders_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path, "a/a.csv", "b/b.csv", "c.csv")
    scandir = os.scandir

    def guarded(folder: Path) -> object:
        if Path(folder).name == "a":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    found = look(tmp_path, "**/*.csv")
    assert names(found) == ["b/b.csv", "c.csv"]
    assert found.skipped == (Skipped("a", "cannot be read: Permission denied", "unreadable"),)


def test_folders_that_no_pattern_reaches_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path, "runs/one/a.csv", "runs/one/deep/a.csv", "data/a.csv", "node_modules/a.csv")
    opened = []
    scandir = os.scandir

    def noting(folder: Path) -> object:
        opened.append(Path(folder).relative_to(tmp_path).as_posix())
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", noting)
    look(tmp_path, "runs/*/*.csv")
    assert sorted(opened) == [".", "runs", "runs/one"]
    opened.clear()
    look(tmp_path, "**/*.csv")
    assert sorted(opened) == [".", "data", "runs", "runs/one", "runs/one/deep"]


def test_names_that_are_not_utf8_are_said(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"")
    found = look(tmp_path, "*.csv")
    assert found.files == ()
    assert found.skipped == (Skipped("caf\\udce9.csv", "its name is not UTF-8"),)


NAMES = st.sampled_from(["a", "b", "ab", "a.csv", "b.csv", ".a", "node_modules", "[a]", "a b"])
SEGMENTS = st.sampled_from(["a", "b", "*", "?", "a*", "*.csv", "[ab]*", "[!a]*", "**", ".a", "[[]a]", "a b"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(SEGMENTS, min_size=1, max_size=4).filter(lambda names: names[-1] != "**").map("/".join)


def brute_force(root: Path, pattern: str, *, excludes: bool) -> set[Path]:
    if not set(pattern) & set("*?[") and (root / pattern).is_dir():
        pattern += "/**/*" if excludes else "/**/*.csv"  # the only readable ending among NAMES
    files = {file.relative_to(root) for file in root.glob(pattern) if file.is_file()}
    if excludes or not pattern.startswith("**"):
        return files
    named = PurePosixPath(pattern).parts
    return {
        file
        for file in files
        if all(part in named or not (part.startswith(".") or part in PRUNED) for part in file.parent.parts)
    }


@settings(max_examples=200, deadline=None)
@given(
    paths=st.lists(PATHS, max_size=12),
    includes=st.lists(PATTERNS, min_size=1, max_size=3),
    excludes=st.lists(PATTERNS, max_size=2),
)
def test_find_agrees_with_pathlib(paths: list[str], includes: list[str], excludes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in paths:
            if not any(part.is_file() for part in (root / path).parents) and not (root / path).exists():
                grow(root, path)
        found = find([*includes, *("!" + pattern for pattern in excludes)], root, max_files=99, max_file_bytes=99)
        expected = set[Path]().union(*(brute_force(root, pattern, excludes=False) for pattern in includes))
        for pattern in excludes:
            expected -= brute_force(root, pattern, excludes=True)
        assert found.files == tuple(sorted(expected))
        assert found.skipped == ()
