"""Repairs of a style for pandoc's citeproc 0.13: each for a fault of pandoc's, none for the style's own meaning."""

from __future__ import annotations

from typing import Any

CSL = "http://purl.org/net/xbiblio/csl"


def repaired(root: Any) -> None:
    """Mend the style's tree in place."""
    _names_before_label(root)


def _names_before_label(root: Any) -> None:
    """`<names>` with a label and no `<name>`: pandoc takes the label to come first ("editorsUmlauf K")."""
    from lxml import etree

    for names in root.iter(f"{{{CSL}}}names"):
        label = names.find(f"{{{CSL}}}label")
        if label is not None and names.find(f"{{{CSL}}}name") is None:
            names.insert(list(names).index(label), etree.Element(f"{{{CSL}}}name"))
