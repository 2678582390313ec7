"""People and groups in every shape that they are written in → contributors and affiliations in our own form."""

from __future__ import annotations

import re
from typing import Any

from proceedings import names
from proceedings.frontmatter import credit
from proceedings.frontmatter.affiliations import Affiliations
from proceedings.frontmatter.bylines import Byline, read_byline
from proceedings.frontmatter.fields import plain, words
from proceedings.frontmatter.notes import Notes
from proceedings.model import ContributorRole
from proceedings.source import Map, Scalar, Seq, key_location, location_of

_FIELDS = {
    "name": "name full-name fullname display-name author person",
    "literal": "literal",
    "given": "given given-name given-names first-name first-names firstname first forename forenames",
    "middle": "middle middle-name middle-names",
    "family": "family family-name family-names surname surnames last-name last-names lastname last",
    "particle": "particle dropping-particle non-dropping-particle name-particle von",
    "suffix": "suffix name-suffix generation",
    "group": "group collective corporate collaboration-name",
    "variants": "variants name-variants",
    "role": "role",
    "role-label": "role-label",
    "credit": "credit roles credit-roles contributor-roles contributions contribution contributor-role",
    "orcid": "orcid orcid-id orcid-url",
    "email": "email e-mail mail emails e-mails",
    "url": "url website homepage web site web-page webpage",
    "affiliations": "affiliations affiliation affil affils aff affs affiliation-id institute institutes institution institutions"
    " organisation organisations organization organizations university company inst",
    "corresponding": "corresponding correspondence corresponding-author correspondingauthor corresp is-corresponding",
    "equal-contribution": "equal-contribution equal-contrib equal-contributor equal equally equal-first co-first co-first-author"
    " cofirst equal-authorship contributed-equally",
    "deceased": "deceased",
    "bio": "bio biography note notes thanks footnote about author-note",
    "attributes": "attributes",
    "collaboration": "collaboration",
    "place": "department city region state country location",
}
_SYNONYMS = {other: ours for ours, others in _FIELDS.items() for other in others.split()}
_UNUSED = words(
    "github gitlab bitbucket twitter x bluesky mastodon linkedin facebook instagram youtube threads initials phone fax id number index"
    " num degrees degree title position job-title picture image photo avatar funders funding acknowledgements acknowledgments rank"
    " isni google-scholar researchgate researcher-id publons scopus wikidata username symbol order nickname alias type pronouns"
    " address postal-address profession metadata affiliation-url affiliation-ror ror key ref nameparts social links country-of-origin"
)
_FLAGS = ("corresponding", "equal-contribution", "deceased")
_LISTS = {"editors": "editor", "translators": "translator", "reviewers": "reviewer", "illustrators": "illustrator",
          "compilers": "compiler", "collaborations": "author"}  # fmt: skip
_TRUE, _FALSE = {"true", "yes", "on", "1", "y", "t", "x"}, {"false", "no", "off", "0", "n", "f"}
_EMAIL = re.compile(r"[^\s@<>()\[\],;]+@[^\s@<>()\[\],;]+\.[^\s@<>()\[\],;]+")


def normalise(record: Map, notes: Notes) -> Map:
    """`authors`, `editors` … and `affiliations` → `contributors` in the order of the lists, and affiliations with ids."""
    result = Map.of(record, record.location)
    organisations = Affiliations(result.pop("affiliations", None), notes)
    people = _People(organisations, notes, _by_id(record.get("contributors")))
    found = people.read(result.pop("authors", None), "")
    others = result.pop("contributors", None)
    found += [person for person in people.read(others, "?") if not people.is_known(person, found)]
    for field, role in _LISTS.items():
        if field in result:
            found += people.read(result.pop(field), role, as_group=field == "collaborations")
    _address(result, found, organisations, notes)
    if found:
        result["contributors"] = Seq.of(found, location_of(record.get("authors"), record.location))
    if organisations.entries:
        result["affiliations"] = Seq.of(
            organisations.entries.values(), location_of(record.get("affiliations"), record.location)
        )
    return result


