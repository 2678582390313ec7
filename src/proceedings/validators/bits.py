"""BITS: the official DTD, which no package registry has."""

from __future__ import annotations

from functools import partial

from proceedings.validators import jats, schemas
from proceedings.validators.interface import Missing, Samples, Tool, Validator

PUBLIC = "-//NLM//DTD BITS Book Interchange DTD v2.1 20220202//EN"
FILE = "BITS-book2-1.dtd"


def _locate() -> Tool | Missing:
    found = schemas.locate("bits-2.1", FILE)
    return found if isinstance(found, Missing) else Tool("20220202", found, schemas.libxml2())


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
