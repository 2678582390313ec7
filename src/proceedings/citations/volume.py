"""The volume's bibliography: every work that its papers cite, once, with the papers that cite it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from proceedings.bibliography import Entry, Item
from proceedings.bibliography.checks import fingerprints
from proceedings.citations.marks import Cited, cite
from proceedings.citations.styles import Style
from proceedings.diagnostics import Location
from proceedings.document import Document, Node, attr, rewrite


def bibliography(papers: Mapping[str, Sequence[Item]], style: Style, lang: str = "") -> Cited:
    """One list of the items of all `papers` (by slug), without marks, in a citeproc run of its own.

    Works are one where they share a DOI, or title, first author and year; the first paper's record is printed, and
    nothing is taken into it from the others. Each div.csl-entry names the papers that cite it (`cited-in`: slugs).
    Keys are SLUG/KEY of the first paper: two papers' keys never mix.
    """
    entries, citing = merged(papers)
    empty: Document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": []}
    done = cite(empty, entries, style, lang, nocite=[entry.key for entry in entries])

    def named(node: Node) -> Node | None:
        if node["t"] != "Div" or "csl-entry" not in attr(node)[1]:
            return None
        name, kinds, pairs = attr(node)
        slugs = citing[dict(pairs)["key"]]
        return {"t": "Div", "c": [[name, kinds, [*pairs, ["cited-in", " ".join(slugs)]]], node["c"][1]]}

    document = {**done.document, "blocks": rewrite(done.document["blocks"], named)}
    return Cited(document, done.findings, done.references)


def merged(papers: Mapping[str, Sequence[Item]]) -> tuple[list[Entry], dict[str, list[str]]]:
    """The distinct works of `papers`, keyed SLUG/KEY of their first paper, and for each key the slugs that cite it."""
    entries: list[Entry] = []
    citing: dict[str, list[str]] = {}
    known: dict[tuple[str, ...], str] = {}
    for slug, items in papers.items():
        for item in items:
            marks = fingerprints(item)
            key = next((known[mark] for mark in marks if mark in known), "")
            if not key:
                key = f"{slug}/{item['id']}"
                entries.append(Entry(key, {**item, "id": key}, Location(""), ""))
            for mark in marks:
                known.setdefault(mark, key)
            if slug not in citing.setdefault(key, []):
                citing[key].append(slug)
    return entries, citing