def _by_id(others: Any) -> dict[str, Map]:
    """People listed once under `contributors` with an id, for `authors: [id]`."""
    items = others if isinstance(others, list) else []
    return {str(item["id"]): item for item in items if isinstance(item, Map) and isinstance(item.get("id"), str)}


class _People:
    """Reads lists of people; organisations that they name in place are added to `organisations`."""

    def __init__(self, organisations: Affiliations, notes: Notes, known: dict[str, Map]) -> None:
        self.organisations, self.notes, self.known = organisations, notes, known
        self.used: set[str] = set()

    def is_known(self, person: Map, found: list[Map]) -> bool:
        """Whether this is an entry that `authors` took by its id."""
        return any(person.location == other.location for other in found)

    def read(self, value: Any, role: str, as_group: bool = False) -> list[Map]:
        """A list of people, one person, or a line that names several. `role` '?': each must say its own."""
        if value is None:
            return []
        if isinstance(value, Map) and not _is_person(value):
            value = [Map.of({key: item}, key_location(value, key, value.location)) for key, item in value.items()]
        if isinstance(value, str):
            place = location_of(value, self.notes.home)
            lines = [str(value)] if as_group else names.several(str(value))
            value = [Scalar.of(line, place) for line in lines]
        people = []
        for item in value if isinstance(value, list) else [value]:
            person = self._person(item, as_group)
            if person is not None and self._with_role(person, role):
                people.append(person)
        return people

    def _with_role(self, person: Map, role: str) -> bool:
        """Set the role that the list implies; False where a role is needed and not said."""
        if role == "?" and "role" not in person:
            place = person.location
            self.notes.add("M007", f"{_called(person)} is listed under `contributors` without a role, so it is left out", place,
                           f"Add `role:` ({', '.join(item.value for item in ContributorRole)}), or list authors under `authors`.")  # fmt: skip
            return False
        if role and role not in ("?", "author"):
            person["role"] = Scalar.of(role, person.location)
        return True

    def _person(self, item: Any, as_group: bool) -> Map | None:
        if isinstance(item, str):
            if item.strip() in self.known:
                return self._person(self.known[item.strip()], as_group)
            fields = Map.of({"group" if as_group else "name": item}, location_of(item, self.notes.home))
            return self._of_fields(fields) if item.strip() else None
        if isinstance(item, Map):
            return self._of_fields(_unwrapped(item))
        if item is not None:
            self.notes.add(
                "M004",
                "a person should be a name or a mapping, but is a list",
                item,
                "Write one person an item.",
            )
        return None

    def _of_fields(self, item: Map) -> Map:
        """One person's fields in our spelling; what has no effect or is not known is told."""
        person, other = Map.of({}, item.location), Map.of({}, item.location)
        for key, value in item.items():
            name = plain(key)
            ours = _SYNONYMS.get(name)
            if value is None or value == "":
                continue
            if ours is None and name in _UNUSED:
                self.notes.idle(f"authors.{name}", key_location(item, key, item.location))
            elif ours == "place":
                other[name] = value
            else:
                person.setdefault(Scalar.of(ours or key, key_location(item, key, item.location)), value)
        self._name(person)
        self._affiliation(person, other)
        self._contacts(person)
        self._flags(person)
        self._roles(person)
        return person

    def _name(self, person: Map) -> None:
        """`name` as text or in parts → given, particle, family, suffix or group."""
        name = person.pop("name", None)
        literal = person.pop("literal", None)
        if isinstance(name, Map):
            parts = Map.of({_SYNONYMS.get(plain(key), key): value for key, value in name.items()}, name.location)
            literal = parts.pop("literal", parts.pop("name", literal))
            for key, value in parts.items():
                person.setdefault(key, value)
            name = literal if isinstance(literal, str) and not _has_name(person) else None
            literal = None
        if isinstance(literal, str) and not _has_name(person):
            person["group"] = literal
        middle = person.pop("middle", None)
        if isinstance(middle, str) and isinstance(person.get("given"), str):
            person["given"] = Scalar.of(f"{person['given']} {middle}", location_of(middle, person.location))
        if truth(person.pop("collaboration", None)) == "true" and isinstance(name, str) and not _has_name(person):
            person["group"], name = name, None
        if isinstance(name, str) and not _has_name(person):
            self._read_name(person, name)
        elif isinstance(name, list):
            person["name"] = name  # told when the record is validated

    def _read_name(self, person: Map, text: str) -> None:
        place = location_of(text, person.location)
        byline = read_byline(text)
        name = names.parse(byline.name)
        for field, value in name.parts.items():
            person[field] = Scalar.of(value, place)
        if not name.sure:
            if name.group:
                message, hint = (
                    f"{name.group!r} is read as a group's name",
                    "Say so: `group: …`; or write `family:` and `given:`.",
                )
            else:
                message, hint = (
                    f"in {byline.name!r}, {name.family!r} is read as the family name",
                    "Write `family:` and `given:`.",
                )
            self.notes.add("M017", message, place, hint)
        self._take_marks(person, byline, place)

    def _take_marks(self, person: Map, byline: Byline, place: Any) -> None:
        """What stood beside the name: marks of affiliations, a note, addresses."""
        if byline.references:
            person.setdefault("affiliations", Scalar.of(", ".join(byline.references), place))
        for field in ("email", "orcid", "url"):
            if value := getattr(byline, field):
                person.setdefault(field, Scalar.of(value, place))
        if byline.note:
            self.notes.add("M018", f"the note at the name of {byline.name!r} is printed as a note on the author", place,
                           "Write what it says as `affiliation:`, `email:` or `bio:`.")  # fmt: skip
            person.setdefault("bio", Scalar.of(byline.note, place))
        if byline.symbols:
            self.notes.add("M019", f"the marks {byline.symbols!r} at the name of {byline.name!r} are left out", place,
                           "Write what they stand for: `corresponding: true`, `equal-contribution: true`.")  # fmt: skip

    def _affiliation(self, person: Map, place: Map) -> None:
        """Where the person belongs → ids. City and department at the person belong to the one organisation there."""
        value = person.pop("affiliations", None)
        if place and isinstance(value, str):
            value = Map.of({"name": value, **place}, location_of(value, person.location))
        elif place and value is None:
            value = Map.of(place, person.location)
        elif place:
            for key in place:
                self.notes.idle(f"authors.{key}", key_location(place, key, person.location))
        ids = list(dict.fromkeys(self.organisations.refer(value)))
        if ids:
            person["affiliations"] = Seq.of(ids, location_of(value, person.location))

    def _contacts(self, person: Map) -> None:
        email = person.get("email")
        if isinstance(email, Map):
            email = next(iter(email.values()), None)
        addresses = [item for item in (email if isinstance(email, list) else [email]) if isinstance(item, str)]
        if len(addresses) == 1 and len(found := _EMAIL.findall(addresses[0])) > 1:
            addresses = [Scalar.of(one, location_of(addresses[0], person.location)) for one in found]
        if addresses:
            clean = re.sub(r"^(?:mailto:)?<?(.*?)>?$", r"\1", addresses[0].strip())
            person["email"] = Scalar.of(clean, location_of(addresses[0], person.location))
        if len(addresses) > 1:
            self.notes.add(
                "M020",
                f"only the first e-mail address of {_called(person)} is used",
                addresses[1],
                "Keep one.",
            )
        url = person.get("url")
        if isinstance(url, str) and re.match(r"www\.|[\w-]+(?:\.[\w-]+)+(?:/|$)", url):
            person["url"] = Scalar.of(f"https://{url}", location_of(url, person.location))

    def _flags(self, person: Map) -> None:
        """`attributes` and the many spellings of yes."""
        attributes = person.pop("attributes", None)
        if isinstance(attributes, str):
            attributes = [attributes]
        if isinstance(attributes, list):
            attributes = Map.of({item: Scalar.of("true", person.location) for item in attributes if isinstance(item, str)},
                                person.location)  # fmt: skip
        for key, value in (attributes or {}).items():
            person.setdefault(_SYNONYMS.get(plain(key), key), value)
        for flag in _FLAGS:
            value = person.get(flag)
            if isinstance(value, str) and (found := _EMAIL.search(value)):
                person.setdefault("email", Scalar.of(found[0], location_of(value, person.location)))
                value = Scalar.of("true", location_of(value, person.location))
            if isinstance(value, str):
                person[flag] = Scalar.of(truth(value) or value, location_of(value, person.location))
        bio = person.get("bio")
        if isinstance(bio, str) and re.fullmatch(r"[\d,\s*]+", bio):
            self.notes.idle("authors.footnote", person.pop("bio"))

    def _roles(self, person: Map) -> None:
        """`role` names a role in the volume or, in other tools, CRediT roles; `credit` is a list of those."""
        role = person.get("role")
        roles = [item.value for item in ContributorRole]
        if isinstance(role, str) and role.strip().lower() in roles:
            person["role"] = Scalar.of(role.strip().lower(), location_of(role, person.location))
        elif role is not None:
            person.setdefault("credit", person.pop("role"))
        if "credit" in person:
            found = credit.roles(person.pop("credit"), self.notes)
            if found:
                person["credit"] = Seq.of(found, person.location)


