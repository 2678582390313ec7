"""CRediT roles in every spelling → the fourteen names of the taxonomy (ANSI/NISO Z39.104)."""

from __future__ import annotations

import re
from typing import Any

from proceedings.frontmatter.notes import Notes
from proceedings.model import CREDIT_ROLES
from proceedings.records import closest
from proceedings.source import Map, Scalar, location_of


def _key(text: str) -> str:
    """What is alike in all spellings of a role: 'Writing – Review & Editing' and '…/writing-review-editing/'."""
    bare = text.strip().rstrip("/").rpartition("/")[2] if re.match(r"\s*https?://", text) else text
    bare = re.sub(r"^\s*CREDIT_\d+\s+|\s+role\W*$", "", bare, flags=re.I)  # the Contributor Role Ontology's terms
    letters = re.sub(r"\band\b|[^a-z]", "", bare.lower().replace("_", " "))
    return letters.replace("isation", "ization").removesuffix("preparation").removeprefix("credit")


_ROLES = {_key(role): role for role in CREDIT_ROLES}
_ROLES |= {  # what Quarto, MyST and authors use besides
    "analysis": "Formal analysis",
    "funding": "Funding acquisition",
    "fundingaquisition": "Funding acquisition",
    "administration": "Project administration",
    "projectmanagement": "Project administration",
    "writingdraft": "Writing – original draft",
    "originaldraft": "Writing – original draft",
    "writingoriginal": "Writing – original draft",
    "editing": "Writing – review & editing",
    "reviewediting": "Writing – review & editing",
    "writingreview": "Writing – review & editing",
    "writingediting": "Writing – review & editing",
}


_EITHER = {"writing": [role for role in CREDIT_ROLES if role.startswith("Writing")]}  # Quarto's word, and anybody's


def roles(value: Any, notes: Notes) -> list[Scalar]:
    """A role, a list of roles or a mapping of roles to degrees → the taxonomy's names. An unknown role is told."""
    found: list[Scalar] = []
    for text in _named(value, notes):
        role = _ROLES.get(_key(text))
        if role is None:
            _tell(text, notes)
        elif role not in found:
            found.append(Scalar.of(role, location_of(text, notes.home)))
    return found


def _tell(text: Scalar, notes: Notes) -> None:
    """Say that a text names no role, or that two may be meant."""
    key = _key(text)
    if key in _EITHER:
        message, meant = f"{str(text)!r} may be either of two CRediT roles, so it is not used", _EITHER[key]
        notes.add("M022", message, text, f"Write {' or '.join(meant)}.")
        return
    near = closest(text, CREDIT_ROLES) or next(
        (role for role in CREDIT_ROLES if key and f" {key} " in role.lower()), ""
    )
    notes.add("M022", f"{str(text)!r} is not a CRediT role, so it is not used", text,
              f"Did you mean {near}?" if near else f"They are: {', '.join(CREDIT_ROLES)}.")  # fmt: skip


def _named(value: Any, notes: Notes) -> list[Scalar]:
    """The texts that name roles; those with the degree false, none or 0 are not meant."""
    if isinstance(value, list):
        return [text for item in value for text in _named(item, notes)]
    if isinstance(value, Map):
        given = value.get("credit", value.get("role", value.get("name", value.get("type"))))
        if isinstance(given, str):  # {credit: software, degree: lead}
            return _named(given, notes)
        meant = [key for key, degree in value.items() if str(degree).lower() not in ("false", "no", "none", "0", "off")]
        return [Scalar.of(str(key), location_of(key, value.location)) for key in meant]
    if not isinstance(value, str):
        return []
    place = location_of(value, notes.home)
    parts = [part.strip() for part in re.split(r"[,;]", value) if part.strip()]
    if _key(value) in _ROLES or not any(_key(part) in _ROLES for part in parts):
        return [Scalar.of(value, place)]
    return [Scalar.of(part, place) for part in parts]
