"""One person or group in any shape → a contributor in our own form."""

from __future__ import annotations

import re
from typing import Any

from proceedings import names
from proceedings.diagnostics import Location
from proceedings.frontmatter import credit
from proceedings.frontmatter.affiliations import Affiliations
from proceedings.frontmatter.bylines import EMAIL, Byline, read_byline
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import Vocabulary, Words, plain
from proceedings.model import ContributorRole
from proceedings.source import Map, Scalar, Seq, key_location, location_of

FIELDS = Vocabulary({
    "name": "full-name display-name author person",
    "literal": "",
    "given": "given-name given-names first-name first-names first forename forenames other-names",
    "middle": "middle-name middle-names",
    "family": "family-name family-names surname surnames last-name last-names last",
    "particle": "dropping-particle non-dropping-particle name-particle von",
    "suffix": "name-suffix generation",
    "group": "collective corporate collaboration-name",
    "variants": "name-variants",
    "role": "",
    "role-label": "",
    "credit": "roles credit-roles contributor-roles contributions contribution contributor-role",
    "orcid": "orcid-id orcid-url",
    "email": "mail emails",
    "url": "website homepage web site web-page",
    "affiliations": "affiliation affil affils aff affs affiliation-id institute institutes institution institutions"
    " organisation organisations organization organizations university company inst",
    "corresponding": "correspondence corresponding-author corresp is-corresponding is-corresponding-author",
    "equal-contribution": "equal-contrib equal-contributor is-equal-contributor equal equally equal-cont equal-first"
    " co-first co-first-author equal-authorship contributed-equally",
    "deceased": "",
    "bio": "biography note notes thanks footnote about author-note",
    "attributes": "",
    "collaboration": "",
})  # fmt: skip
_PLACE = Words("department city region state country location address num")  # at a person: of their affiliation
_UNUSED = Words(
    "github gitlab bitbucket twitter x bluesky mastodon linkedin facebook instagram youtube threads initials phone"
    " fax number degrees degree title position job-title picture image photo avatar funders funding acknowledgements"
    " acknowledgments rank isni google-scholar researchgate researcher-id publons scopus wikidata username symbol"
    " order nickname alias type pronouns postal-address profession metadata affiliation-url affiliations-url"
    " affiliation-ror ror name-parts name-parsed social links street zip postal-code postcode"
)
_LABELS = Words("id index key ref")  # by which other fields name the person
_FLAGS = ("corresponding", "equal-contribution", "deceased")
_TRUE, _FALSE = {"true", "yes", "on", "1", "y", "t", "x"}, {"false", "no", "off", "0", "n", "f"}


def is_person(value: Map) -> bool:
    """Whether a mapping has any field of a person."""
    return any(key in FIELDS for key in value)


def called(person: Map) -> str:
    """The person's name, for a message."""
    parts = (str(person.get(field) or "") for field in ("given", "particle", "family", "group"))
    return " ".join(part for part in parts if part) or "this person"


def of_fields(item: Map, organisations: Affiliations, notes: Notes) -> Map:
    """One person's fields in our spelling; what has no effect is noted, what nobody knows stays and is told later."""
    person, place = Map.of({}, item.location), Map.of({}, item.location)
    for key, value in item.items():
        name, ours = plain(key), FIELDS.find(key) or _numbered(key)
        at = key_location(item, key, item.location)
        if value is None or value == "":
            continue
        if ours == "affiliations" and ours in person:
            person[ours] = Seq.of([*_items(person[ours]), *_items(value)], location_of(person[ours], at))
        elif ours is not None:
            person.setdefault(Scalar.of(ours, at), value)
        elif name in _PLACE:
            place[Scalar.of(name, at)] = value
        elif name in _UNUSED:
            notes.idle(f"authors.{name}", at)
        elif name not in _LABELS:
            person[key] = value
    _unquote(person, notes)
    _name(person, notes)
    _tell_titles(person, notes)
    _affiliate(person, place, organisations, notes)
    _contacts(person, notes)
    _flags(person, notes)
    _roles(person, notes)
    return person


def _numbered(key: str) -> str | None:
    """`affiliation2`, `aff_3` → affiliations."""
    ours = FIELDS.find(re.sub(r"[-_]?\d$", "", key)) if key[-1:].isdigit() else None
    return ours if ours == "affiliations" else None


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


# --- the name ---------------------------------------------------------------------------------------------


def _name(person: Map, notes: Notes) -> None:
    """`name` as text or in parts → given, particle, family, suffix or group."""
    name, literal = person.pop("name", None), person.pop("literal", None)
    is_group = truth(person.pop("collaboration", None)) == "true"
    if truth(person.get("group")) in ("true", "false"):  # Quarto's `group: true` beside the name
        is_group = truth(person.pop("group")) == "true"
    if isinstance(name, Map):
        parts = Map.of({FIELDS.find(key) or key: value for key, value in name.items()}, name.location)
        name = parts.pop("literal", parts.pop("name", None))
        for key, value in parts.items():
            person.setdefault(key, value)
    elif isinstance(name, list):
        notes.add("M004", "a name should be text or a mapping, but is a list", name, "Write `family:` and `given:`.")
    middle = person.pop("middle", None)
    if isinstance(middle, str) and isinstance(person.get("given"), str):
        person["given"] = Scalar.of(f"{person['given']} {middle}", location_of(middle, person.location))
    if any(person.get(field) for field in ("given", "family", "group")):
        return
    if isinstance(literal, str) or (is_group and isinstance(name, str)):
        person["group"] = literal if isinstance(literal, str) else name
    elif isinstance(name, str):
        _read_name(person, name, notes)


def _unquote(person: Map, notes: Notes) -> None:
    """Leave out the typographic quotes that a word processor made of YAML's; they are no part of a name."""
    for field in ("name", "literal", "given", "family", "group"):
        value = person.get(field)
        if isinstance(value, str) and (bare := value.strip("“”„«» ")) != value.strip():
            place = location_of(value, person.location)
            notes.add("M028", f"the quotation marks at {str(value)!r} are left out", place, "Take them away.")
            person[field] = Scalar.of(bare or str(value), place)


def _tell_titles(person: Map, notes: Notes) -> None:
    given, suffix = (str(person.get(field) or "") for field in ("given", "suffix"))
    for title in names.titles(given, suffix):
        place = location_of(person.get("given") or person.get("suffix"), person.location)
        notes.add("M027", f"{title!r} in the name {called(person)!r} is a title, and no part of a name", place,
                  "Leave it out: it would be cited and indexed as if it were one.")  # fmt: skip


def _read_name(person: Map, text: str, notes: Notes) -> None:
    place = location_of(text, person.location)
    byline = read_byline(text)
    name = names.parse(byline.name)
    for field, value in name.parts.items():
        person[field] = Scalar.of(value, place)
    if not name.sure:
        message = f"in {byline.name!r}, {name.family!r} is read as the family name"
        hint = "Write `family:` and `given:`."
        if name.group:
            message, hint = f"{name.group!r} is read as a group's name", "Write `group:`, or `family:` and `given:`."
        notes.add("M017", message, place, hint)
    _take_marks(person, byline, place, notes)


def _take_marks(person: Map, byline: Byline, place: Location, notes: Notes) -> None:
    """What stood beside the name: marks of affiliations, a note, addresses."""
    if byline.references:
        person.setdefault("affiliations", Scalar.of(", ".join(byline.references), place))
    for flag in sorted(byline.flags):
        person.setdefault(flag, Scalar.of("true", place))
    for field in ("email", "orcid", "url"):
        if value := getattr(byline, field):
            person.setdefault(field, Scalar.of(value, place))
    if byline.note:
        notes.add("M018", f"the note at the name of {byline.name!r} is printed as a note on the author", place,
                  "Write what it says as `affiliation:`, `email:` or `bio:`.")  # fmt: skip
        person.setdefault("bio", Scalar.of(byline.note, place))
    if byline.symbols:
        notes.add("M019", f"the marks {byline.symbols!r} at the name of {byline.name!r} are left out", place,
                  "Write what they stand for: `corresponding: true`, `equal-contribution: true`.")  # fmt: skip


# --- affiliation, contact, flags, roles -------------------------------------------------------------------


def _affiliate(person: Map, place: Map, organisations: Affiliations, notes: Notes) -> None:
    """Where the person belongs → ids. Department and city at the person are those of the organisation named there."""
    value, number = person.pop("affiliations", None), place.pop("num", None)
    if value is None and organisations.knows(number):
        value = number
    if place and isinstance(value, str) and not organisations.knows(value):
        address = place.pop("address", None)
        if address is not None:
            notes.idle("authors.address", key_location(place, "address", person.location))
        value = Map.of({"name": value, **place}, location_of(value, person.location))
    elif place and value is None:
        value = Map.of(place, person.location)
    else:
        for key in place:
            notes.idle(f"authors.{key}", location_of(key, person.location))
    ids = list(dict.fromkeys(organisations.refer(value)))
    if ids:
        person["affiliations"] = Seq.of(ids, location_of(value, person.location))


