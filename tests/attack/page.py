"""A Markdown text as the page that a reader sees: tags, attributes and text, from every renderer at hand."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser

from markdown_it import MarkdownIt

# Attributes that Markdown itself writes: column alignment and the like.
OWN_ATTRIBUTES = {("th", "style"), ("td", "style"), ("th", "align"), ("td", "align"), ("ol", "start")}
EXTENSIONS = ("table", "strikethrough", "autolink", "tagfilter", "tasklist", "footnotes")
CMARK = shutil.which("cmark-gfm")


class Page(HTMLParser):
    """What the renderer made of a text.

    Attributes:
        tags: start tags in order, without the `<span>` that holds a dollar sign.
        attributes: (tag, name) of all attributes but those that Markdown itself writes.
        prose: text outside code.
        text: all text, a zero-width space being nothing.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.prose = ""
        self.text = ""
        self.comments: list[str] = []
        self._code = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "span":
            self.tags.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs} - OWN_ATTRIBUTES
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += data.replace("\u200b", "")
        if not self._code:
            self.prose += data


def pages(markdown: str) -> list[Page]:
    """The page of each renderer: CommonMark with tables, and GitHub's published parser where it is installed."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = [Page(parser.render(markdown))]
    if CMARK:
        named = [word for name in EXTENSIONS for word in ("-e", name)]
        done = subprocess.run([CMARK, "--unsafe", *named], input=markdown.encode(), capture_output=True, check=True)
        found.append(Page(done.stdout.decode()))
    return found
