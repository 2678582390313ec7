"""Maths that an author opened and did not close, which pandoc reads as plain text without a word.

pandoc's rules: maths does not cross an empty line; `$` opens only before a character that is no space, and closes only
after one and before no digit. Money ($5 and $6) is no maths, so a single dollar counts only where TeX follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r"[^\n]+\n?|\n")
_ENVIRONMENTS = r"(?:equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign)\*?"
_TOKEN = re.compile(
    r"(?P<escape>\\[\\$])|(?P<display>\$\$)|(?P<dollar>\$)|(?P<open>\\[\[(])|(?P<close>\\[\])])"
    rf"|\\begin\{{(?P<begin>{_ENVIRONMENTS})\}}|\\end\{{(?P<end>{_ENVIRONMENTS})\}}"
)
_CLOSING_DOLLAR = r"(?<![\\\s])\$(?![\d$])"
# What only TeX writes: a command, a script, or a lone letter before a relation.
_TEX = re.compile(r"\\[a-zA-Z]{2,}|\\[,;!{}]|[A-Za-z\d)}\]][\^_][\w\\{+*-]|^\s*[A-Za-z]\s*[=<>+−-]\s*[\w\\]")
_VARIABLE = re.compile(r"\{?(?:[A-Z_]{2}[A-Z0-9_]*|[a-z]{2,}_[a-z0-9_]{2,})\b\}?(?![\^{\\])")  # of a shell: $HOME_DIR
_MONEY = re.compile(r"\d[\d.,_]*\s*(?:[kKMB]|bn|million|billion|trillion|USD)?(?=$|[\s.,;:)–—-])")


def unclosed(prose: str) -> list[tuple[int, str]]:
    """Where maths is opened and never closed, as (offset, what is open), in order.

    `prose` is text in which code and comments are blanked (Source.prose).
    """
    found: list[tuple[int, str]] = []
    for start, end in _paragraphs(prose):
        found += _in_paragraph(prose[start:end], start)
    return list(_paired(found))


def _paragraphs(prose: str) -> Iterator[tuple[int, int]]:
    """Where runs of lines that are not empty begin and end; blanked code may be one line of a million spaces."""
    start = 0
    for line in _LINE.finditer(prose):
        if line[0].isspace():
            if start < line.start():
                yield start, line.start()
            start = line.end()
    if start < len(prose):
        yield start, len(prose)


def _in_paragraph(text: str, start: int) -> Iterator[tuple[int, str]]:
    offset, ends = 0, _Ends(text)
    while token := _TOKEN.search(text, offset):
        offset = token.end()
        kind = token.lastgroup
        if kind == "display":
            closing = ends.after(re.escape("$$"), offset)
            if closing is None:
                yield start + token.start(), "$$"
            offset = closing or len(text)
        elif kind == "dollar":
            opens = offset < len(text) and not text[offset].isspace()
            closing = ends.after(_CLOSING_DOLLAR, offset + 1) if opens else None
            if closing is None and (what := _open_dollar(text, offset)):
                yield start + token.start(), what
            offset = closing or offset
        elif kind == "open":
            closing = ends.after(r"\\\]" if token[0] == "\\[" else r"\\\)", offset)
            if closing is None and _TEX.search(text[offset : offset + 200]):
                yield start + token.start(), token[0]
            offset = closing or offset
        elif kind == "begin":
            closing = ends.after(re.escape(f"\\end{{{token['begin']}}}"), offset)
            if closing is None:
                yield start + token.start(), token[0]
            offset = closing or offset
        elif kind == "end":
            yield start + token.start(), token[0]


@dataclass
class _Ends:
    """Where what closes maths ends. What is not found once is not looked for again: time stays linear in the text."""

    text: str
    absent: set[str] = field(default_factory=set)

    def after(self, pattern: str, offset: int) -> int | None:
        if pattern in self.absent:
            return None
        found = re.compile(pattern).search(self.text, offset)
        if found is None:
            self.absent.add(pattern)
            return None
        return found.end()


def _open_dollar(text: str, offset: int) -> str:
    """How an unmatched dollar fails to open or close maths; "" if it is likely no maths at all."""
    rest = text[offset : offset + 200].split("$", maxsplit=1)
    content = rest[0]
    if _MONEY.match(content) or _VARIABLE.match(content) or not _TEX.search(content):
        return ""
    if content[:1].isspace():
        closed = len(rest) == 2
        return "a dollar sign before a space" if closed else ""
    return "$"


def _paired(found: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Two unmatched `$$`, or a \\begin and its \\end, are one mistake: an empty line between them."""
    waiting: tuple[int, str] | None = None
    for offset, what in found:
        if waiting is None:
            waiting = (offset, what)
        elif what == waiting[1] == "$$" or what == waiting[1].replace("\\begin", "\\end") != waiting[1]:
            yield waiting[0], f"{waiting[1]} with an empty line before its end"
            waiting = None
        else:
            yield waiting
            waiting = (offset, what)
    if waiting is not None:
        yield waiting
