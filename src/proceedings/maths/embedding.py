"""Formulas of a tree → MathML in the tree, as raw HTML that a writer of HTML passes on."""

from __future__ import annotations

from collections import Counter

from proceedings.diagnostics import Diagnostic, Location
from proceedings.document import Document, Node, nodes, rewrite
from proceedings.maths.formulas import Formula, Rendered


def formula(node: Node) -> Formula:
    """What a Math node says."""
    return Formula(node["c"][1], node["c"][0]["t"] == "DisplayMath")


def embed(document: Document, lang: str, path: str) -> tuple[Document, list[Diagnostic]]:
    """A copy of `document` whose Math nodes are MathML, or code of class `tex` where that cannot be made; each such
    formula is a finding at `path`."""
    from proceedings.maths import render

    wanted = [formula(node) for node in nodes(document, "Math")]
    if not wanted:
        return document, []
    done = render(wanted, lang)
    by_formula = {item.formula: item for item in done}

    def replaced(node: Node) -> Node | None:
        return _embedded(by_formula[formula(node)]) if node["t"] == "Math" else None

    result: Document = rewrite(document, replaced)
    return result, findings(done, path)


def _embedded(item: Rendered) -> Node:
    if item.mathml:
        return {"t": "RawInline", "c": ["html", item.mathml]}
    return {"t": "Code", "c": [["", ["tex"], []], item.formula.tex]}


def findings(rendered: list[Rendered], path: str) -> list[Diagnostic]:
    """The problems of a document's formulas, each at its place; `rendered` in the order of the text, with repeats."""
    seen: Counter[str] = Counter()
    told: list[Diagnostic] = []
    for item in rendered:
        tex = item.formula.tex
        seen[tex] += 1
        if item.problem:
            told.append(item.problem.at(Location(path, token=tex if tex.strip() else f"$${tex}$$", nth=seen[tex])))
    return told
