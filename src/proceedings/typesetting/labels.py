"""Folios as PDF page labels (ISO 32000-1, 12.4.2): runs of decimal or roman numbers with a prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, String

from proceedings.numerals import from_roman


@dataclass(frozen=True, slots=True)
class _Number:
    """One folio taken apart: `iv` is roman 4, `A-3` is decimal 3 with a prefix, `` is a prefix alone."""

    prefix: str
    style: str  # D | r | R | ""
    value: int

    def follows(self, other: _Number) -> bool:
        same = (self.prefix, self.style) == (other.prefix, other.style)
        return same and self.style != "" and self.value == other.value + 1


def page_labels(folios: Sequence[str]) -> Array:
    """The /Nums array of a page label tree: page index, label dictionary, page index …"""
    nums = Array()
    before: _Number | None = None
    for index, folio in enumerate(folios):
        number = _parse(folio)
        if before is None or not number.follows(before):
            nums.append(index)
            nums.append(_dictionary(number))
        before = number
    return nums


def _parse(folio: str) -> _Number:
    match = re.fullmatch(r"(.*?)([0-9]+)", folio)
    if match and not match[2].startswith("0"):
        return _Number(match[1], "D", int(match[2]))
    value = from_roman(folio.lower())
    if value and folio in (folio.lower(), folio.upper()):
        return _Number("", "r" if folio.islower() else "R", value)
    return _Number(folio, "", 0)


def _dictionary(number: _Number) -> Dictionary:
    label = Dictionary()
    if number.style:
        label.S, label.St = Name("/" + number.style), number.value
    if number.prefix:
        label.P = String(number.prefix)
    return label
