"""The log obeys nobody but us, and the runner reads back exactly the outputs that were written."""

import io
import re
import stat
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.github import commands
from hparam_ci.github.commands import Log, RunnerFileError, neutralise, write_outputs, write_summary

HOSTILE = [
    "::set-output name=status::pass",
    "  \t::add-mask::the",
    "\u00a0\u2003::error::x",
    "\u200b::error::looks like nothing before it",
    ":\u200b:error::x",
    ":\u00ad:error::x",
    "ok ##[error]x",
    "ok ##\u200d[group]x",
    "#\ufe0f#[group]x",
    "###[warning]x",
    "a\n::error::x",
    "a\r::error::x",
    "a\r\n##[set-env name=PATH]x",
    "\x1b[31mred\x1b[0m",
    "\u202egnirts",
    "100% sure,a:b%0A",
    "\ud800",
    "::",
    ":::::",
    "",
]
hostile_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from(" \t:#[]=%,;\n\r\u200b\u00ad\u2028\u0085ab"), max_size=40),
    st.text(st.characters(), max_size=200),
    st.builds("".join, st.lists(st.sampled_from(HOSTILE), max_size=5)),
)


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def unescape(text: str, *, is_property: bool) -> str:
    for escaped, character in (("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escaped, character)
    if is_property:
        text = text.replace("%3A", ":").replace("%2C", ",")
    return text.replace("%25", "%")


def parse(line: str) -> Command | None:
    """Read a line as actions/runner's ``ActionCommand.cs`` does, and a little more eagerly.

    Any name counts as a registered command, and ignorable characters are looked through.
    """
    line = "".join(c for c in line if unicodedata.category(c) not in {"Cf", "Cc"} and c != "\ufe0f")
    trimmed = line.lstrip()
    if trimmed.startswith("::") and (end := trimmed.find("::", 2)) >= 0:
        name, _, properties = trimmed[2:end].partition(" ")
        pairs = [pair.split("=", 1) for pair in properties.strip().split(",") if "=" in pair]
        values = {key: unescape(value, is_property=True) for key, value in pairs}
        return Command(name, values, unescape(trimmed[end + 2 :], is_property=False))
    if (start := line.find("##[")) >= 0 and (end := line.find("]", start)) >= 0:
        return Command(line[start + 3 : end].partition(" ")[0], {}, line[end + 1 :])
    return None


def logged(write: Callable[[Log], object], *, on_actions: bool = True, verbose: bool = False) -> list[str]:
    """The lines as the runner splits them: at CR, LF and CRLF."""
    stream = io.StringIO()
    write(Log(stream, on_actions=on_actions, verbose=verbose))
    text = stream.getvalue()
    assert text == "" or text.endswith("\n")
    return re.split(r"\r\n|\r|\n", text)[:-1]


class TestNeutralise:
    @given(hostile_text)
    def test_is_no_command(self, text: str) -> None:
        line = neutralise(text)
        assert parse(line) is None
        assert "##[" not in line
        assert not line.lstrip().startswith("::")

    @given(hostile_text)
    def test_is_one_printable_line(self, text: str) -> None:
        line = neutralise(text)
        assert len(line.splitlines()) <= 1
        assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
        assert not [c for c in line if unicodedata.bidirectional(c) in {"LRE", "RLO", "RLI", "PDI", "PDF"}]

    @given(hostile_text)
    def test_is_stable(self, text: str) -> None:
        assert neutralise(neutralise(text)) == neutralise(text)

    @given(st.text(st.characters(categories=["L", "N"]), max_size=100))
    def test_leaves_words_alone(self, text: str) -> None:
        text = "".join(c for c in text if c not in "\u115f\u1160\u3164\uffa0")
        assert neutralise(text) == text

    def test_shows_what_it_replaced(self) -> None:
        assert neutralise("a\x1b[31m\u202eb\nc") == r"a\x1b[31m\u202eb\nc"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [("::error::x", ": :error::x"), ("  ::group::", "  : :group::"), ("ok ##[error]x", "ok ## [error]x")],
    )
    def test_breaks_a_command_by_a_space(self, text: str, shown: str) -> None:
        assert neutralise(text) == shown

    @pytest.mark.parametrize("length", [4_095, 4_096])
    def test_keeps_what_fits(self, length: int) -> None:
        assert neutralise("x" * length) == "x" * length

    @pytest.mark.parametrize("text", ["x" * 4_097, "\x00" * 4_000, "::" + "x" * 4_094, "##[" * 2_000])
    def test_cuts_at_the_runners_length(self, text: str) -> None:
        line = neutralise(text)
        assert len(line) == 4_096
        assert line.endswith("…")


class TestLog:
    @given(hostile_text, hostile_text, hostile_text)
    def test_text_stays_data(self, message: str, title: str, file: str) -> None:
        def write(log: Log) -> None:
            log.info(message)
            log.debug(message)
            log.notice(message, title=title)
            log.warning(message, file=file, line=3)
            log.error(message, title=title, file=file, line=1)
            with log.group(title):
                pass

        found = [parse(line) for line in logged(write)]
        names = [command.name if command else None for command in found]
        assert names == [None, "debug", "notice", "warning", "error", "group", "endgroup"]
        error = found[4]
        assert error is not None
        assert error.properties.get("line") == "1"
        assert error.properties.get("title", "") == neutralise(title)
        assert error.properties.get("file", "") == neutralise(file)
        assert error.data == neutralise(message)

    @given(hostile_text)
    def test_plain_lines_are_no_commands(self, text: str) -> None:
        def write(log: Log) -> None:
            log.info(text)
            log.debug(text)
            log.error(text, title=text, file=text, line=1)
            with log.group(text):
                log.warning(text)

        lines = logged(write, on_actions=False, verbose=True)
        assert len(lines) == 5
        assert [line for line in lines if parse(line)] == []

    def test_commands(self) -> None:
        def write(log: Log) -> None:
            log.warning("50% of a,b: NaN", title="HP101: nan", file="a,b/x:y.csv", line=4)

        assert logged(write) == [
            "::warning title=HP101%3A nan,file=a%2Cb/x%3Ay.csv,line=4::50%25 of a,b: NaN",
        ]

    @pytest.mark.parametrize("level", ["notice", "warning", "error"])
    def test_every_level_has_its_place(self, level: str) -> None:
        def write(log: Log) -> None:
            getattr(log, level)("bad", title="T", file="a.csv", line=4)

        assert logged(write) == [f"::{level} title=T,file=a.csv,line=4::bad"]
        assert logged(write, on_actions=False) == [f"{level} [a.csv:4]: T: bad"]

    def test_a_line_is_what_was_said(self) -> None:
        assert logged(lambda log: log.info("hello")) == ["hello"]

    def test_where_an_error_came_from_is_for_verbose_logs(self) -> None:
        def write(log: Log) -> None:
            try:
                raise ValueError("boom")
            except ValueError as error:
                log.traceback(error)

        lines = logged(write, on_actions=False, verbose=True)
        assert lines[0] == "debug: Traceback (most recent call last):"
        assert lines[-1] == "debug: ValueError: boom"
        assert logged(write, on_actions=False) == []

    @pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "No space left"), ValueError("closed file")])
    def test_a_log_that_cannot_be_written_stops_nothing(self, error: Exception) -> None:
        class Broken(io.StringIO):
            def write(self, text: str) -> int:
                raise error

        log = Log(Broken(), on_actions=True)
        log.info("hello")
        log.error("bad")
        log.finish()

    def test_it_is_quiet_unless_it_is_asked_to_be_verbose(self) -> None:
        stream = io.StringIO()
        Log(stream, on_actions=False).debug("d")
        assert stream.getvalue() == ""

    def test_command_without_properties(self) -> None:
        assert logged(lambda log: log.notice("hello")) == ["::notice::hello"]

    @pytest.mark.parametrize(
        ("file", "line", "expected"),
        [
            (None, None, "error: T: bad"),
            ("a.csv", None, "error [a.csv]: T: bad"),
            ("a.csv", 4, "error [a.csv:4]: T: bad"),
        ],
    )
    def test_plain(self, file: str | None, line: int | None, expected: str) -> None:
        lines = logged(lambda log: log.error("bad", title="T", file=file, line=line), on_actions=False)
        assert lines == [expected]

    def test_ten_annotations_a_level_and_the_rest_is_said(self) -> None:
        def write(log: Log) -> None:
            for number in range(12):
                log.error(f"e{number}")
            for number in range(10):
                log.warning(f"w{number}")
                log.notice(f"n{number}")
            log.finish()

        lines = logged(write)
        assert sum(line.startswith("::notice") for line in lines) == 10
        assert sum(line.startswith("::error") for line in lines) == 10
        assert sum(line.startswith("::warning") for line in lines) == 10
        assert lines[10:12] == ["error: e10", "error: e11"]
        assert lines[-1].startswith("2 of 12 errors are in this log only")

    def test_no_cap_outside_actions(self) -> None:
        def write(log: Log) -> None:
            for _ in range(12):
                log.error("e")
            log.finish()

        assert logged(write, on_actions=False) == ["error: e"] * 12

    def test_group_closes_after_an_error(self) -> None:
        stream = io.StringIO()
        log = Log(stream, on_actions=True)
        with pytest.raises(RuntimeError), log.group("files"):
            raise RuntimeError
        assert stream.getvalue() == "::group::files\n::endgroup::\n"

    def test_debug(self) -> None:
        assert logged(lambda log: log.debug("d")) == ["::debug::d"]
        assert logged(lambda log: log.debug("d"), verbose=True) == ["debug: d"]
        assert logged(lambda log: log.debug("d"), on_actions=False) == []

    def test_mask_line_by_line(self) -> None:
        masked = logged(lambda log: log.mask("one%\r\n\n  \ntwo::x"))
        assert masked == ["::add-mask::one%25", "::add-mask::two::x"]
        assert [command.data for line in masked if (command := parse(line))] == ["one%", "two::x"]

    def test_no_secret_is_printed_outside_actions(self) -> None:
        assert logged(lambda log: log.mask("s3cret"), on_actions=False) == []


