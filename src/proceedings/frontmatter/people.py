"""Lists of people and groups in every shape → contributors and affiliations in our own form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from proceedings import names
from proceedings.frontmatter import person as persons
from proceedings.frontmatter.affiliations import Affiliations
from proceedings.frontmatter.bylines import EMAIL
from proceedings.frontmatter.notes import Notes
from proceedings.model import ContributorRole
from proceedings.source import Map, Scalar, Seq, key_location, location_of

# Lists that imply a role.
_LISTS = {"editors": "editor", "translators": "translator", "reviewers": "reviewer", "illustrators": "illustrator",
          "compilers": "compiler"}  # fmt: skip
_PLAIN = ("given", "particle", "family", "suffix", "group", "name", "department", "city", "region", "country")


def normalise(record: Map, notes: Notes) -> Map:
    """`authors`, `editors` … and `affiliations` → `contributors` in the order of the lists, affiliations with ids."""
    result = Map.of(record, record.location)
    organisations = Affiliations(result.pop("affiliations", None), notes)
    known = _by_id(record.get(field) for field in ("authors", "contributors"))
    people = _People(organisations, notes, known)
    found = people.read(result.pop("authors", None))
    found += people.read(result.pop("collaborations", None), as_group=True)
    found += people.read(_others(result.pop("contributors", None), found, record), "?")
    for field, role in _LISTS.items():
        found += people.read(result.pop(field, None), role)
    _assign(result, found, organisations, notes)
    _tell_raw_tex([*found, *organisations.entries.values()], notes)
    if found:
        result["contributors"] = Seq.of(found, location_of(record.get("authors"), record.location))
    if organisations.entries:
        place = location_of(record.get("affiliations"), record.location)
        result["affiliations"] = Seq.of(organisations.entries.values(), place)
    return result


def _by_id(lists: Iterable[Any]) -> dict[str, Map]:
    """People who have an id, for `authors: [id]` and `editors: [id]`."""
    items = [item for people in lists if isinstance(people, list) for item in people]
    return {str(item["id"]): item for item in items if isinstance(item, Map) and isinstance(item.get("id"), str)}


def _others(contributors: Any, authors: list[Map], record: Map) -> Any:
    """`contributors` without those whom another list took by their id."""
    if not isinstance(contributors, list):
        return contributors
    taken = {person.location for person in authors}
    named = {str(item) for field in _LISTS for item in record.get(field) or () if isinstance(item, str)}
    kept = (item for item in contributors if not isinstance(item, Map) or (
        item.location not in taken and str(item.get("id")) not in named))  # fmt: skip
    return Seq.of(kept, location_of(contributors, record.location))


class _People:
    """Reads lists of people; organisations that they name in place are added to `organisations`."""

    def __init__(self, organisations: Affiliations, notes: Notes, known: dict[str, Map]) -> None:
        self.organisations, self.notes, self.known = organisations, notes, known

    def read(self, value: Any, role: str = "", as_group: bool = False) -> list[Map]:
        """A list of people, one person, or a line that names several. `role` '?': each must say its own."""
        if isinstance(value, Map) and not persons.is_person(value):
            value = [Map.of({key: item}, key_location(value, key, value.location)) for key, item in value.items()]
        if isinstance(value, str):
            place = location_of(value, self.notes.home)
            value = [Scalar.of(line, place) for line in ([str(value)] if as_group else names.several(str(value)))]
        items = [_unwrapped(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
        for item in items:
            if isinstance(item, Map):
                for key in item:
                    if persons.FIELDS.find(key) == "affiliations":
                        self.organisations.define(item[key])
        found = [self._person(item, as_group) for item in items]
        return [person for person in found if person and self._has_role(person, role)]

    def _person(self, item: Any, as_group: bool) -> Map | None:
        if isinstance(item, str):
            if item.strip() in self.known:
                item = self.known[item.strip()]
            elif item.strip():
                item = Map.of({"group" if as_group else "name": item}, location_of(item, self.notes.home))
            else:
                return None
        if isinstance(item, Map):
            return persons.of_fields(item, self.organisations, self.notes)
        self.notes.add(
            "M004", "a person should be a name or a mapping, but is a list", item, "Write one person an item."
        )
        return None

    def _has_role(self, person: Map, role: str) -> bool:
        """Set the role that the list implies; False where one must be said and is not."""
        if role == "?" and "role" not in person:
            roles = ", ".join(item.value for item in ContributorRole)
            message = f"{persons.called(person)} is listed under `contributors` without a role, so it is left out"
            self.notes.add("M007", message, person.location, f"Add `role:` ({roles}), or list authors under `authors`.")
            return False
        if role not in ("", "?"):
            person["role"] = Scalar.of(role, person.location)
        return True


def _unwrapped(item: Any) -> Any:
    """{'Ana Li': {institute: x}}, {'Ana Li': x} → with the key as name."""
    if not isinstance(item, Map) or len(item) != 1 or persons.is_person(item):
        return item
    key, value = next(iter(item.items()))
    name = Scalar.of(str(key), key_location(item, key, item.location))
    if isinstance(value, Map):
        return Map.of({"name": name, **value}, name.location)
    return Map.of({"name": name, **({} if value is None else {"affiliations": value})}, name.location)


def _tell_raw_tex(records: list[Map], notes: Notes) -> None:
    """Names and places are plain text in every output: TeX that is left in one is printed as it stands."""
    for record in records:
        for field in _PLAIN:
            value = record.get(field)
            if isinstance(value, str) and (found := re.search(r"\\(?:[A-Za-z]+|.)", value)):
                message = f"{found[0]} in “{value}” is TeX; it is printed as it stands"
                notes.add("M026", message, location_of(value, record.location), "Write the letters themselves.")


# --- facts that stand apart from the person -----------------------------------------------------------------


def _assign(record: Map, people: list[Map], organisations: Affiliations, notes: Notes) -> None:
    """Facts at the top level that belong to a person: of the corresponding author, or of a lone one."""
    authors = [person for person in people if person.get("role") in (None, "author")]
    lone = authors[0] if len(authors) == 1 else None
    for field in ("correspondence", "email", "orcid"):
        value = record.pop(field, None)
        for item in value if isinstance(value, list) else [value]:
            if item is not None and not _assigned(field, item, authors, lone, notes):
                message = f"`{field}` does not say to whom it belongs, so it is not used"
                notes.add("M021", message, item, f"Write it at the author: `{field}: …`.")
    if lone is not None and organisations.listed and not any("affiliations" in person for person in people):
        lone["affiliations"] = Seq.of([Scalar.of(name, lone.location) for name in organisations.listed], lone.location)


def _assigned(field: str, item: Any, authors: list[Map], lone: Map | None, notes: Notes) -> bool:
    """Give a person what stands apart from them; False where it is not clear who is meant."""
    text = " ".join(str(value) for value in item.values() if value) if isinstance(item, Map) else str(item)
    place = location_of(item, notes.home)
    named = [person for person in authors if person.get("email") and str(person["email"]) in text]
    named = named or [person for person in authors if _is_named(person, text)]
    person = named[0] if len(named) == 1 else lone
    if person is None:
        return False
    if field == "orcid":
        person.setdefault("orcid", item)
    elif address := re.search(EMAIL, text):
        person.setdefault("email", Scalar.of(address[0], place))
    elif not named:
        return False
    if field == "correspondence":
        person["corresponding"] = Scalar.of("true", place)
    return True


def _is_named(person: Map, text: str) -> bool:
    """Whether a text, such as an address, has this person's name or, as a word, the family name."""
    family = str(person.get("family") or "")
    full = f"{person.get('given') or ''} {family}".strip()
    words = [full] if len(family) < 3 else [full, family]
    return any(word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I) for word in words)
