"""BITS: the official DTD, which no package registry has; $PROCEEDINGS_SCHEMAS names a folder with `bits-2.1`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from proceedings.validators import jats
from proceedings.validators.interface import Missing, Samples, Tool, Validator

PUBLIC = "-//NLM//DTD BITS Book Interchange DTD v2.1 20220202//EN"
FILE = "BITS-book2-1.dtd"
VARIABLE = "PROCEEDINGS_SCHEMAS"


def _locate() -> Tool | Missing:
    folder = os.environ.get(VARIABLE)
    advice = f"get the BITS 2.1 DTD of the NLM, and name the folder that has bits-2.1/ with --schemas or ${VARIABLE}"
    if not folder:
        return Missing("the BITS 2.1 DTD is not here", advice)
    found = sorted((Path(folder) / "bits-2.1").rglob(FILE))
    if not found:
        return Missing(f"{folder} has no bits-2.1/ with {FILE}", advice)
    from lxml import etree

    libxml2 = ".".join(map(str, etree.LIBXML_VERSION))
    return Tool("20220202", found[0], f"libxml2 {libxml2}")


def _book(*, target: str = "p1", title: str = "book-title") -> bytes:
    return f"""<!DOCTYPE book PUBLIC "{PUBLIC}" "{FILE}">
<book dtd-version="2.1"><book-meta><book-title-group><{title}>A sample</{title}></book-title-group></book-meta>
<book-body><book-part><body><p id="p1">See <xref rid="{target}">this</xref>.</p></body></book-part></book-body>
</book>
""".encode()


def _samples() -> Samples:
    """Wrong are: a dangling reference, and a title that is none."""
    return Samples(".xml", _book(), (_book(target="p2"), _book(title="booktitle")))


BITS = Validator(
    name="BITS 2.1",
    applies=partial(jats.has_doctype, PUBLIC),
    in_process=True,
    locate=_locate,
    run=jats.run,
    samples=_samples,
)