def truth(value: Any) -> str:
    """'true', 'false', or '' where the text says neither."""
    word = str(value).strip().lower() if isinstance(value, str) else ""
    return "true" if word in _TRUE else "false" if word in _FALSE else ""


def _has_name(person: Map) -> bool:
    return any(person.get(field) for field in ("given", "family", "group"))


def _called(person: Map) -> str:
    parts = (str(person.get(field) or "") for field in ("given", "particle", "family", "group"))
    return " ".join(part for part in parts if part) or "this person"


def _is_person(value: Map) -> bool:
    return any(plain(key) in _SYNONYMS for key in value)


def _unwrapped(item: Map) -> Map:
    """{'Ana Li': {institute: x}}, {'Ana Li': x} → with the key as name."""
    if len(item) != 1 or _is_person(item):
        return item
    key, value = next(iter(item.items()))
    name = Scalar.of(str(key), key_location(item, key, item.location))
    if isinstance(value, Map):
        return Map.of({"name": name, **value}, name.location)
    return Map.of({"name": name, **({} if value is None else {"affiliations": value})}, name.location)


def _address(record: Map, people: list[Map], organisations: Affiliations, notes: Notes) -> None:
    """Facts at the top level that belong to a person: the corresponding author, or all that a lone author says."""
    authors = [person for person in people if person.get("role") in (None, "author")]
    lone = authors[0] if len(authors) == 1 else None
    for field in ("correspondence", "email", "orcid"):
        value = record.pop(field, None)
        for item in value if isinstance(value, list) else [value]:
            if item is not None and not _assigned(field, item, authors, lone):
                notes.add(
                    "M021",
                    f"`{field}` does not say whose it is, so it is not used",
                    item,
                    f"Write it at the author: `{field}: …`.",
                )
    if lone is not None and "affiliations" not in lone and organisations.entries:
        lone["affiliations"] = Seq.of([Scalar.of(name, lone.location) for name in organisations.entries], lone.location)


def _assigned(field: str, item: Any, authors: list[Map], lone: Map | None) -> bool:
    """Give a person what stands apart from them; False where it is not clear who is meant."""
    text = " ".join(str(value) for value in item.values() if value) if isinstance(item, Map) else str(item)
    place = location_of(item, authors[0].location if authors else location_of(item, None))  # type: ignore[arg-type]
    address = _EMAIL.search(text)
    named = [person for person in authors if person.get("email") and person["email"] in text]
    named = named or [
        person for person in authors if person.get("family") and _names(person["family"], text)
    ]
    person = named[0] if len(named) == 1 else lone
    if person is None:
        return False
    if field == "orcid":
        person.setdefault("orcid", item)
        return True
    if address:
        person.setdefault("email", Scalar.of(address[0], place))
    if field == "correspondence":
        person["corresponding"] = Scalar.of("true", place)
    return bool(address or named or field == "correspondence")


def _names(family: str, text: str) -> bool:
    """Whether a text, such as an address, has this family name as a word."""
    return len(family) > 2 and re.search(rf"(?<!\w){re.escape(family)}(?!\w)", text, re.I) is not None
