"""What authors already write, turned into this project's own constructs.

`rewrite_text` mends what pandoc's reader would destroy; `rewrite_tree` turns the rest of every dialect (MyST, Quarto,
pandoc-crossref, JOSS, raw HTML and TeX) into the canonical tree:

- Figure: Figure block with caption; the description of an Image is its attribute `alt`, and only what the author
  wrote as such; rights are the attributes credit, holder, licence; inner Figures are subfigures.
- Table: Table with caption and id.
- Equation: Span.equation#id around one display Math. A display formula without a label has no Span and no number.
- Listing: Div.listing#id, whose first child is Div.caption (if there is a caption), then the CodeBlock.
- Lines of code with numbers: CodeBlock.numberLines, with attribute startFrom where the first is not 1.
- Theorem and its kin: Div.theorem, .lemma, .definition, .proof …, with attribute title.
- Box: Div.note, .tip, .warning, .box, with attribute title.
- Cross-reference: Link.ref to "#id" with attribute style: full (Figure 1), number (1), equation ((1)), or template
  ("Fig. %s"). transforms writes its text.
- Appendix: Header.appendix.
"""

from __future__ import annotations

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects import (
    directives,
    equations,
    floats,
    html,
    latex,
    notes,
    references,
    safety,
    tables,
    text,
    visibility,
)
from proceedings.document import Document, Node, nodes

MAX_DEPTH = 90  # nested nodes; beyond it no output is readable and writers run out of stack
MAX_CELLS = 20_000  # of all tables of a text: 100 pages, which take 45 s of processor time and 0.6 GB to set
MAX_BLOCKS = 20_000  # paragraphs, headings, items and lines of code: some 500 pages
MAX_NOTES = 4_000  # of a text: some two minutes of processor time


def rewrite_text(source: str, path: str) -> tuple[str, list[Diagnostic]]:
    """Markdown as written → Markdown that pandoc reads without loss."""
    source, findings = notes.parted(visibility.without_comments(source), path)
    findings += notes.within_notes(source, path)
    source, told = tables.widened(source, path)
    source, more = text.rewrite(source, path)
    return source, [*findings, *told, *more]


def rewrite_tree(document: Document, path: str) -> tuple[Document, list[Diagnostic]]:
    """The tree as pandoc read it → the canonical tree. The document given is changed and returned.

    Citations stay Cite nodes. Their CiTO relations are in the metadata map `cito`: key → relations.
    """
    if _depth(document) > MAX_DEPTH:
        place = Location(path, 1, 1)
        message = f"lists, quotations or divisions are nested more than {MAX_DEPTH} deep; the text cannot be read"
        return {**document, "blocks": []}, [
            finding("X001", message, place, "Look for a list or quotation that never ends.")
        ]
    if (cells := sum(map(_cells, nodes(document, "Table")))) > MAX_CELLS:
        largest = max(nodes(document, "Table"), key=_cells)
        message = f"the tables of the text have {cells:,} cells; they may have {MAX_CELLS:,}"
        place = Location(path, token=next((word["c"] for word in nodes(largest["c"], "Str")), ""))
        advice = "Give long tables as files beside the text: `supplements:`."
        return {**document, "blocks": []}, [finding("X220", message, place, advice)]
    if excess := _excess(document):
        advice = "Part it into several contributions, or give what is no text as files beside it: `supplements:`."
        return {**document, "blocks": []}, [finding("X222", excess, Location(path, 1, 1), advice)]
    findings: list[Diagnostic] = []
    findings += visibility.rewrite(document, path)
    findings += latex.rewrite(document, path)
    findings += html.rewrite(document, path)
    findings += directives.rewrite(document, path)
    found, shared = equations.rewrite(document, path, references.wanted(document))
    findings += found
    tables.unset_widths(document)
    aliases = floats.rewrite(document) | shared
    references.rewrite(document, aliases)
    findings += safety.rewrite(document, path)
    return document, findings


def _excess(document: Document) -> str:
    """What a text has more of than can be set in a bounded time, or ''."""
    leaves = sum(1 for _ in nodes(document["blocks"], "Para", "Plain", "Header"))
    lines = sum(code["c"][1].count("\n") + 1 for code in nodes(document["blocks"], "CodeBlock", "RawBlock"))
    if leaves + lines > MAX_BLOCKS:
        counted = f"{leaves + lines:,} paragraphs, headings, items and lines of code"
        return f"the text has {counted}; it may have {MAX_BLOCKS:,}"
    count = sum(1 for _ in nodes(document, "Note"))
    return f"the text has {count:,} notes; it may have {MAX_NOTES:,}" if count > MAX_NOTES else ""


def _cells(table: Node) -> int:
    _, _, columns, _, bodies, _ = table["c"]
    return len(columns) * sum(len(rows) for _, _, _, rows in bodies)


def _depth(document: Document) -> int:
    """How deep the deepest node lies, counted in nodes."""
    deepest = 0
    stack = [(document.get("blocks", []), 0), (document.get("meta", {}), 0)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, dict):
            inner = depth + ("t" in item)
            deepest = max(deepest, inner)
            stack.extend((value, inner) for value in item.values() if isinstance(value, dict | list))
        elif isinstance(item, list):
            stack.extend((value, depth) for value in item if isinstance(value, dict | list))
    return deepest
