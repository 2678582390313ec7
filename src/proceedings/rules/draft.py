"""What the checks on a contribution look at, and how they compare words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from proceedings import document as tree
from proceedings.diagnostics import Location
from proceedings.model import (
    Contribution,
    Limits,
)
from proceedings.source import Map, Source, key_location, location_of


@dataclass
class Draft:
    """All that the checks on a contribution may look at: its text, positioned data, record and tree."""

    source: Source
    data: Map
    contribution: Contribution
    document: tree.Document
    limits: Limits | None


def home(draft: Draft) -> Location:
    return Location(draft.source.path, 1, 1)


def field(draft: Draft, name: str) -> Location:
    """Where a field is written, else where the metadata begin."""
    return key_location(draft.data, name, location_of(draft.data, home(draft)))


def folded(value: str) -> str:
    """Letters only, without accents and case: 'Özgür-Ünal' and 'Ozgur Unal' are the same."""
    plain = unicodedata.normalize("NFKD", value)
    return "".join(c for c in plain.casefold() if c.isalnum())
