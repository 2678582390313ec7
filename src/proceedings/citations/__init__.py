"""Citations: one call of pandoc's citeproc turns a document's marks and its library into printed marks and a list.

Everything a reader sees inside a paper is made by pandoc's citeproc, on the tree that every writer starts from.
citeproc-py resolves and validates styles and prints "how to cite" strings, no more: it has no disambiguation and
crashes on 6 % of the styles. pandoc's own faults are repaired in the style (styles.py), in the items and the order
(order.py), in the marks before the run (locators.py) and in the tree after it.
"""

from __future__ import annotations

from proceedings.bibliography.checks import checked, fingerprints
from proceedings.citations.how_to_cite import HowToCite, how_to_cite
from proceedings.citations.marks import Cited, anchor, cite, cited_keys
from proceedings.citations.styles import DEFAULT, Style, style

__all__ = [
    "DEFAULT",
    "Cited",
    "HowToCite",
    "Style",
    "anchor",
    "checked",
    "cite",
    "cited_keys",
    "fingerprints",
    "how_to_cite",
    "style",
]
