"""Whether the outputs agree: each is read back and held against the model, facts and words.

`agree` is a step of the build, one for each contribution: its page, its JATS and its offprint. `agree_volume` looks at
what is made of all: the EPUB, the BITS book and the metadata of the volume's PDF; what was compared once is remembered by
its content. A reader (of_html, of_jats, of_pdf) knows one format and nothing of what wrote it; `expected` knows the model
and no format; `words` says what of a text is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proceedings.agreement import of_html, of_jats, of_pdf
from proceedings.agreement.comparing import compared
from proceedings.agreement.expected import Known, expected
from proceedings.agreement.reading import Reading, Unreadable
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest
from proceedings.model import Record

__all__ = ["AgreeView", "Agreed", "Known", "READERS", "agree", "unreadable"]

# Folder of an output → how a contribution's file in it is read.
READERS: Mapping[str, Callable[[bytes], Reading]] = {
    "html": of_html.page,
    "jats": of_jats.article,
    "pdf": of_pdf.offprint,
}


class AgreeView(Record):
    """A contribution and the files that were made of it: (path below build/, digest)."""

    known: Known
    files: tuple[tuple[str, Digest], ...]


class Agreed(Record):
    """That outputs were compared."""

    files: int


def agree(view: AgreeView, shop: Workshop) -> Result:
    """The disagreements of a contribution's outputs with the model."""
    want = expected(view.known, shop.store)
    findings: list[Diagnostic] = []
    for path, digest in view.files:
        try:
            reading = READERS[path.partition("/")[0]](shop.store.get(digest))
        except Unreadable as error:
            findings.append(unreadable(path, error, view.known.path))
        else:
            findings += compared(want, reading, path, view.known.path)
    return Result(Agreed(files=len(view.files)), findings=tuple(findings))


def unreadable(output: str, error: Unreadable, path: str) -> Diagnostic:
    return finding("O200", f"{output}: {error}", Location(path, 1, 1, near=True))
