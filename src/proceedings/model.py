"""The records of a volume: closed, frozen, typed. Their JSON Schema is what editors' tools and authors read.

Records hold data only: mappings to a vocabulary (JATS, Crossref …) live in the writer that needs them. In YAML every
field is spelt with hyphens (`short-title`). Fields typed `Rich` are Markdown: pandoc reads them with the body.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from proceedings import identifiers


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Record(BaseModel):
    """The base of every record."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_hyphens,
        populate_by_name=True,
        str_strip_whitespace=True,
    )

    @classmethod
    def restored(cls, text: str) -> Self:
        """A record from the JSON that it was once dumped as: its values were checked when it was made."""
        return cls.model_validate_json(text, context={TRUSTED: True})


TRUSTED = "trusted"
"""In the context of a validation: the record was checked when it was made."""


@dataclass(frozen=True)
class Check(AfterValidator):
    """The check of an identifier; `check` is the function of identifiers.py that makes it."""

    check: Callable[[str], str]


def _checked(check: Callable[[str], str]) -> Check:
    def unless_trusted(value: str, info: ValidationInfo) -> str:
        return value if info.context and TRUSTED in info.context else check(value)

    return Check(unless_trusted, check)


Doi = Annotated[str, _checked(identifiers.doi), Field(description="A DOI.", examples=["10.5555/mpcgo.2024.loom"])]
Orcid = Annotated[str, _checked(identifiers.orcid), Field(description="An ORCID iD.", examples=["0000-0002-1825-0097"])]
Ror = Annotated[str, _checked(identifiers.ror), Field(description="A ROR id.", examples=["https://ror.org/03yrm5c26"])]
Issn = Annotated[str, _checked(identifiers.issn), Field(description="An ISSN.", examples=["2049-3630"])]
Isbn = Annotated[str, _checked(identifiers.isbn), Field(description="An ISBN.", examples=["978-3-16-148410-0"])]
Language = Annotated[
    str, _checked(identifiers.language), Field(description="A BCP 47 tag.", examples=["en", "kk", "pt-BR"])
]
CountryCode = Annotated[str, _checked(identifiers.country), Field(description="An ISO 3166 code.", examples=["KZ"])]
Licence = Annotated[
    str, Field(description="An SPDX id; other words are published as they are.", examples=["CC-BY-4.0"])
]
Url = Annotated[
    str, Field(description="A web address.", pattern=r"^https?://[^\s<>\"]+$", examples=["https://example.org/"])
]
Email = Annotated[
    str,
    Field(description="An e-mail address.", pattern=r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$", examples=["name@example.org"]),
]
Slug = Annotated[
    str,
    Field(
        description="A contribution's name below papers/.",
        pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        max_length=80,
        examples=["middle-power-index"],
    ),
]
_MARKDOWN = object()  # marks the fields that are Markdown
Rich = Annotated[str, _MARKDOWN, Field(min_length=1, json_schema_extra={"contentMediaType": "text/markdown"})]
Date = datetime.date


class Kind(StrEnum):
    """The kinds of contribution. The kind decides what is required (KINDS)."""

    RESEARCH_PAPER = "research-paper"
    OP_ED = "op-ed"
    EDITORIAL = "editorial"
    POLICY_BRIEF = "policy-brief"
    RESEARCH_SUMMARY = "research-summary"
    BOOK_REVIEW = "book-review"
    ABSTRACT = "abstract"
    KEYNOTE = "keynote"
    CORRIGENDUM = "corrigendum"
    RETRACTION = "retraction"


class Relation(StrEnum):
    """How a contribution stands to another work."""

    FIRST_PUBLISHED_IN = "first-published-in"
    RESPONDS_TO = "responds-to"
    SUMMARISES = "summarises"
    CORRECTS = "corrects"
    RETRACTS = "retracts"
    REVIEWS = "reviews"


class KindRules(Record):
    """What a kind requires and allows; word limits may be changed in volume.yaml under `limits`."""

    label: str
    required: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    relation: Relation | None = None
    sections: tuple[str, ...] = ()
    max_words: int | None = None
    max_abstract_words: int | None = None
    needs_body: bool = True


# `required`: an error where absent. `expected`: a warning. `relation`: the relation that the kind cannot be without.
KINDS: dict[Kind, KindRules] = {
    Kind.RESEARCH_PAPER: KindRules(
        label="Research paper",
        required=("authors",),
        expected=("abstract", "keywords"),
        max_words=15000,
        max_abstract_words=350,
    ),
    Kind.OP_ED: KindRules(label="Op-ed", required=("authors",), expected=("disclaimer",), max_words=3000),
    Kind.EDITORIAL: KindRules(label="Editorial", required=("authors",), max_words=5000),
    Kind.POLICY_BRIEF: KindRules(
        label="Policy brief",
        required=("authors",),
        expected=("abstract",),
        sections=("Recommendations",),
        max_words=5000,
    ),
    Kind.RESEARCH_SUMMARY: KindRules(
        label="Research summary",
        required=("authors",),
        relation=Relation.SUMMARISES,
        max_words=2000,
        sections=("What is it about?", "Why is it important?", "Perspectives"),
    ),
    Kind.BOOK_REVIEW: KindRules(label="Book review", required=("authors",), relation=Relation.REVIEWS, max_words=4000),
    Kind.ABSTRACT: KindRules(
        label="Abstract", required=("authors", "abstract"), needs_body=False, max_abstract_words=600
    ),
    Kind.KEYNOTE: KindRules(label="Keynote", required=("authors",), max_words=15000),
    Kind.CORRIGENDUM: KindRules(label="Corrigendum", relation=Relation.CORRECTS, max_words=2000),
    Kind.RETRACTION: KindRules(label="Retraction", relation=Relation.RETRACTS, max_words=2000),
}


# --- people ---------------------------------------------------------------------------------------------------


class NameVariant(Record):
    """A person's or group's name in another script or language."""

    lang: Language
    given: str = Field("", description="Given names.")
    family: str = Field("", description="The family name.")
    group: str = Field("", description="A group's name, instead of a person's.")


class Affiliation(Record):
    """An organisation that a contributor belongs to."""

    id: str = Field("", description="What a contributor's `affiliations` names it by.")
    name: str = Field(description="The organisation's name, as it is to be printed.")
    department: str = Field("", description="A part of it: faculty, institute, laboratory.")
    city: str = Field("", description="The city, as it is to be printed.")
    region: str = Field("", description="State or province, where it is part of the address.")
    country: str = Field("", description="The country's name, as it is to be printed.")
    country_code: CountryCode | None = None
    ror: Ror | None = None


CREDIT_ROLES = (
    "Conceptualization", "Data curation", "Formal analysis", "Funding acquisition", "Investigation", "Methodology",
    "Project administration", "Resources", "Software", "Supervision", "Validation", "Visualization",
    "Writing – original draft", "Writing – review & editing",
)  # fmt: skip


class ContributorRole(StrEnum):
    AUTHOR = "author"
    EDITOR = "editor"
    TRANSLATOR = "translator"
    ILLUSTRATOR = "illustrator"
    REVIEWER = "reviewer"
    COMPILER = "compiler"


class Contributor(Record):
    """A person (given, family …) or a group (`group`). One of `family`, `given` and `group` must be there."""

    given: str = Field("", description="Given names.")
    family: str = Field("", description="The family name, without particle.")
    particle: str = Field("", description="A particle that is not sorted by: van, de la.")
    suffix: str = Field("", description="Jr, III.")
    group: str = Field("", description="A group author's name, instead of a person's.")
    variants: tuple[NameVariant, ...] = Field((), description="The name in other scripts.")
    role: ContributorRole = Field(ContributorRole.AUTHOR, description="What the person did.")
    role_label: str = Field("", description="The role in the volume's words: Series editor.")
    orcid: Orcid | None = None
    email: Email | None = None
    url: Url | None = None
    affiliations: tuple[str, ...] = Field((), description="Ids of the contribution's `affiliations`.")
    credit: tuple[str, ...] = Field((), description="CRediT roles.")
    corresponding: bool = Field(False, description="Readers write to this person; needs `email`.")
    equal_contribution: bool = Field(False, description="Contributed as much as the others who are marked so.")
    deceased: bool = Field(False, description="Has died.")
    bio: Rich | None = Field(None, description="A few sentences about the person.")

    @model_validator(mode="after")
    def _is_named(self) -> Contributor:
        named = self.given + self.family + self.group
        if not any(letter.isalpha() for letter in named):
            what = f"{named!r} has no letter; " if named else ""
            raise ValueError(f"{what}a contributor needs a name: family and given, or group")
        return self

    @property
    def name(self) -> str:
        """The name in the order of a byline: 'Ludwig van Beethoven'."""
        if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", self.family):  # Chinese, Japanese, Korean
            return self.family + self.given
        parts = (self.given, self.particle, self.family, self.suffix)
        return self.group or " ".join(part for part in parts if part)

    @property
    def inverted(self) -> str:
        """The name in the order of an index: 'Beethoven, Ludwig van'."""
        if self.group or not self.family:
            return self.group or self.given
        rest = " ".join(part for part in (self.given, self.particle) if part)
        return ", ".join(part for part in (self.family, rest, self.suffix) if part)


class Funding(Record):
    """One grant or funder."""

    funder: str = Field(description="The funder's name, as it is to be printed.")
    funder_id: str = Field("", description="The funder's ROR or Funder Registry DOI.")
    awards: tuple[str, ...] = Field((), description="Award numbers.")
    statement: Rich | None = Field(None, description="The sentence that the funder asks for.")


# --- a contribution -------------------------------------------------------------------------------------------


class AbstractSection(Record):
    """A part of a structured abstract."""

    title: str = Field("", description="The part's heading: Background, Methods.")
    text: Rich = Field(description="The part itself.")


class Translation(Record):
    """Title, abstract and keywords in another language."""

    title: Rich | None = Field(None, description="The title in that language.")
    subtitle: Rich | None = Field(None, description="The subtitle in that language.")
    abstract: Rich | None = Field(None, description="The abstract in that language.")
    keywords: tuple[str, ...] = Field((), description="The keywords in that language.")


class RelatedWork(Record):
    """Another work that this contribution stands in a relation to, by slug (this volume), DOI or URL."""

    relation: Relation = Field(description="How this contribution stands to the work.")
    slug: Slug | None = Field(None, description="The work, where it is a contribution of this volume.")
    doi: Doi | None = None
    url: Url | None = None
    isbn: Isbn | None = None
    title: str = Field("", description="The work's title.")
    authors: str = Field("", description="Names as they are to be printed.")
    source: str = Field("", description="Journal, site or publisher.")
    date: str = Field("", description="Year or date as it is to be printed.")

    @model_validator(mode="after")
    def _is_identified(self) -> RelatedWork:
        if not (self.slug or self.doi or self.url or self.title):
            raise ValueError("a related work needs a slug, doi, url or title")
        return self


class Supplement(Record):
    """A file or a deposited thing that goes with the text: data, code, a recording, an appendix of its own."""

    title: Rich | None = Field(None, description="What it is called.")
    description: Rich | None = Field(None, description="What it holds.")
    file: str = Field("", description="A file in the paper's folder.", examples=["data.csv"])
    doi: Doi | None = None
    url: Url | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Supplement:
        if not (self.file or self.doi or self.url):
            raise ValueError("a supplement needs a file, doi or url")
        return self

    @property
    def path(self) -> str:
        """The file below the paper's folder."""
        return re.sub(r"^(?:\./)+", "", self.file)

    @property
    def address(self) -> str:
        """Where it is to be had besides the volume: its DOI's address or its own; '' where there is none."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url or ""


class Review(StrEnum):
    """How a contribution was reviewed."""

    DOUBLE_ANONYMOUS = "double-anonymous"
    SINGLE_ANONYMOUS = "single-anonymous"
    OPEN = "open"
    EDITORIAL = "editorial"
    NONE = "none"


class Contribution(Record):
    """What authors say of their text. Editors' facts (`ContentsEntry`) are merged in by the reader."""

    slug: Slug
    kind: Kind = Field(Kind.RESEARCH_PAPER, description="The kind of contribution; it decides what is required.")
    lang: Language = Field("en", description="The language of the text.")
    title: Rich = Field(description="The title, without the subtitle.")
    subtitle: Rich | None = Field(None, description="The subtitle; do not put it behind a colon in `title`.")
    short_title: Rich | None = Field(None, description="For running heads, if the title is long.")
    abstract: tuple[AbstractSection, ...] = Field((), description="Text, or a list of {title, text}.")
    plain_summary: Rich | None = Field(None, description="The abstract in plain language.")
    keywords: tuple[str, ...] = Field((), description="Words under which the text should be found.")
    subjects: tuple[str, ...] = Field((), description="Headings of the subject index.")
    translations: dict[Language, Translation] = Field(default_factory=dict, description="By language tag.")

    contributors: tuple[Contributor, ...] = Field((), description="`authors:` lists those whose role is author.")
    affiliations: tuple[Affiliation, ...] = Field((), description="Organisations that contributors name by id.")
    funding: tuple[Funding, ...] = Field((), description="Who paid, one entry for each funder.")

    received: Date | None = Field(None, description="When the editors received the text.")
    revised: Date | None = Field(None, description="When they received its last revision.")
    accepted: Date | None = Field(None, description="When it was accepted.")
    published: Date | None = Field(None, description="When it was published, if before the volume.")

    licence: Licence | None = Field(None, description="An SPDX identifier. The volume's where absent.")
    copyright_holder: str = Field("", description="Who holds the copyright. The volume's where absent.")
    review: Review | None = Field(None, description="How the text was reviewed.")

    conflict_of_interest: Rich | None = Field(None, description="The authors' interests, or that they have none.")
    data_availability: Rich | None = Field(None, description="Where the data are, and who may use them.")
    code_availability: Rich | None = Field(None, description="Where the code is, and who may use it.")
    ethics: Rich | None = Field(None, description="Approval by a committee, consent, or why none was needed.")
    ai_use: Rich | None = Field(None, description="How generative AI was used, or that it was not.")
    acknowledgements: Rich | None = Field(None, description="Thanks.")
    disclaimer: Rich | None = Field(None, description="Whose opinions these are, and whose they are not.")
    author_note: Rich | None = Field(None, description="A short note on the author, at the end of an op-ed.")

    supplements: tuple[Supplement, ...] = Field(
        (),
        description="Files that go with the text, or where they are deposited: {title, description, file, doi, url}.",
    )
    related: tuple[RelatedWork, ...] = Field(
        (), description="May be written as fields of their own: `summarises: 10.1234/abc`."
    )

    doi: Doi | None = None
    section: str = Field("", description="Id of the volume's section.")
    status: Status | None = Field(None, description="Where the contribution stands.")
    pages: str = Field("", description="An assertion of the editor, checked against the layout.")

    @property
    def authors(self) -> tuple[Contributor, ...]:
        return tuple(person for person in self.contributors if person.role is ContributorRole.AUTHOR)

    def publication(self, volume: Volume) -> Date | None:
        """The day to print as that of publication: its own or the volume's, none while the text is on its way."""
        on_its_way = self.status in (Status.DRAFT, Status.SUBMITTED)
        return self.published or (None if on_its_way else volume.published)

    def rich(self) -> Iterator[tuple[str, str]]:
        """Every Rich field that is there, as (path, Markdown): ('abstract.0.text', '…')."""
        yield from _rich(self, "")


class Status(StrEnum):
    """Where a contribution stands, as the editors say."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"


@cache
def _rich_fields(record: type[Record]) -> frozenset[str]:
    """The names of a record's fields that are typed Rich or Rich | None."""
    found = set()
    for name, field in record.model_fields.items():
        marks = [
            *field.metadata,
            *(mark for part in get_args(field.annotation) for mark in getattr(part, "__metadata__", ())),
        ]
        if any(mark is _MARKDOWN for mark in marks):
            found.add(name)
    return frozenset(found)


def _rich(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Walk records, tuples and dicts; yield the strings of fields that are Rich."""
    if isinstance(value, Record):
        for name in type(value).model_fields:
            item = getattr(value, name)
            here = f"{path}.{_hyphens(name)}".lstrip(".")
            if name in _rich_fields(type(value)) and item is not None:
                yield here, item
            elif not isinstance(item, str):
                yield from _rich(item, here)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _rich(item, f"{path}.{number}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _rich(item, f"{path}.{key}")


# --- the volume -----------------------------------------------------------------------------------------------


class ContentsEntry(Record):
    """Editors' facts about one contribution. They win over the author's; a difference is a finding (V-family)."""

    paper: Slug
    kind: Kind | None = Field(None, description="The kind of contribution.")
    doi: Doi | None = None
    received: Date | None = Field(None, description="When the editors received the text.")
    revised: Date | None = Field(None, description="When they received its last revision.")
    accepted: Date | None = Field(None, description="When it was accepted.")
    published: Date | None = Field(None, description="When it was published, if before the volume.")
    pages: str = Field("", description="The page range: an assertion that is checked against the layout.")
    status: Status | None = Field(None, description="Where the contribution stands.")
    licence: Licence | None = None
    review: Review | None = Field(None, description="How the text was reviewed.")


class Section(Record):
    """A part of the volume: a heading and its contributions in order."""

    id: str = Field("", description="A short name. Made of the title where absent.")
    title: str = Field(description="The heading in the contents.")
    translations: dict[Language, str] = Field(default_factory=dict, description="The title, by language tag.")
    introduction: str = Field("", description="A few words on the section's opening page; empty lines part paragraphs.")
    papers: tuple[ContentsEntry, ...] = Field((), description="Slugs, or mappings with editors' facts.")


class Publisher(Record):
    """Who publishes the volume."""

    name: str = Field(description="The publisher's name, as it is to be printed.")
    place: str = Field("", description="Where the publisher sits.")
    url: Url | None = None
    ror: Ror | None = None


class Series(Record):
    """The serial that the volume belongs to."""

    title: str = Field(description="The series' title.")
    abbreviation: str = Field("", description="Its abbreviated title (ISO 4).")
    id: str = Field("", description="The publisher's own short id of the series.")
    number: str = Field("", description="The volume's number in the series.")
    issn: Issn | None = Field(None, description="The electronic ISSN.")
    issn_print: Issn | None = Field(None, description="The ISSN of the printed series.")


class Organisation(Record):
    """An organiser or sponsor of the event."""

    name: str = Field(description="The organisation's name, as it is to be printed.")
    place: str = Field("", description="Where it sits.")
    url: Url | None = None
    ror: Ror | None = None


class Event(Record):
    """The conference or forum that the volume comes from."""

    name: str = Field(description="The event's name, without number and year.")
    acronym: str = Field("", description="Its short name.")
    number: str = Field("", description="Which one of a row it was: 2, Second, Inaugural.")
    theme: str = Field("", description="What it was about.")
    start: Date | None = Field(None, description="Its first day.")
    end: Date | None = Field(None, description="Its last day.")
    city: str = Field("", description="The city, as it is to be printed.")
    country: str = Field("", description="The country's name, as it is to be printed.")
    country_code: CountryCode | None = None
    url: Url | None = None
    organisers: tuple[Organisation, ...] = Field((), description="Who held it.")
    sponsors: tuple[Organisation, ...] = Field((), description="Who paid for it.")


class Isbns(Record):
    """One ISBN for each format."""

    print: Isbn | None = Field(None, description="The printed book's.")
    pdf: Isbn | None = Field(None, description="The PDF's.")
    epub: Isbn | None = Field(None, description="The EPUB's.")
    html: Isbn | None = Field(None, description="The site's.")


class Committee(Record):
    """A group of people that the volume thanks or answers to: programme committee, reviewers."""

    name: str = Field(description="What the committee is called.")
    members: tuple[str, ...] = Field(description="Names as they are to be printed.")


class Cover(Record):
    """The front cover, where it is not drawn by the style sheet alone."""

    image: str = Field("", description="The whole cover as a picture: an SVG, PNG, JPEG or PDF file in styles/.")
    alt: str = Field("", description="What the picture shows, for readers who do not see it.")


class Erratum(Record):
    """A slip in a contribution that the volume puts right in its list of errata."""

    paper: Slug
    place: str = Field("", description="Where it is, as it is to be printed: 'page 7, line 3'.")
    was: str = Field("", description="What was printed.")
    should_be: str = Field(description="What should have been printed.")


class Print(Record):
    """What a printing house gets (`proceedings build --print`)."""

    bleed: int = Field(3, ge=0, le=5, description="By how many millimetres the cover reaches over its edge.")
    marks: bool = Field(True, description="Whether the cover has crop marks.")
    black_only: bool = Field(False, description="Whether the pages inside are printed in black and greys.")


class Limits(Record):
    """Bounds on one kind of contribution."""

    max_words: int | None = Field(None, gt=0, description="How many words the text may have.")
    max_abstract_words: int | None = Field(None, gt=0, description="How many words the abstract may have.")
    required: tuple[str, ...] | None = Field(None, description="Fields that must be there.")
    sections: tuple[str, ...] | None = Field(None, description="Headings that must be there.")


class Grade(StrEnum):
    """What volume.yaml makes of a rule under `checks`."""

    OFF = "off"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class PaperSize(StrEnum):
    A4 = "a4"
    LETTER = "letter"
    B5 = "170x240"


class MathsEngine(StrEnum):
    ZIAMATH = "ziamath"
    MATHJAX = "mathjax"


class Stylesheets(Record):
    """CSS files in styles/, or of those that come with the program, laid over the house style of each output."""

    pdf: tuple[str, ...] = Field((), description="For the printed pages; a plain list under `stylesheets` means these.")
    site: tuple[str, ...] = Field((), description="For the reading site.")
    epub: tuple[str, ...] = Field((), description="For the EPUB.")


class Attached(StrEnum):
    JATS = "jats"


class JatsProfile(StrEnum):
    """Whose rules the JATS follows, where they contradict each other."""

    DEFAULT = "default"  # JATS4R and PMC
    SCIELO = "scielo"  # SciELO Publishing Schema 1.10


def full_title(title: str, subtitle: str | None) -> str:
    """A title with its subtitle, on one line: 'Light Institutions: A Case', 'Who Owns the Loom? A Case'."""
    if not subtitle:
        return title
    return f"{title} {subtitle}" if title.endswith(("?", "!", "…", "؟", "？", "！", ":")) else f"{title}: {subtitle}"


class Volume(Record):
    """volume.yaml: what the editors say of the whole."""

    requires: str = Field("", description="The versions of this tool that the volume is made for: '>=0.1,<0.2'.")
    title: str = Field(description="The volume's title.")
    subtitle: str = Field("", description="The subtitle.")
    short_title: str = Field("", description="For running heads, if the title is long.")
    number: str = Field("", description="The volume's number.")
    notice: str = Field("", description="A sentence printed on title page and imprint, such as 'Demonstration volume'.")
    lang: Language = Field("en", description="The language of headings and labels.")
    languages: tuple[Language, ...] = Field((), description="The languages of its contributions.")
    doi: Doi | None = Field(None, description="The volume's own DOI.")
    doi_rule: str = Field("", description="How DOIs are made: '10.5555/mpcgo.{slug}'; may use {slug} and {number}.")
    series: Series | None = Field(None, description="The series that the volume belongs to.")
    isbn: Isbns = Field(Isbns(), description="One ISBN for each format.")
    publisher: Publisher | None = Field(None, description="Who publishes the volume.")
    published: Date | None = Field(None, description="The date of publication; no clock is ever asked.")
    licence: Licence | None = Field(None, description="The licence of every contribution that names none: SPDX.")
    copyright_holder: str = Field("", description="Who holds the copyright of what names no holder.")
    editors: tuple[Contributor, ...] = Field((), description="The volume's editors, in order.")
    affiliations: tuple[Affiliation, ...] = Field((), description="Organisations that editors name by id.")
    event: Event | None = Field(None, description="The conference or forum that the volume comes from.")
    committees: tuple[Committee, ...] = Field((), description="Programme committee, reviewers and the like.")
    url: Url | None = Field(None, description="Where the site will stand; absolute links need it.")

    front_matter: tuple[str, ...] = Field(
        ("title-page", "imprint", "committees", "contents"),
        description="Parts in order; a slug is a contribution.",
    )
    sections: tuple[Section, ...] = Field((), description="The contents in order: headings and contributions.")
    contents: tuple[ContentsEntry, ...] = Field((), description="Contributions of a volume without sections.")
    back_matter: tuple[str, ...] = Field(("author-index",), description="Parts in order, behind the last section.")
    cover: Cover = Field(Cover(), description="The picture of the cover, where it is not drawn.")
    cataloguing: tuple[str, ...] = Field((), description="Lines that a library gave for the imprint: UDC, CIP record.")
    errata: tuple[Erratum, ...] = Field((), description="What the part `errata` puts right.")
    section_openers: bool = Field(False, description="Whether each section begins with a page of its own.")
    recto: bool = Field(False, description="Whether everything begins on a right-hand page.")
    print: Print = Field(Print(), description="What a printing house gets.")

    bibliography: tuple[str, ...] = Field(
        (), description="Files every paper may cite from; absent: all of bibliography/."
    )
    style: str = Field("apa", description="A CSL style's name, or a file in styles/.")
    stylesheets: Stylesheets = Field(Stylesheets(), description="The volume's own style sheets, by output.")
    paper_size: PaperSize = Field(PaperSize.A4, description="The size of the printed page.")
    maths: MathsEngine = Field(
        MathsEngine.ZIAMATH, description="What draws formulas in print; mathjax also puts them into words."
    )
    jats_profile: JatsProfile = Field(
        JatsProfile.DEFAULT, description="Whose rules the JATS follows: `default` JATS4R and PMC, `scielo` SciELO PS."
    )
    attach: tuple[Attached, ...] = Field(
        (), description="What the PDFs carry along: `jats`, which makes them PDF/A-3a instead of PDF/A-2a."
    )
    outputs: tuple[str, ...] = Field((), description="Formats to publish; absent: all.")
    checks: dict[str, Grade] = Field(default_factory=dict, description="Rules re-graded, by code or name.")
    limits: dict[Kind, Limits] = Field(default_factory=dict, description="Bounds and requirements, by kind.")

    def entries(self) -> Iterator[tuple[Section | None, ContentsEntry]]:
        """The contents in reading order (front matter's contributions are not among them)."""
        for entry in self.contents:
            yield None, entry
        for section in self.sections:
            for entry in section.papers:
                yield section, entry

    def doi_of(self, slug: str) -> str | None:
        """The DOI that the rule gives a contribution; None also where it makes none, which is told of the rule."""
        try:
            return identifiers.doi(self.doi_rule.replace("{slug}", slug).replace("{number}", self.number))
        except identifiers.InvalidIdentifier:
            return None


_ANYWHERE = ("committees", "sponsors", "list-of-figures", "list-of-tables", "colophon")
FRONT_PARTS = ("cover", "half-title", "title-page", "imprint", "contents", *_ANYWHERE)
BACK_PARTS = ("errata", "bibliography", "subject-index", "author-index", *_ANYWHERE)

Contribution.model_rebuild()
