"""Given names that tell apart people of one family name, and what pandoc's citeproc 0.13 takes for them.

With a rule other than `by-cite` it goes through all names again for each family name, and through all of that for each
work: 1,000 works by 1,000 first authors take it 40 s, and 3,000 a quarter of an hour; without the rule it is 4 s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from proceedings.bibliography import Item
from proceedings.citations.locales import CSL

MAX_STEPS = 500_000_000  # works × family names × names, of which citeproc does 25 million a second
_PRIMARY = ("primary-name", "primary-name-with-initials")
_RULES = (*_PRIMARY, "all-names", "all-names-with-initials")


def eased(root: Any, items: Sequence[Item]) -> bool:
    """Take a rule about given names out of a style where it changes nothing, since no two people share a family name.

    Where it does change something and takes too long, given names are added by-cite, as CSL has it without a rule:
    only where a mark would be ambiguous. Returns whether that was done.
    """
    citation = root.find(f"{{{CSL}}}citation")
    rule = citation.get("givenname-disambiguation-rule")
    if rule not in _RULES or citation.get("disambiguate-add-givenname") != "true":
        return False
    names = {json.dumps(name, sort_keys=True): _family(name) for name in _names(items, rule in _PRIMARY)}
    families = set(names.values())
    if len(families) == len(names):
        del citation.attrib["disambiguate-add-givenname"]
        return False
    if len(items) * len(families) * len(names) <= MAX_STEPS:
        return False
    citation.set("givenname-disambiguation-rule", "by-cite")
    return True


def _names(items: Sequence[Item], primary: bool) -> Iterator[dict[str, Any]]:
    """The names that a mark may show: all, or the first of each list."""
    for item in items:
        for value in item.values():
            people = [name for name in value if isinstance(name, dict)] if isinstance(value, list) else []
            yield from people[:1] if primary else people


def _family(name: dict[str, Any]) -> str:
    """The last word of a family name: equal wherever citeproc, which takes off particles, finds families equal."""
    words = re.findall(r"\w+", str(name.get("family") or "").partition(",")[0].casefold())
    return words[-1] if words else json.dumps(name, sort_keys=True) if "literal" in name else ""
