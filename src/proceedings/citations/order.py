"""Sorting: works without an author last, and the document's own script first, before pandoc numbers anything.

CSL 1.0.2, "Sorting": "Items with an empty sort key value are placed at the end of the sort"; pandoc puts them first
when the key is a macro. CLDR reorders scripts (Cyrillic first in Russian, Kazakh …); pandoc's collation has CLDR's
alphabets but not this. Both are said to pandoc in its own terms: before each key of the style comes another, whose
values are in the items. Within one script the order stays that of pandoc's Unicode collation.
"""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from proceedings import pandoc
from proceedings.bibliography import Item
from proceedings.citations.locales import CSL
from proceedings.document import attr, identifier, nodes, text

# The script that CLDR 46 puts first for a language ([reorder …] in its collation); Latin is first in all others.
_FIRST = {
    "CYRILLIC": "ab av ba be bg ce cv kk ky mk mn os ru sah sr tg tt uk".split(),
    "GREEK": ["el"],
    "ARMENIAN": ["hy"],
    "GEORGIAN": ["ka"],
    "HEBREW": ["he", "yi"],
    "THAI": ["th"],
    "KHMER": ["km"],
    "ARABIC": "ar ckb fa ku ps ug ur".split(),
    "DEVANAGARI": ["hi", "mr", "ne"],
    "HANGUL": ["ko"],
}
_ORDER = (
    "LATIN",
    "GREEK",
    "CYRILLIC",
    "GEORGIAN",
    "ARMENIAN",
    "HEBREW",
    "ARABIC",
)  # of the DUCET, as far as it matters
_LAST = 99


def script(value: str) -> str:
    """The script of the first letter of `value` by its Unicode name, '' if it has none."""
    letter = next((character for character in value if character.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def rank(value: str, lang: str) -> int:
    """0 for what sorts before letters or is in the language's own script, more for others, _LAST for nothing."""
    if not value.strip():
        return _LAST
    found = script(value)
    first = next((name for name, langs in _FIRST.items() if lang.partition("-")[0] in langs), "LATIN")
    if found in ("", first):
        return 0
    return 1 + (_ORDER.index(found) if found in _ORDER else len(_ORDER))


def needed(root: Any, items: Sequence[Item], lang: str) -> bool:
    """Whether the order may come out wrong: a sorted style, and a work without author or in another script."""
    if next(root.iter(f"{{{CSL}}}sort"), None) is None:
        return False
    own_first = any(lang.partition("-")[0] in langs for langs in _FIRST.values())
    for item in items:
        names = item.get("author")
        if not names:
            return True
        if own_first and rank(str(names[0].get("family") or names[0].get("literal") or ""), lang):
            return True
    return False


def ordered(root: Any, items: Sequence[Item], lang: str) -> list[Item]:
    """Put before each key of the style's sorts one that ranks its values; give `items` with ranks. One pandoc run."""
    keys = [key for key in root.iter(f"{{{CSL}}}key") if key.get("macro")]
    macros = list(dict.fromkeys(key.get("macro") for key in keys))
    values = _values(root, macros, items)
    ranks = {name: [rank(value, lang) for value in column] for name, column in values.items()}
    ranked = [dict(item) for item in items]
    for number, macro in enumerate(macros):
        if len(set(ranks[macro])) < 2:
            continue
        for item, value in zip(ranked, ranks[macro], strict=True):
            item[f"rank-{number}"] = f"{value:02}"
        for key in keys:
            if key.get("macro") == macro:
                _insert_rank(key, f"rank-{number}")
    return ranked


def _insert_rank(key: Any, variable: str) -> None:
    from lxml import etree

    before = etree.Element(f"{{{CSL}}}key", variable=variable)
    key.getparent().insert(key.getparent().index(key), before)


def _values(root: Any, macros: Sequence[str], items: Sequence[Item]) -> Mapping[str, list[str]]:
    """What each macro prints for each item, by a style that prints nothing else.

    Each macro has a copy of the items to itself: what one macro substitutes, the next would not print.
    """
    from lxml import etree

    probe = copy.deepcopy(root)
    for element in [*probe.iter(f"{{{CSL}}}citation"), *probe.iter(f"{{{CSL}}}bibliography")]:
        probe.remove(element)
    probe.set("class", "in-text")
    citation = etree.SubElement(probe, f"{{{CSL}}}citation")
    etree.SubElement(etree.SubElement(citation, f"{{{CSL}}}layout"), f"{{{CSL}}}text", variable="title")
    bibliography = etree.SubElement(probe, f"{{{CSL}}}bibliography")
    bibliography.set("name-as-sort-order", "all")
    choose = etree.SubElement(etree.SubElement(bibliography, f"{{{CSL}}}layout"), f"{{{CSL}}}choose")
    copies = []
    for number, macro in enumerate(macros):
        branch = etree.SubElement(choose, f"{{{CSL}}}{'else-' if number else ''}if", variable=f"probe-{number}")
        etree.SubElement(branch, f"{{{CSL}}}text", macro=macro)
        copies += [{**item, "id": f"{number}-{at}", f"probe-{number}": "1"} for at, item in enumerate(items)]
    printed = _printed(etree.tostring(probe, encoding="unicode"), copies)
    return {
        macro: [printed.get(f"{number}-{at}", "") for at in range(len(items))] for number, macro in enumerate(macros)
    }


def _printed(style: str, items: Sequence[Item]) -> dict[str, str]:
    """The text of each item in a style's list."""
    tree = {
        "pandoc-api-version": [1, 23, 1],
        "meta": {"nocite": {"t": "MetaInlines", "c": [{"t": "Cite", "c": [[_everything()], []]}]}},
        "blocks": [],
    }
    files = {
        "--bibliography": ("references.json", json.dumps(list(items), ensure_ascii=False)),
        "--csl": ("probe.csl", style),
    }
    output, _ = pandoc.run(json.dumps(tree), ["-f", "json", "-t", "json", "--citeproc"], files=files)
    entries = (node for node in nodes(json.loads(output)["blocks"], "Div") if "csl-entry" in attr(node)[1])
    return {identifier(node).removeprefix("ref-"): text(node["c"][1]) for node in entries}


def _everything() -> dict[str, Any]:
    mode = {"t": "NormalCitation"}
    empty: dict[str, Any] = {
        "citationPrefix": [],
        "citationSuffix": [],
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return {"citationId": "*", "citationMode": mode, **empty}
