"""Repairs of a style for pandoc's citeproc 0.13, and of items: each for one fault of pandoc's, none for the style's own."""

from __future__ import annotations

import copy
import re
from typing import Any

from proceedings.bibliography import Item
from proceedings.citations.locales import CSL


def repaired(root: Any) -> None:
    """Mend a style's tree in place."""
    _names_before_label(root)
    _long_names_in_sorts(root)


def _names_before_label(root: Any) -> None:
    """`<names>` with a label and no `<name>`: pandoc takes the label to come first ("editorsUmlauf K")."""
    from lxml import etree

    for names in root.iter(f"{{{CSL}}}names"):
        label = names.find(f"{{{CSL}}}label")
        if label is not None and names.find(f"{{{CSL}}}name") is None:
            names.insert(list(names).index(label), etree.Element(f"{{{CSL}}}name"))


def _long_names_in_sorts(root: Any) -> None:
    """Sort keys are names in their long form (CSL 1.0.2, "Sorting"); pandoc sorts by the macro's short form.

    So "van der Berg" comes under v even where the style sorts it under B. Each macro that a key calls and that has
    names in a short form gets a twin with the long form, for the key alone.
    """
    macros = {str(macro.get("name")): macro for macro in root.iter(f"{{{CSL}}}macro")}
    twins: dict[str, str] = {}
    for key in list(root.iter(f"{{{CSL}}}key")):
        name = str(key.get("macro") or "")
        if name in macros:
            key.set("macro", _long_twin(name, macros, twins, frozenset()))


def _long_twin(name: str, macros: dict[str, Any], twins: dict[str, str], above: frozenset[str]) -> str:
    """The name of the twin of macro `name`, or `name` itself where it has no short names, directly or below."""
    if name in twins or name in above or name not in macros:
        return twins.get(name, name)
    twin = copy.deepcopy(macros[name])
    changed = False
    for element in twin.iter(f"{{{CSL}}}name"):
        if element.get("form") == "short":
            element.set("form", "long")
            changed = True
    for element in twin.iter(f"{{{CSL}}}text"):
        called = str(element.get("macro") or "")
        if called:
            below = _long_twin(called, macros, twins, above | {name})
            changed = changed or below != called
            element.set("macro", below)
    if not changed:
        return twins.setdefault(name, name)
    twins[name] = f"{name}-sorted-long"
    twin.set("name", twins[name])
    macros[name].addnext(twin)
    return twins[name]


_RANGE = re.compile(r"(\d+)\s?-\s?(\d+)")


def range_dashes(item: Item) -> Item:
    """`item` with an en dash in a double issue or volume: pandoc keeps the hyphen of "7-8"."""
    changed = {
        name: _RANGE.sub("\\1–\\2", item[name])
        for name in ("issue", "volume")
        if isinstance(item.get(name), str) and _RANGE.fullmatch(item[name])
    }
    return {**item, **changed} if changed else item
