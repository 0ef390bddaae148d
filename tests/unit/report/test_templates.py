"""No expression of a template can bypass the sanitiser: read from the templates' syntax, and from what they print."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jinja2 import nodes
from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from hparam_ci.report import pieces, render
from hparam_ci.report.sanitize import Markdown
from tests.unit.report.making import inspected, sick

# Filters of Jinja that return plain text or values. What the others return may count as safe (`safe`, `escape`,
# `replace`, `format`, `indent`, …), so that text inside would pass as it is.
PLAIN = frozenset({"length", "join", "select"})
OWN = frozenset(
    "code html share rate_title plural lost allowed why codes severities ratio counted interval condition leading "
    "difference p_value cited evidence among".split()
)
# Macros and functions that a template may call. All but the macros return plain text or our own Markdown.
MODULES = frozenset({"sections", "words", "outlook"})
CALLS = frozenset({"heat_row", "heat_tables", "mark", "peak_text", "worth_drawing", "span", "spark", "panels"})
METHODS = frozenset({"items", "get"})


# The page's templates, sorted before those of Markdown, and what they may use: there too nothing that counts as safe.
HTML = ["body.html.j2", "fragment.html.j2", "parts.html.j2", "report.html.j2"]
HTML_FILTERS = PLAIN | frozenset("selectattr list rate_title rate plural lost allowed why counted".split())


def templates() -> list[str]:
    return render.environment().list_templates(extensions=["j2"])


def parsed(name: str) -> nodes.Template:
    environment = render.environment()
    assert environment.loader
    source, _, _ = environment.loader.get_source(environment, name)
    return environment.parse(source)


def macros() -> set[str]:
    return {macro.name for name in templates() for macro in parsed(name).find_all(nodes.Macro)}


def test_the_templates_are_the_known_ones() -> None:
    assert templates() == [*HTML, "report.md.j2", "sections.md.j2"]


@pytest.mark.parametrize("name", ["report.md.j2", "sections.md.j2"])
def test_expressions_use_only_what_returns_plain_text_or_our_own_markdown(name: str) -> None:
    tree = parsed(name)
    assert {found.name for found in tree.find_all(nodes.Filter)} <= PLAIN | OWN
    assert not list(tree.find_all((nodes.MarkSafe, nodes.MarkSafeIfAutoescape, nodes.ScopedEvalContextModifier)))
    assert not list(tree.find_all((nodes.CallBlock, nodes.FilterBlock, nodes.Include, nodes.Extends)))
    assert {called(call) for call in tree.find_all(nodes.Call)} <= CALLS | METHODS | macros() | {"words.*"}


@pytest.mark.parametrize("name", HTML)
def test_expressions_of_the_page_use_only_what_is_escaped(name: str) -> None:
    tree = parsed(name)
    assert {found.name for found in tree.find_all(nodes.Filter)} <= HTML_FILTERS
    assert not list(tree.find_all((nodes.MarkSafe, nodes.MarkSafeIfAutoescape, nodes.ScopedEvalContextModifier)))
    assert not list(tree.find_all((nodes.CallBlock, nodes.FilterBlock, nodes.Extends, nodes.Concat)))
    assert all(isinstance(one.right, nodes.Const) and one.right.value == 3 for one in tree.find_all(nodes.Mod))


def called(call: nodes.Call) -> str:
    """The name of what is called; the functions of `words` and `outlook` as one."""
    target = call.node
    if isinstance(target, nodes.Name):
        return target.name
    assert isinstance(target, nodes.Getattr)
    owner = target.node.name if isinstance(target.node, nodes.Name) else ""
    return "words.*" if owner in ("words", "outlook") else target.attr


@pytest.mark.parametrize("name", ["report.md.j2", "sections.md.j2"])
def test_texts_are_glued_only_before_a_sanitiser(name: str) -> None:
    """`~` escapes for HTML and calls the result safe where one side is: only plain sides, inside a filter, may meet."""
    tree = parsed(name)
    filtered = {id(glue) for one in tree.find_all(nodes.Filter) for glue in one.find_all(nodes.Concat)}
    assert {id(glue) for glue in tree.find_all(nodes.Concat)} <= filtered
    assert not list(tree.find_all((nodes.Add, nodes.Mod, nodes.Mul)))


def test_words_return_no_markup() -> None:
    from hparam_ci.report import charts, outlook, words

    for module in (charts, outlook, words):
        assert "Markup" not in vars(module)
        assert "Markdown" not in vars(module)


def test_only_our_own_markdown_passes_and_all_else_is_sanitised() -> None:
    render_text = render.environment().from_string
    assert render_text("{{ x }}").render(x="*a* <b>") == "&#42;a&#42; &#60;b&#62;"
    assert render_text("{{ x }}").render(x=Markdown("*a*")) == "*a*"
    assert render_text("{{ x }} {{ y }} {{ z }}").render(x=1, y=None, z=["<b>"]) == "1 None &#91;'&#60;b&#62;'&#93;"
    assert render_text("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(x) }}").render(x="<b>") == "&#60;b&#62;"


def test_what_a_template_does_not_know_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render.environment().from_string("{{ nothing }}").render()


def test_constants_handed_to_templates_are_short_and_ours() -> None:
    found = {name: value for name, value in render.environment().globals.items() if isinstance(value, Markup)}
    assert set(found) == {"H3", "H4", "LEGEND", "HEAT_LEGEND"}
    assert all(isinstance(icon, Markdown) for icon in pieces.ICONS.values())


def test_a_template_in_the_data_is_not_run() -> None:
    it = inspected("pass", sick("{{ 7 * 7 }}.csv"), title="{{ 7 * 7 }} {% raw %}")
    text = render.comment(it).text
    assert "{{ 7 &#42; 7 }} {% raw %}" in text
    assert "49" not in text


def lines(text: str) -> Iterator[str]:
    return iter(text.splitlines())


def test_no_line_ends_in_space_and_no_blank_line_is_doubled() -> None:
    text = render.report(inspected("fail", sick("a.csv"), sick("b.csv")))
    assert "\n\n\n" not in text
    assert not [line for line in lines(text) if line.endswith("  ")]


def test_every_table_has_as_many_cells_in_each_row_as_its_header() -> None:
    from hparam_ci.pipeline import inspect
    from tests.conftest import EXAMPLES

    text = render.report(inspect(["*.csv"], root=EXAMPLES))
    lines = text.splitlines()
    tables = [i for i, line in enumerate(lines) if line.startswith("|:-")]
    assert len(tables) > 10
    for i in tables:
        cells = lines[i].count("|")
        assert "| |" not in lines[i]
        assert lines[i - 1].count("|") == cells
        for row in lines[i + 1 :]:
            if not row.startswith("|"):
                break
            assert row.count("|") == cells, row
