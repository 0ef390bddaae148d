"""Which folders may be read, and where a path lies in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hparam_ci.errors import UserError
from hparam_ci.mcp_server.roots import allowed, from_uri, locate


def test_what_is_allowed(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    (tmp_path / "link").symlink_to(two)
    assert allowed([], [], one) == (one,)
    assert allowed([], [two.as_uri(), "https://x/y", "file://elsewhere/x"], one) == (two,)
    assert allowed([one, tmp_path / "link"], [tmp_path.as_uri()], two) == (one, two)
    assert allowed([], [(tmp_path / "gone").as_uri(), two.as_uri()], one) == (two,)
    for given_, announced, working in (
        ([tmp_path / "gone"], [], one),
        ([one, tmp_path / "gone"], [], one),
        ([], [(one / "gone").as_uri()], one),
        ([], [], Path("/")),
    ):
        with pytest.raises(UserError, match="--root"):
            allowed(given_, announced, working)


def test_addresses_of_files() -> None:
    assert from_uri("file:///a%20b/c.csv") == Path("/a b/c.csv")
    assert from_uri("file://localhost/x") == Path("/x")
    for address in ("http://x/y", "file://host/x", "/x", "file:", "file:///a%00b", ""):
        assert from_uri(address) is None, address


PARTS = st.sampled_from(
    [
        "..",
        ".",
        "in",
        "out",
        "deep",
        "file.csv",
        "link",
        "ring",
        "/",
        "//",
        "\\",
        "~",
        " ",
        "%2e%2e",
        "file:",
        "x" * 5000,
        "\ud800",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30), st.lists(PARTS, max_size=6).map("/".join), st.lists(PARTS, max_size=6).map("".join)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(text=TEXTS, absolute=st.booleans(), uri=st.booleans())
def test_no_text_leads_out(tmp_path: Path, text: str, absolute: bool, uri: bool) -> None:
    root, secret = tmp_path / "in", tmp_path / "out"
    for folder in (root / "deep", secret):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file.csv").touch()
    for link, target in (("link", secret), ("ring", root / "ring"), ("deep/link", root / "deep" / "file.csv")):
        if not (root / link).is_symlink():
            (root / link).symlink_to(target)
    text = f"{tmp_path}/{text}" if absolute else text
    text = f"file://{text}" if uri else text
    try:
        found, below = locate(text, [root])
    except UserError:
        return
    assert found == root
    assert not {"..", ""} & set(Path(below).parts)
    assert Path(os.path.realpath(root / below)).is_relative_to(root)
    assert (root / below).exists()


def test_a_path_is_found_in_the_root_that_has_it(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "one" / "two"
    two.mkdir(parents=True)
    (two / "x.csv").touch()
    (one / "y.csv").touch()
    assert locate("x.csv", [one, two]) == (two, "x.csv")
    assert locate("y.csv", [two, one]) == (one, "y.csv")
    assert locate("two/x.csv", [one]) == (one, "two/x.csv")
    assert locate(".", [one]) == (one, ".")
    with pytest.raises(UserError, match="does not exist below"):
        locate("z.csv", [one])