def read_outputs(text: str) -> dict[str, str]:
    """Read an output file as actions/runner's ``FileCommandManager.cs`` does on Linux."""
    outputs: dict[str, str] = {}
    index = 0

    def read_line() -> str | None:
        nonlocal index
        if index >= len(text):
            return None
        end = text.find("\n", index)
        line = text[index:] if end < 0 else text[index:end]
        index = len(text) if end < 0 else end + 1
        return line

    while (line := read_line()) is not None:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
            outputs[name] = value
            continue
        assert heredoc > 0, f"invalid format {line!r}"
        name, _, delimiter = line.partition("<<")
        assert delimiter
        start, end = index, index
        while (inner := read_line()) != delimiter:
            assert inner is not None, "matching delimiter not found"
            end = index - 1
        outputs[name] = text[start:end] if end > start else ""
    return outputs


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,10}", fullmatch=True)
values = st.one_of(
    hostile_text.map(lambda text: text.encode("utf-8", "replace").decode()),
    st.sampled_from(["", "\n", "a\nb\n", "x=1", "EOF\nstatus=pass", "a<<b\nc\nb", "\r\n", "é✓"]),
)


class TestOutputs:
    @settings(deadline=None)
    @given(st.dictionaries(names, values, max_size=6))
    def test_round_trip(self, outputs: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "set_output")
            path.write_bytes(b"earlier=1\n")
            write_outputs(path, outputs)
            assert read_outputs(path.read_bytes().decode()) == {"earlier": "1", **outputs}

    @pytest.mark.parametrize("name", ["", "a b", "a=b", "a<<b", "a\nb", "1a", "-a", "ä", "a\n"])
    def test_refuses_what_is_no_name(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="not the name of an output"):
            write_outputs(tmp_path / "out", {"fine": "1", name: "x"})
        assert not (tmp_path / "out").exists()

    def test_delimiter_is_128_random_bits_and_new_each_time(self, tmp_path: Path) -> None:
        write_outputs(tmp_path / "out", {"a": "1", "b": "2"})
        delimiters = re.findall(r"<<([0-9a-f]{32})$", (tmp_path / "out").read_text(), re.MULTILINE)
        assert len(set(delimiters)) == 2

    def test_refuses_a_value_with_its_delimiter(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands.secrets, "token_hex", lambda _bytes: "ab" * 16)
        with pytest.raises(ValueError, match="holds its random delimiter"):
            write_outputs(tmp_path / "out", {"a": "x\n" + "ab" * 16})

    def test_lone_surrogates_do_not_stop_it(self, tmp_path: Path) -> None:
        write_outputs(tmp_path / "out", {"a": "x\udcffy"})
        assert read_outputs((tmp_path / "out").read_text()) == {"a": "x?y"}

    @pytest.mark.parametrize("path", ["", "missing/out", "."])
    def test_says_when_it_cannot_write(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(RunnerFileError, match="cannot write"):
            write_outputs(path, {"a": "1"})

    @pytest.mark.parametrize(
        ("error", "said"), [(OSError(28, "No space left"), "No space left"), (OSError(), "OSError")]
    )
    def test_says_why_it_cannot_write(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
    ) -> None:
        def full(*_: object) -> None:
            raise error

        monkeypatch.setattr(commands, "append", full)
        with pytest.raises(RunnerFileError, match=f"cannot write .*: {said}$"):
            write_outputs(tmp_path / "out", {"a": "1"})


class TestSummary:
    def test_appends(self, tmp_path: Path) -> None:
        path = tmp_path / "summary"
        write_summary(path, "# é\n")
        write_summary(path, "more\n")
        assert path.read_text(encoding="utf-8") == "# é\nmore\n"

    def test_takes_all_that_the_runner_takes_and_no_byte_more(self, tmp_path: Path) -> None:
        path = tmp_path / "summary"
        write_summary(path, "é" * (1_048_576 // 2))
        assert path.stat().st_size == 1_048_576
        with pytest.raises(RunnerFileError, match="1048577 bytes"):
            write_summary(path, "x")
        assert path.stat().st_size == 1_048_576

    def test_keeps_the_files_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "summary"
        path.touch(mode=0o644)
        write_summary(path, "x")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def test_says_when_it_cannot_write(self, tmp_path: Path) -> None:
        with pytest.raises(RunnerFileError, match="cannot write"):
            write_summary(tmp_path, "x")


def test_ten_annotations_are_no_reason_to_speak_of_more() -> None:
    stream = io.StringIO()
    log = Log(stream, on_actions=True)
    for _ in range(10):
        log.error("x")
    log.finish()
    assert "in this log only" not in stream.getvalue()
