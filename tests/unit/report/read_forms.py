"""Reads a report back: what each form says, as the same plain values. It knows HTML, Markdown and CSV, not our code."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

Pairs = list[tuple[str, str]]
TEXTS = frozenset({"h1", "h2", "h3", "h4", "p", "li", "pre", "dt", "dd", "th", "td", "caption", "summary"})
SILENT = frozenset({"style", "svg", "title", "figcaption"})


@dataclass
class Said:
    """What a section says of one thing: its heading, paragraphs, facts by label, steps and commands."""

    heading: str
    paragraphs: list[str] = field(default_factory=list)
    facts: Pairs = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


@dataclass
class Section:
    """All between two headings of the second level."""

    heading: str
    things: list[Said] = field(default_factory=list)
    table: list[list[str]] = field(default_factory=list)  # the first one, its heads first
    items: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """The blocks of a page in order, as (tag, text); rows of tables as ('tr', cells)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, str | list[str]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._row: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in SILENT
        if tag in TEXTS:
            self._flush()
            self._open.append(tag)
        if tag == "tr":
            self._row = []

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if tag in TEXTS:
            self._flush()
            self._open.pop()
        if tag == "tr":
            self.blocks.append(("tr", self._row))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

    def _flush(self) -> None:
        raw = "".join(self._text)
        self._text = []
        tag = self._open[-1] if self._open else ""
        text = raw.rstrip("\n") if tag == "pre" else " ".join(raw.split())
        if tag in ("th", "td"):
            self._row.append(text)
        elif tag and text:
            in_list = tag == "p" and "li" in self._open
            self.blocks.append(("li" if in_list else tag, text))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Every tag with its attributes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.tags


def rendered(markdown: str) -> str:
    """As CommonMark with GitHub's tables has it; HTML in it would count."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def sections(html: str) -> dict[str, Section]:
    """By heading; what stands before the first is under ''."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = {"": Section("")}
    for section in _sections(reader.blocks):
        found[section.heading] = section
    return found


def _sections(blocks: list[tuple[str, str | list[str]]]) -> Iterator[Section]:
    section = Section("")
    for tag, content in blocks:
        if tag == "h2":
            yield section
            section = Section(str(content))
        elif tag == "h3":
            section.things.append(Said(str(content)))
        else:
            _take(section, tag, content)
    yield section


def _take(section: Section, tag: str, content: str | list[str]) -> None:
    thing = section.things[-1] if section.things else None
    match tag, content:
        case "tr", list() if thing is None:
            section.table.append(content)
        case "tr", [label, value, *_] if thing and label != "Fact":
            thing.facts.append((label, value))
        case "dt", str() if thing:
            thing.facts.append((content, ""))
        case "dd", str() if thing:
            thing.facts[-1] = (thing.facts[-1][0], content)
        case "summary", str() if thing:
            thing.facts = []  # the full list follows the short one
        case "p", str() if thing:
            thing.paragraphs.append(content)
        case "li", str() if thing:
            thing.steps.append(content)
        case "li", str():
            section.items.append(content)
        case "pre", str() if thing:
            thing.commands.append(content)


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """A CSV report's tables by what their rows begin with."""
    found: dict[str, list[dict[str, str]]] = {}
    heads: list[str] = []
    for row in csv.reader(text.splitlines(keepends=True)):
        if row and row[0] == "record":
            heads = row[1:]
        elif row:
            found.setdefault(row[0], []).append(dict(zip(heads, map(_plain, row[1:]), strict=True)))
    return found


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from reading a formula."""
    return cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell
