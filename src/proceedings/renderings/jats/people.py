"""Contributors, their affiliations and the notes about them, as JATS has them before the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from proceedings.model import Affiliation, Contributor, ContributorRole, NameVariant
from proceedings.renderings.jats import Rendering
from proceedings.renderings.jats.grammar import LANG, Element, add_text, fill, new, set_all, sub, text_of

CREDIT = "https://credit.niso.org/"
FUNDERS = "10.13039/open_funder_registry"
# Languages in whose own script the family name is written first.
_EASTERN = frozenset({"zh", "ja", "ko", "hu", "vi"})
# What a note about authors says: field of the record, fn-type, word of the furniture, sign.
_NOTES = (("equal_contribution", "equal", "="), ("deceased", "deceased", "†"))


class People:
    """The contributors of one contribution and what they refer to. `words` are the furniture's, in the language `lang`
    of the document."""

    def __init__(
        self,
        people: Sequence[Contributor],
        affiliations: Sequence[Affiliation],
        prefix: str,
        words: Mapping[str, str],
        *,
        lang: str,
        of_volume: bool = False,
    ) -> None:
        self._lang = lang
        self._of_volume = of_volume  # who says no role of a volume is its editor
        self._people = people
        self._prefix = prefix
        self._words = words
        self._affiliations = [(row, f"{prefix}aff-{number}") for number, row in enumerate(affiliations, 1)]

    def groups(self, rendering: Rendering | None = None) -> Iterable[Element]:
        """A contrib-group for each role, authors first. `rendering` has the biographies."""
        for role in ContributorRole:
            members = [(number, person) for number, person in enumerate(self._people) if self._role(person) is role]
            if members:
                group = new("contrib-group", content_type=f"{'volume-' if self._of_volume else ''}{role.value}s")
                group.extend([self._contributor(person, number, rendering) for number, person in members])
                yield group

    def _role(self, person: Contributor) -> ContributorRole:
        unsaid = self._of_volume and person.role is ContributorRole.AUTHOR
        return ContributorRole.EDITOR if unsaid else person.role

    def affiliations(self) -> list[Element]:
        return [affiliation(row, name, str(number)) for number, (row, name) in enumerate(self._affiliations, 1)]

    def notes(self) -> list[Element]:
        """What an author-notes holds: addresses for correspondence, equal contribution, deaths."""
        found = [
            self._correspondence(person, number)
            for number, person in enumerate(self._people)
            if self._is_written_to(person)
        ]
        for field, kind, sign in _NOTES:
            if any(getattr(person, field) for person in self._people):
                note = new("fn", id=f"{self._prefix}{kind}", fn_type=kind)
                sub(note, "label", sign)
                sub(note, "p", self._words[kind])
                found.append(note)
        return found

    @staticmethod
    def _is_written_to(person: Contributor) -> bool:
        return person.corresponding and bool(person.email)

    def _correspondence(self, person: Contributor, number: int) -> Element:
        element = new("corresp", id=f"{self._prefix}corresp-{number + 1}")
        sub(element, "label", "*")
        add_text(element, f"{self._words['correspondence']}: {person.name}, ")
        sub(element, "email", person.email or "")
        return element

    def _contributor(self, person: Contributor, number: int, rendering: Rendering | None) -> Element:
        element = new(
            "contrib",
            id=f"{self._prefix}contrib-{number + 1}",
            contrib_type=self._role(person).value,
            corresp="yes" if person.corresponding else None,
            equal_contrib="yes" if person.equal_contribution else None,
            deceased="yes" if person.deceased else None,
        )
        if person.orcid:
            sub(
                element,
                "contrib-id",
                f"https://orcid.org/{person.orcid}",
                contrib_id_type="orcid",
                authenticated="false",
            )
        element.append(names(person, self._lang))
        if person.email and not self._is_written_to(person):
            sub(element, "email", person.email)
        if person.url:
            sub(element, "ext-link", person.url, ext_link_type="uri", href=person.url, title=person.name)
        if person.role_label:
            sub(element, "role", person.role_label)
        for term in person.credit:
            element.append(credit_role(term))
        self._references(person, number, element)
        if rendering is not None and person.bio:
            element.append(fill(new("bio"), rendering.blocks(f"contributors.{number}.bio")))
        return element

    def _references(self, person: Contributor, number: int, element: Element) -> None:
        for index, (row, name) in enumerate(self._affiliations, 1):
            if row.id in person.affiliations:
                sub(sub(element, "xref", ref_type="aff", rid=name), "sup", str(index))
        for field, kind, sign in _NOTES:
            if getattr(person, field):
                sub(sub(element, "xref", rid=f"{self._prefix}{kind}"), "sup", sign)
        if self._is_written_to(person):
            sub(sub(element, "xref", rid=f"{self._prefix}corresp-{number + 1}"), "sup", "*")


def names(person: Contributor, lang: str) -> Element:
    """A name, or the same name in several scripts. `lang` is the language of the document."""
    if person.group:
        main = new("collab", person.group)
        others = [new("collab", one.group, lang=one.lang) for one in person.variants if one.group]
        return _together("collab-alternatives", main, others, lang)
    surname = " ".join(part for part in (person.particle, person.family) if part)
    main = _name(person.given, surname, person.suffix)
    others = [_variant(one) for one in person.variants if one.given or one.family]
    return _together("name-alternatives", main, others, lang)


def _together(tag: str, main: Element, others: list[Element], lang: str) -> Element:
    """The forms of a name. The first is in the language of the document, and says nothing; where another one is in
    that, all that is known of the first is its script (PMC wants one form alone to be in the document's language)."""
    if not others:
        return main
    if any(primary(other.get(LANG) or "") == primary(lang) for other in others):
        set_all(main, lang=f"und-{_script(text_of(main))}".rstrip("-"))
    element = new(tag)
    element.extend([main, *others])
    return element


# First word of a letter's Unicode name → ISO 15924.
_SCRIPTS = {
    "ARABIC": "Arab", "ARMENIAN": "Armn", "CJK": "Hani", "CYRILLIC": "Cyrl", "DEVANAGARI": "Deva", "GEORGIAN": "Geor",
    "GREEK": "Grek", "HANGUL": "Hang", "HEBREW": "Hebr", "HIRAGANA": "Hira", "KATAKANA": "Kana", "LATIN": "Latn",
    "MONGOLIAN": "Mong", "THAI": "Thai",
}  # fmt: skip


def _script(name: str) -> str:
    letter = next((letter for letter in name if letter.isalpha()), " ")
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0], "")


def primary(lang: str) -> str:
    """The language of a tag, without script and region."""
    return lang.partition("-")[0].lower()


def _name(given: str, family: str, suffix: str = "", style: str | None = None, lang: str | None = None) -> Element:
    """A `name`; one that has no family name is of the style given-only."""
    element = new("name", name_style=style if family else "given-only", lang=lang)
    if family:
        sub(element, "surname", family)
    if given:
        sub(element, "given-names", given)
    if suffix:
        sub(element, "suffix", suffix)
    return element


def _variant(variant: NameVariant) -> Element:
    style = "eastern" if variant.lang.split("-")[0] in _EASTERN else None
    return _name(variant.given, variant.family, style=style, lang=variant.lang)


def credit_role(term: str) -> Element:
    """A role of the CRediT taxonomy with its address: lower case, without the dash and the ampersand of its name."""
    path = "-".join(word for word in term.lower().replace("–", " ").replace("&", " ").split())
    return new(
        "role",
        term,
        vocab="credit",
        vocab_identifier=CREDIT,
        vocab_term="Formal Analysis" if term == "Formal analysis" else term,  # as JATS4R's list has it
        vocab_term_identifier=f"{CREDIT}contributor-roles/{path}/",
    )


def affiliation(row: Affiliation, name: str, label: str = "") -> Element:
    """An `aff`, its parts in the order of a postal address with commas between them."""
    element = new("aff", id=name)
    if label:
        sub(element, "label", label)
    parts = [new("institution", row.department, content_type="dept")] if row.department else []
    parts.append(institution(row.name, row.ror))
    parts += [new(tag, value) for tag, value in (("city", row.city), ("state", row.region)) if value]
    land = country(row.country, row.country_code)
    for number, part in enumerate(parts if land is None else [*parts, land]):
        if number:
            add_text(element, ", ")
        element.append(part)
    return element


def institution(name: str, identifier: str | None) -> Element:
    """An institution, wrapped together with its ROR or Funder Registry id where it has one."""
    return wrapped_institution(name, identifier) if identifier else new("institution", name)


def wrapped_institution(name: str, identifier: str | None) -> Element:
    """An institution-wrap, which JATS4R wants of every funder; an id of the Funder Registry without its resolver."""
    wrap = new("institution-wrap")
    sub(wrap, "institution", name)
    if identifier and "ror.org/" in identifier:
        sub(wrap, "institution-id", identifier, institution_id_type="ror")
    elif identifier:
        identifier = re.sub(r"^https?://(dx\.)?doi\.org/", "", identifier)
        element = sub(wrap, "institution-id", identifier, institution_id_type="doi")
        if identifier.startswith("10.13039/"):
            set_all(element, vocab="open-funder-registry", vocab_identifier=FUNDERS)
    return wrap


def country(name: str, code: str | None) -> Element | None:
    """A country by its name as it is to be printed, else by the English name that its code has."""
    if not name and not code:
        return None
    if not name:
        import langcodes

        name = langcodes.Language.make(territory=code).territory_name("en")
    return new("country", name, country=code)