def _contacts(person: Map, notes: Notes) -> None:
    email = person.get("email")
    if isinstance(email, Map):
        email = next(iter(email.values()), None)
    addresses = [item for item in _items(email) if isinstance(item, str)]
    if len(addresses) == 1 and len(found := re.findall(EMAIL, _untexed(addresses[0]))) > 1:
        addresses = [Scalar.of(one, location_of(addresses[0], person.location)) for one in found]
    if addresses:
        clean = re.sub(r"^(?:mailto:)?<?(.*?)>?$", r"\1", _untexed(addresses[0]).strip())
        person["email"] = Scalar.of(clean, location_of(addresses[0], person.location))
    if len(addresses) > 1:
        notes.add("M020", f"only the first e-mail address of {called(person)} is used", addresses[1], "Keep one.")
    orcid = person.get("orcid")
    if isinstance(orcid, str) and re.fullmatch(r"(?:https?://orcid\.org/)?[0Xx-]+", orcid.strip()):
        notes.add("M016", f"the ORCID iD {str(orcid)!r} is a placeholder, so it is left out", person.pop("orcid"),
                  "Write the iD, or leave the field away.")  # fmt: skip
    url = person.get("url")
    if isinstance(url, str) and re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", url):
        person["url"] = Scalar.of(f"https://{url}", location_of(url, person.location))


def _untexed(text: str) -> str:
    r"""\email{a\@b.org}, \href{mailto:a@b.org}{…}, [a@b.org](mailto:a@b.org) → the address."""
    text = re.sub(r"\\href\{(?:mailto:)?([^{}]*)\}\{[^{}]*\}?", r"\1", text)
    text = re.sub(r"\\\w+\{([^{}]*)\}?", r"\1", text)
    text = re.sub(r"\[[^\]]*\]\((?:mailto:)?([^)\s]+)\)", r"\1", text)
    return re.sub(r"\\([@_.])", r"\1", text)


def _flags(person: Map, notes: Notes) -> None:
    """`attributes` and the many spellings of yes."""
    attributes = person.pop("attributes", None)
    if isinstance(attributes, str | list):
        named = [item for item in _items(attributes) if isinstance(item, str)]
        attributes = Map.of({item: Scalar.of("true", person.location) for item in named}, person.location)
    for key, value in (attributes or {}).items():
        person.setdefault(FIELDS.find(key) or key, value)
    for flag in _FLAGS:
        value = person.get(flag)
        if not isinstance(value, str):
            continue
        place = location_of(value, person.location)
        if found := re.search(EMAIL, value):
            person.setdefault("email", Scalar.of(found[0], place))
        elif flag == "equal-contribution" and re.search(r"equal", value, re.I):
            found = re.search("equal", value, re.I)
        person[flag] = Scalar.of("true" if found else truth(value) or value, place)
    bio = person.get("bio")
    if isinstance(bio, list) and all(isinstance(item, str) for item in bio):
        bio = person["bio"] = Scalar.of("\n\n".join(bio), location_of(bio, person.location))
    if isinstance(bio, str) and re.fullmatch(r"[\d,\s*]+", bio):
        notes.idle("authors.footnote", person.pop("bio"))


def _roles(person: Map, notes: Notes) -> None:
    """`role` names a role in the volume or, in other tools, CRediT roles; `credit` is a list of those."""
    role = person.get("role")
    if isinstance(role, str) and role.strip().lower() in [item.value for item in ContributorRole]:
        person["role"] = Scalar.of(role.strip().lower(), location_of(role, person.location))
    elif role is not None:
        person.setdefault("credit", person.pop("role"))
    if "credit" in person:
        found = credit.roles(person.pop("credit"), notes)
        if found:
            person["credit"] = Seq.of(found, person.location)


def truth(value: Any) -> str:
    """'true', 'false', or '' where the text says neither."""
    word = str(value).strip().lower() if isinstance(value, str) else ""
    return "true" if word in _TRUE else "false" if word in _FALSE else ""
