"""Metadata as people already write them → our own form (model.Contribution), with every value still where it was.

JOSS and Inara, Quarto, MyST, Manubot, pandoc-scholar, plain pandoc, R Markdown, ReScience, Hugo and Jekyll are read
without edits and may be mixed: no dialect is announced, each shape is recognised where it stands. `STEPS` are the
matters of a record in order, each one function record → record. What nobody reads is told, never dropped silently;
what cannot be known is left out, never guessed.

`date:` is the manuscript's own date (JOSS: of submission) and sets no date of publication: see `dates`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from proceedings.diagnostics import Diagnostic
from proceedings.frontmatter import dates, fields, funding, people, rights, texts
from proceedings.frontmatter.notes import Notes, Step
from proceedings.frontmatter.volumes import of_volume
from proceedings.source import Map, Scalar, location_of

__all__ = ["Normalised", "normalise", "of_volume"]


@dataclass(frozen=True)
class Normalised:
    """A paper's metadata, rearranged and not yet validated."""

    record: Map  # in our own form, for records.validate
    bibliography: tuple[Scalar, ...]  # files, relative to the paper
    references: tuple[Any, ...]  # CSL items that stand in the metadata
    nocite: tuple[Scalar, ...]  # keys to list without a citation; '*' for all
    findings: tuple[Diagnostic, ...]
    extras: Map  # settings that the body's readers may want: macros, abbreviations, cross-reference words


STEPS: tuple[Step, ...] = (
    fields.respell,
    texts.accents,
    texts.unpack_parts,
    texts.rescience,
    texts.variants,
    texts.languages,
    texts.abstracts,
    texts.statements,
    texts.keywords,
    people.normalise,
    dates.normalise,
    rights.kinds,
    rights.licences,
    funding.normalise,
    rights.relations,
    rights.supplements,
)


def normalise(record: Map, path: str) -> Normalised:
    """The metadata of the paper at `path` → our own form. Never fails; what cannot be used is a finding."""
    notes = Notes(path)
    for step in STEPS:
        record = step(record, notes)
    libraries = _files(record.pop("bibliography", None), notes)
    references = _references(record.pop("references", None), notes)
    nocite = _keys(record.pop("nocite", None), notes)
    _citation(record, notes)
    ours, extras = fields.sort_out(record, notes)
    return Normalised(ours, libraries, references, nocite, tuple(notes.close()), extras)


def is_begun(text: str) -> bool:
    """Whether a text begins as a metadata block does: `---`, then a field that is known."""
    found = re.match(r"\s*---[ \t]*\n([\w-]+):(?:\s|$)", text)
    return found is not None and found[1] in fields.vocabulary()


def _files(value: Any, notes: Notes) -> tuple[Scalar, ...]:
    """`bibliography` as a name, names in a line, a list, or a mapping of names."""
    if isinstance(value, Map):
        value = list(value.values())
    if isinstance(value, list):
        return tuple(name for item in value for name in _files(item, notes))
    if not isinstance(value, str):
        return ()
    place = location_of(value, notes.home)
    return tuple(Scalar.of(name, place) for name in re.split(r"\s*,\s*|\s*\n\s*", value.strip()) if name)


def _references(value: Any, notes: Notes) -> tuple[Any, ...]:
    """CSL items written in the metadata."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, Map))
    if isinstance(value, Map):  # MyST's links to other sites
        notes.idle("references", value)
        return ()
    notes.add(
        "M004",
        "references: this should be a list of CSL items",
        value,
        "Put the entries into a file for `bibliography:`.",
    )
    return ()


def _keys(value: Any, notes: Notes) -> tuple[Scalar, ...]:
    """`nocite: '@a, @b'`, a list of keys, or '@*'."""
    if isinstance(value, list):
        return tuple(key for item in value for key in _keys(item, notes))
    if not isinstance(value, str):
        return ()
    place = location_of(value, notes.home)
    found = re.findall(r"@(\*|\{[^}]+\}|[\w:.#$%&+?<>~/-]*\w)", value)
    keys = [key.strip("{}") for key in found] or [key for key in re.split(r"[\s,;]+", value) if key]
    return tuple(Scalar.of(key, place) for key in keys)


def _citation(record: Map, notes: Notes) -> None:
    """Quarto's and Hugo's `citation`: of what it says of this text only the DOI is a fact of ours."""
    value = record.pop("citation", None)
    if isinstance(value, Map):
        for key, item in value.items():
            if key.lower() == "doi" and "doi" not in record:
                record["doi"] = item
            else:
                notes.idle(f"citation.{key}", location_of(key, value.location))
    elif value is not None:
        notes.idle("citation", value)
    for field in ("publication", "repository", "parts", "type"):
        if field in record:
            notes.idle(field, location_of(record.pop(field), notes.home))
