"""Manuscript → Prepared: citations and cross-references resolved, everything numbered, every id unique in the volume.

Pure on the manuscript, the style and the language: an edit of the paper that leaves its tree as it was stops here.
"""

from __future__ import annotations

import json

from proceedings import citations, transforms
from proceedings.bibliography import Entry
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Location
from proceedings.document import Document, nodes, text, words
from proceedings.edition import Counts, Digest, Prepared
from proceedings.model import Record
from proceedings.reader import Manuscript


class PrepareView(Record):
    manuscript: Manuscript
    path: str  # the author's file, for findings
    style: str  # the CSL style's own text, or its name
    style_file: Digest | None = None  # a style of styles/, by its bytes


def prepare(view: PrepareView, shop: Workshop) -> Result:
    """Resolve citations (one pandoc call), then number, label and name everything."""
    manuscript = view.manuscript
    contribution = manuscript.contribution
    document: Document = json.loads(shop.store.get(manuscript.tree))
    entries = [
        Entry(row["key"], row["item"], Location(view.path), "")
        for row in json.loads(shop.store.get(manuscript.library))
    ]
    wanted = shop.store.get(view.style_file).decode() if view.style_file else view.style
    style = citations.style(wanted)
    cited = citations.cite(document, entries, style, contribution.lang, path=view.path, nocite=manuscript.nocite)
    document, findings = transforms.apply(cited.document, contribution.slug, contribution.lang, view.path)
    title = text(document["meta"]["rich"]["c"]["title"]) if "rich" in document["meta"] else contribution.title
    references = [*cited.references]
    prepared = Prepared(
        contribution=contribution,
        tree=shop.store.put(json.dumps(document, ensure_ascii=False).encode()),
        references=shop.store.put(json.dumps(references, ensure_ascii=False, sort_keys=True).encode()),
        images=manuscript.images,
        counts=_count(document, len(references)),
        title=" ".join(title.split()),
    )
    return Result(prepared, findings=(*cited.findings, *findings))


def _count(document: Document, references: int) -> Counts:
    blocks = document["blocks"]
    return Counts(
        words=words(blocks),
        figures=sum(1 for _ in nodes(blocks, "Figure")),
        tables=sum(1 for _ in nodes(blocks, "Table")),
        equations=sum(1 for node in nodes(blocks, "Math") if node["c"][0]["t"] == "DisplayMath"),
        references=references,
    )
