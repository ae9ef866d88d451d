"""Reads the Markdown of a lesson, as far as `check` needs it: lines, headings, links, sentences."""

import html
import re
from typing import NamedTuple

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(\s*<?((?:[^()\s>]|\([^()\s]*\))*)>?(?:\s+[\"'][^\"']*[\"'])?\s*\)")
_IMAGE = re.compile("!" + _LINK.pattern.removeprefix("(?<!!)"))
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_NOT_PROSE = re.compile(r"\s*(\||[-*+]\s|\d+[.)]\s)")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\s+(?=[\"“‘'(\[]*[A-Z])")
_ABBREVIATION = re.compile(r"\b(e\.g|i\.e|et al|Dr|Mr|Mrs|Ms|Prof|St|vs|cf|[Nn]o|Figs?|ca|approx|[A-Z])\.$")


class Link(NamedTuple):
    """A link or an image: what a reader reads, and where it leads. `text` of an image is its alternative text."""

    text: str
    target: str
    image: bool = False


def lines(source: str) -> list[str]:
    """The lines of Markdown that a reader sees as text: code blocks, code and comments are left out."""
    return [re.sub(r"(`+).+?\1", "", line) for line in _outside_code_blocks(source)]


def heading(line: str) -> tuple[int, str] | None:
    """Level and text of the heading in that line, or None."""
    found = _HEADING.match(line)
    return (len(found[1]), without_markup(found[2])) if found else None


def headings(source: str) -> list[tuple[int, str]]:
    """Level and text of each heading."""
    return [found for line in _outside_code_blocks(source) if (found := heading(line))]


def anchor(text: str) -> str:
    """The name by which a link in JupyterLab reaches the heading of that text."""
    return text.replace(" ", "-")


def links(line: str) -> list[Link]:
    """The links and images of one line, those in HTML as well."""
    images = [Link(text, target, True) for text, target in _IMAGE.findall(line)]
    found = [Link(text, target) for text, target in _LINK.findall(_IMAGE.sub(r"\1", line))]
    for tag in _TAG.findall(line):
        if tag.startswith("<img"):
            images.append(Link(_attribute(tag, "alt"), _attribute(tag, "src"), True))
        elif tag.startswith("<a ") and _attribute(tag, "href"):
            found.append(Link("", _attribute(tag, "href")))
    return images + found


def loads_from_elsewhere(line: str) -> list[str]:
    """Tags other than images in that line that bring in content from another host."""
    tags = [tag for tag in _TAG.findall(line) if not re.match(r"</|<(a|img)\s", tag)]
    return [tag for tag in tags if re.search(r"\b(src|srcset|href|data|poster)\s*=\s*[\"']?(https?:)?//", tag)]


def without_markup(line: str, link=lambda link: link.text) -> str:
    """The line as a reader reads it; `link` says what stands for a link, by default its text."""
    line = _LINK.sub(lambda found: link(Link(found[1], found[2])), _IMAGE.sub("", line))
    return html.unescape(re.sub(r"[*`]|\b_|_\b", "", _TAG.sub("", line)))


def holds_two_sentences(line: str) -> bool:
    """Whether a line of prose holds more than one sentence. Headings, list items and table rows are no prose."""
    line = re.sub(r"^\s*(>\s*)+", "", line)
    if heading(line) or _NOT_PROSE.match(line):
        return False
    # Bold words that open a paragraph ("**Predict.** How far ...") are no sentence: the asterisks stay here.
    text = _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line)))
    return any(not _ABBREVIATION.search(text[: end.start() + 1]) for end in _SENTENCE_END.finditer(text))


def _outside_code_blocks(source: str) -> list[str]:
    kept, fence = [], None
    for line in re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL).splitlines():
        mark = re.match(r" {0,3}(```+|~~~+)", line)
        if fence is None and mark:
            fence = mark[1]
        elif fence is None:
            kept.append(line)
        elif mark and mark[1].startswith(fence):
            fence = None
    return kept


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\b{name}\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", tag)
    return html.unescape(found[1].strip("\"'")) if found else ""
