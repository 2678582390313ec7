"""Our JATS against what journals have published of the same papers: what theirs carry, counted, beside ours.

    python tests/jats_comparison.py BUILD   where BUILD/jats/SLUG.xml are ours, of a volume with the shared corpus

Theirs are corpus/SLUG/published.jats.xml in the folder that PROCEEDINGS_SHARED names (else `shared` beside the
checkout). It exits with 1 where theirs carry more of anything but what LATER names.

Of the twenty that were looked at, only theirs have: the text of a link once more (xref/@alt), TeX beside MathML (which
PMC refuses), a wrap around institutions without an identifier, ids on anchors, `corresp` without an address, and what
journals add. Where theirs have more things, the author's source lacks them, and a finding says so.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

SHARED = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parent.parent.parent / "shared")) / "corpus"

# What is counted, and where it is found. Cells and lists are counted by what is in them: the words are compared.
CARRIED: Mapping[str, str] = {
    "authors": "//contrib[@contrib-type='author'][not(ancestor::ref)]",
    "ORCID iDs": "//contrib-id[contains(@contrib-id-type, 'orcid')]",
    "affiliations": "//article-meta//aff",
    "links to affiliations": "//contrib//xref[@ref-type='aff']",
    "correspondence": "//corresp",
    "abstracts": "//article-meta/abstract",
    "keywords": "//kwd",
    "licence": "//permissions/license",
    "sections": "//body//sec | //back//sec | //ack | //app",
    "figures": "//fig",
    "pictures": "//graphic | //inline-graphic",
    "tables": "//table-wrap",
    "displayed formulas": "//disp-formula",
    "inline formulas": "//inline-formula",
    "notes": "//back//fn | //table-wrap-foot//fn",
    "code": "//code | //preformat | //monospace",
    "citations": "//xref[@ref-type='bibr']",
    "references": "//ref",
    "authors of references": "//ref//name[surname != 'others'] | //ref//string-name | //ref//collab",
    "DOIs of references": "//ref//pub-id[@pub-id-type='doi']",
    "titles of references": "//ref//article-title | //ref//source | //ref//data-title",
    "links": "(//body | //back)//*[self::ext-link or self::uri][not(ancestor::ref-list)]",
}
APART = frozenset("p td th title break list-item".split())  # what words do not run across
# What a journal adds after the author: its own numbers, dates and archive.
LATER = frozenset({"correspondence"})


def load(path: Path) -> Any:
    return etree.parse(str(path), etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False))


def counts(tree: Any) -> Counter[str]:
    """How many of each thing an article carries; several ids in one link are several links."""
    found: Counter[str] = Counter()
    for name, path in CARRIED.items():
        items = tree.xpath(path)
        found[name] = sum(len((item.get("rid") or "-").split()) for item in items)
    return found


def words(tree: Any) -> Counter[str]:
    """The words of the text without formulas, references and the marks of citations."""
    skipped = {"inline-formula", "disp-formula", "xref", "label", "alt-text", "ref-list"}
    parts: list[str] = []

    def visit(element: Any) -> None:
        if isinstance(element.tag, str) and element.tag not in skipped:
            parts.append(element.text or "")
            for child in element:
                visit(child)
                parts.append(f"{' ' if child.tag in APART else ''}{child.tail or ''}")

    for part in tree.xpath("/article/body | /article/back | //author-notes/fn | //abstract"):
        visit(part)
    return Counter(re.findall(r"\w{3,}", " ".join(parts).casefold()))


def tagged(tree: Any) -> set[tuple[str, str]]:
    """Names of the elements, each alone ("") and with every attribute that has a value."""
    found: set[tuple[str, str]] = set()
    for item in tree.iter(etree.Element):
        tag = str(item.tag).rpartition("}")[2]
        if len(item) or (item.text or "").strip() or item.attrib:
            found.add((tag, ""))
        found |= {(tag, str(name).rpartition("}")[2]) for name, value in item.items() if value}
    return found


def pairs(build: Path) -> Iterator[tuple[str, Any, Any]]:
    """Slug, theirs, ours."""
    for theirs in sorted(SHARED.glob("*/published.jats.xml")):
        ours = build / "jats" / f"{theirs.parent.name}.xml"
        if ours.is_file():
            yield theirs.parent.name, load(theirs), load(ours)


def compared(build: Path, tell: Callable[[str], object] = print) -> int:
    """Print a table for each paper; how many things theirs carry more of."""
    lacking = 0
    for slug, theirs, ours in pairs(build):
        tell(f"\n{slug}")
        one, other = counts(theirs), counts(ours)
        for name in CARRIED:
            less = one[name] > other[name]
            lacking += less and name not in LATER
            if one[name] or other[name]:
                tell(f"  {name:24} {one[name]:5} {other[name]:5} {'LESS' if less else ''}")
        gone = words(theirs) - words(ours)
        tell(f"  {'words (theirs not ours)':24} {sum(words(theirs).values()):5} {sum(gone.values()):5}")
        if gone:
            tell(f"    {' '.join(word for word, _ in gone.most_common(25))}")
        alone = sorted(tagged(theirs) - tagged(ours))
        elements = [tag for tag, attribute in alone if not attribute]
        tell(f"  elements only theirs: {' '.join(elements) or 'none'}")
        attributes = [f"{tag}/@{attribute}" for tag, attribute in alone if attribute and tag not in elements]
        tell(f"  attributes only theirs: {' '.join(attributes) or 'none'}")
    return lacking


if __name__ == "__main__":
    sys.exit(1 if compared(Path(sys.argv[1])) else 0)
