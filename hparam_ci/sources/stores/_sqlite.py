"""SQLite files, read and never written: no lock, no journal, no migration."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hparam_ci.sources.decode import UnreadableError

Row = tuple[Any, ...]


class Database:
    """An open database; `rows` runs one query."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a query.

        Raises:
            UnreadableError: the file is damaged, or lacks a table or column.
        """
        try:
            return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeDecodeError, MemoryError) as error:  # a damaged length
            raise _unreadable(error) from error


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """A database, read-only.

    Raises:
        UnreadableError: it cannot be opened.
    """
    # Without a write-ahead log nothing of the content is elsewhere, and an immutable file needs no lock.
    has_log = path.with_name(path.name + "-wal").exists()
    address = f"file:{quote(str(path.absolute()))}?mode=ro{'' if has_log else '&immutable=1'}"
    try:
        connection = sqlite3.connect(address, uri=True)
    except sqlite3.Error as error:
        raise _unreadable(error) from error
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    with closing(connection):
        yield Database(connection)


def table_names(path: Path) -> set[str]:
    """The names of the tables.

    Raises:
        UnreadableError: no SQLite database, or a damaged one.
    """
    with opened(path) as database:
        return {str(name) for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _unreadable(error: Exception) -> UnreadableError:
    return UnreadableError(
        f"a database that cannot be read ({str(error) or type(error).__name__})",
        "Copy it again while nothing writes to it.",
    )


def number(value: object) -> float | None:
    """A number as it stands in a column of numbers; SQLite lets anything stand there."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
