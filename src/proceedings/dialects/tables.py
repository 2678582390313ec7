"""Pipe tables with rows that have more cells than columns: pandoc would drop what is beyond them; and widths of columns
that nobody asked for."""

from __future__ import annotations

import json
import re

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects.text import blanked
from proceedings.document import Document, nodes

_SEPARATOR = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:[|+][ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HIDDEN = re.compile(r"\\.|(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|(?<!\\)\$(?=\S)[^$\n]*?(?<=\S)\$(?!\d)|<[^<>\n]*>")
_PREFIX = re.compile(r"^[ \t>]*")


def widened(text: str, path: str) -> tuple[str, list[Diagnostic]]:
    """The text with a column more, without a head, in tables whose rows need it."""
    if "|" not in text:
        return text, []
    findings: list[Diagnostic] = []
    prose = blanked(text).split("\n")  # blank where there is a block of code
    lines = text.split("\n")
    for number in range(1, len(lines)):
        if "|" in prose[number] and _SEPARATOR.match(prose[number]) and "|" in prose[number - 1]:
            findings += _widen(lines, number, path)
    return "\n".join(lines), findings


def unset_widths(document: Document) -> None:
    """In a table with long lines pandoc takes widths from the dashes below its heads. Where all are the same, nobody
    has measured them: the columns get what their words need."""
    for table in nodes(document["blocks"], "Table"):
        columns = table["c"][2]
        widths = {json.dumps(width) for _, width in columns}
        if len(columns) > 1 and len(widths) == 1:
            table["c"][2] = [[alignment, {"t": "ColWidthDefault"}] for alignment, _ in columns]


def _widen(lines: list[str], separator: int, path: str) -> list[Diagnostic]:
    """Widen the table whose heads end at a line, in place."""
    end = separator + 1
    while end < len(lines) and "|" in lines[end]:
        end += 1
    columns = len(_cells(lines[separator]))
    cells = {row: _cells(lines[row]) for row in range(separator - 1, end) if row != separator}
    wide = [row for row, found in cells.items() if any(cell.strip() for cell in found[columns:])]
    if not wide:
        return []
    width = max(len(cells[row]) for row in wide)
    told = [_told(lines, row, len(cells[row]), columns, path) for row in wide]
    lines[separator] = _longer(lines[separator], width - columns, "---")
    lines[separator - 1] = _longer(lines[separator - 1], width - len(cells[separator - 1]), "   ")
    return told


def _told(lines: list[str], row: int, cells: int, columns: int, path: str) -> Diagnostic:
    written = lines[row].strip()
    nth = sum(line.strip() == written for line in lines[: row + 1])
    message = f"this row has {cells} cells, the table {columns} columns; a column is added for what is beyond them"
    return finding("X218", message, Location(path, token=written, nth=nth), "Write \\| for a bar that parts no cells.")


def _cells(line: str) -> list[str]:
    """What a row's bars part; bars in code, formulas and tags part nothing."""
    line = _HIDDEN.sub(lambda found: "x" * len(found[0]), line)
    line = line[_PREFIX.match(line).end() :].rstrip()  # type: ignore[union-attr]
    return line.removeprefix("|").removesuffix("|").replace("+", "|" if _SEPARATOR.match(line) else "+").split("|")


def _longer(line: str, count: int, cell: str) -> str:
    """A row with cells more at its end."""
    line = line.rstrip()
    return line + ("" if line.endswith("|") else "|") + f"{cell}|" * count
