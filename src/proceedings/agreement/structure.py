"""What a PDF must have and veraPDF does not look for: header cells that say what they head, text that is read standing
where it can be printed, clear of what is printed at the head and foot of a page, and no text that is neither read nor
an artifact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

EDGE = 14.0  # points: 5 mm, which printers do not reach
MARGIN = 0.2  # of the height of a page, in which its furniture may stand
_PLACING = "q Q cm BT Tm Td BDC BMC EMC Tj TJ"


@dataclass(frozen=True)
class Run:
    """A run of text on a page: where it begins, in points from the page's origin, and what it is marked as."""

    x: float
    y: float
    role: str  # read (it is in the tag tree) | furniture (running heads, folios) | artifact | "" (not marked)
    upright: bool = True


def faults(file: Any) -> Iterator[str]:
    """What is wrong, in words; at most once of each kind."""
    silent = sum(1 for cell in _header_cells(file) if _scope(cell) is None)
    if silent:
        yield f"{silent} header cells of its tables do not say whether they head a row or a column"
    told: set[str] = set()
    for number, page in enumerate(file.pages, 1):
        for fault in set(_misplaced(page)) - told:
            told.add(fault)
            yield fault.format(number)


def _misplaced(page: Any) -> Iterator[str]:
    """What is wrong with where text stands on a page, with a hole for its number."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    found = list(runs(page.obj))
    if not all(run.role for run in found):
        yield "on its page {} text is neither in the tag tree nor an artifact"
    read = [run for run in found if run.role == "read"]
    if any(not (left + EDGE <= run.x <= right - EDGE and bottom + EDGE <= run.y <= top - EDGE) for run in read):
        yield "on its page {} text stands at the edge, where it would not be printed"
    adorning = [run.y for run in found if run.role == "furniture" and run.upright]
    head = min((y for y in adorning if y > top - MARGIN * (top - bottom)), default=top)
    foot = max((y for y in adorning if y < bottom + MARGIN * (top - bottom)), default=bottom)
    if any(not foot < run.y < head for run in read):
        yield "on its page {} text stands level with the running head or the folio"


def _header_cells(file: Any) -> Iterator[Any]:
    from proceedings.typesetting.trees import elements

    return (element for element in elements(file.Root.StructTreeRoot) if str(element.get("/S", "")) == "/TH")


def _scope(cell: Any) -> Any:
    """Of the attributes of a cell, which are one dictionary or several (ISO 32000-1, 14.8.5.7)."""
    from pikepdf import Array

    attributes = cell.get("/A", {})
    rows = attributes if isinstance(attributes, Array) else [attributes]
    return next((item["/Scope"] for item in rows if "/Scope" in item), None)


def runs(page: Any) -> list[Run]:
    """The text of a page. Furniture is its last artifact of pagination: heads of tables that are repeated are such
    artifacts too."""
    import pikepdf

    matrix = line = pikepdf.Matrix()
    saved: list[Any] = []
    marks: list[str] = []
    found: list[Run] = []
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
            marks.append(role_of(operands))
            if marks == ["furniture"]:
                found = [replace(run, role="artifact") if run.role == "furniture" else run for run in found]
        elif name == "EMC":
            marks = marks[:-1]
        else:
            whole = line @ matrix
            role = next((mark for mark in marks if mark), "")
            found.append(Run(whole.e, whole.f, role, upright=abs(whole.b) < 1e-6))
    return found


def role_of(operands: Any) -> str:
    """What marked content is marked as: read, furniture (a running head, a folio, a repeated head of a table: ISO
    32000-1, 14.8.2.2.2), artifact; "" where it only has properties (ActualText)."""
    if str(operands[0]) == "/Artifact":
        return "furniture" if property_of(operands, "/Type") == "/Pagination" else "artifact"
    return "read" if property_of(operands, "/MCID") is not None else ""


def property_of(operands: Any, name: str) -> Any:
    """What marked content says of itself; None where it says nothing, or says it elsewhere."""
    from pikepdf import Dictionary

    properties = operands[1] if len(operands) > 1 else None
    return properties.get(name) if isinstance(properties, Dictionary) else None


def tagged(page: Any) -> Iterator[tuple[float, float]]:
    """Where each run of text that is in the tag tree begins, in points from the page's origin."""
    return ((run.x, run.y) for run in runs(page) if run.role == "read")
