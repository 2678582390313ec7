"""Tables: pandoc's table → the XHTML table that JATS has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from proceedings.document import Node
from proceedings.renderings.jats.grammar import Element, fill, new, sub
from proceedings.renderings.jats.inlines import Writing, write

Row = list[Any]  # [attr, cells]
Blocks = Callable[[Writing, Sequence[Node]], list[Element]]

_ALIGNMENTS = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center"}


def table_parts(state: Writing, node: Node, blocks: Blocks) -> Element | None:
    """The `table` of a Table node; None where it has no cell. `blocks` writes what stands in a cell."""
    _, _, columns, head, bodies, foot = node["c"]
    table = new("table")
    aligned = [_ALIGNMENTS.get(alignment["t"]) for alignment, _ in columns]
    _columns(columns, table)
    writer = _Rows(state, blocks, aligned)
    heads = [row for row in head[1] if row[1]]
    if heads:
        writer.group(sub(table, "thead"), heads, scope="col", first=len(aligned))
    feet = [row for row in foot[1] if row[1]]
    if feet:
        writer.group(sub(table, "tfoot"), feet, scope="", first=0)
    for _, first, between, rows in bodies:
        body = new("tbody")
        writer.group(body, [row for row in between if row[1]], scope="col", first=len(aligned))
        writer.group(body, [row for row in rows if row[1]], scope="row", first=first)
        if len(body):
            table.append(body)
    return _whole(table)


def _whole(table: Element) -> Element | None:
    """A table has a body: without one, its foot or else its head is the body."""
    if table.find("tbody") is None:
        rows = table.find("tfoot") if table.find("tfoot") is not None else table.find("thead")
        if rows is None:
            return None
        rows.tag = "tbody"
    return table


def _columns(columns: Sequence[Any], table: Element) -> None:
    """Widths, where the author's table says them."""
    widths = [width.get("c") for _, width in columns]
    if any(widths):
        group = sub(table, "colgroup")
        for width in widths:
            sub(group, "col", width=f"{round(100 * width)}%" if width else None)


class _Rows:
    """Writes rows; knows the columns' alignment, and which cells of rows above reach down into a row."""

    def __init__(self, state: Writing, blocks: Blocks, aligned: Sequence[str | None]) -> None:
        self.state = state
        self.blocks = blocks
        self.aligned = aligned

    def group(self, parent: Element, rows: Sequence[Row], *, scope: str, first: int) -> None:
        """Rows of one part of the table, the `first` columns of which are heads of kind `scope`."""
        reaching: dict[int, int] = {}  # column → rows below this one that a cell above still covers
        for _, cells in rows:
            row = sub(parent, "tr")
            column = 0
            covered = dict(reaching)
            reaching = {at: left - 1 for at, left in covered.items() if left > 1}
            for cell in cells:
                while column in covered:
                    column += 1
                down, across = cell[2:4]
                self._cell(row, cell, column, scope if column < first else "")
                if down > 1:
                    reaching.update({column + step: down - 1 for step in range(across)})
                column += across

    def _cell(self, row: Element, cell: list[Any], column: int, scope: str) -> None:
        _, alignment, down, across, content = cell
        inherited = self.aligned[column] if column < len(self.aligned) else None
        element = sub(
            row,
            "th" if scope else "td",
            scope=_scope(scope, across, down),
            align=_ALIGNMENTS.get(alignment["t"], inherited),
            rowspan=str(down) if down > 1 else None,
            colspan=str(across) if across > 1 else None,
        )
        if len(content) == 1 and content[0]["t"] in ("Plain", "Para"):
            write(self.state, content[0]["c"], element)
        else:
            fill(element, self.blocks(self.state, content))


def _scope(scope: str, across: int, down: int) -> str | None:
    wide = {"col": across > 1, "row": down > 1}.get(scope, False)
    return f"{scope}group" if wide else scope or None
