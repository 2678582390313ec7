"""The table of outputs. A new output is one module here and one row in WRITERS."""

from __future__ import annotations

from typing import Any

from proceedings.build import Result, Workshop
from proceedings.model import Record
from proceedings.writers import bits, citation_exports, epub, html, jats, pdf
from proceedings.writers.interface import Writer

WRITERS: tuple[Writer, ...] = (
    html.PAGE,
    html.CONTENTS,
    pdf.OFFPRINT,
    pdf.VOLUME,
    pdf.PRESS,
    epub.VOLUME,
    jats.ARTICLE,
    bits.VOLUME,
    citation_exports.CONTRIBUTION,
    citation_exports.VOLUME,
)


class WriteView(Record):
    """A writer's name and what it may see."""

    writer: str
    view: Any


class Written(Record):
    """That an output was made."""

    writer: str


def write(view: WriteView, shop: Workshop) -> Result:
    """Run one writer; its files go to the store."""
    writer = next(row for row in WRITERS if row.name == view.writer)
    output = writer.write(view.view, shop.store)
    artifacts = tuple((item.path, item.digest or shop.store.put(item.data)) for item in output.artifacts)
    return Result(Written(writer=writer.name), artifacts, output.findings)
