"""What a PDF must have and veraPDF does not look for: header cells that say what they head, and text that is read
standing where it can be printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

EDGE = 14.0  # points: 5 mm, which printers do not reach
_PLACING = "q Q cm BT Tm Td BDC BMC EMC Tj TJ"


def faults(file: Any) -> Iterator[str]:
    """What is wrong, in words; at most once of each kind."""
    silent = sum(1 for cell in _header_cells(file) if _scope(cell) is None)
    if silent:
        yield f"{silent} header cells of its tables do not say whether they head a row or a column"
    for number, page in enumerate(file.pages, 1):
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        if any(
            not (left + EDGE <= x <= right - EDGE and bottom + EDGE <= y <= top - EDGE) for x, y in tagged(page.obj)
        ):
            yield f"on its page {number} text stands at the edge, where it would not be printed"
            return


def _header_cells(file: Any) -> Iterator[Any]:
    from proceedings.typesetting.trees import elements

    return (element for element in elements(file.Root.StructTreeRoot) if str(element.get("/S", "")) == "/TH")


def _scope(cell: Any) -> Any:
    """Of the attributes of a cell, which are one dictionary or several (ISO 32000-1, 14.8.5.7)."""
    attributes = cell.get("/A")
    if attributes is None or hasattr(attributes, "keys"):
        return attributes.get("/Scope") if attributes is not None else None
    return next((item["/Scope"] for item in attributes if "/Scope" in item), None)


def tagged(page: Any) -> Iterator[tuple[float, float]]:
    """Where each run of text that is in the tag tree begins, in points from the page's origin."""
    import pikepdf

    matrix = line = pikepdf.Matrix()
    saved: list[Any] = []
    marks: list[bool] = []
    instructions: Any = pikepdf.parse_content_stream(pikepdf.Page(page), _PLACING)
    for operands, operator in instructions:
        name = str(operator)
        if name == "q":
            saved.append(matrix)
        elif name == "Q" and saved:
            matrix = saved.pop()
        elif name == "cm":
            matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
        elif name == "BT":
            line = pikepdf.Matrix()
        elif name == "Tm":
            line = pikepdf.Matrix(*map(float, operands))
        elif name == "Td":
            line = pikepdf.Matrix(1, 0, 0, 1, *map(float, operands)) @ line
        elif name in ("BDC", "BMC"):
            marks.append(name == "BDC" and "/MCID" in operands[1])
        elif name == "EMC":
            marks = marks[:-1]
        elif any(marks):
            whole = line @ matrix
            yield whole.e, whole.f
