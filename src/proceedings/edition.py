"""What is known of a volume while it is made: prepared contributions, their pages, and what is missing.

An Edition holds records and digests, never trees or bytes: those lie in the store, one at a time in memory.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, NamedTuple, Protocol

from proceedings.model import (
    Contribution,
    Cover,
    Date,
    Print,
    Record,
    Relation,
    Section,
    Status,
    Stylesheets,
    Supplement,
    Volume,
    full_title,
)

Digest = str  # SHA-256 in hexadecimal, of bytes that the store holds


class Store(Protocol):
    """Bytes by their digest."""

    def get(self, digest: Digest) -> bytes: ...

    def put(self, data: bytes) -> Digest: ...

    def put_file(self, file: IO[bytes]) -> Digest:
        """The whole of an open file that is too large for memory."""
        ...

    def memo(self, kind: str, data: bytes, make: Callable[[], bytes]) -> bytes:
        """`make()`, remembered by the hash of `data`; `kind` names the work and the version of what does it."""
        ...


def asset_name(slug: str, path: str, digest: Digest, suffix: str, otherwise: str) -> str:
    """What outputs call a file of a contribution: `<slug>-<stem>-<digest><suffix>` in ASCII, safe in every file system,
    URL and XML id. `otherwise` is the stem of a path that has no letters of ASCII."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(path).stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-") or otherwise
    return f"{slug}-{stem}-{digest[:8]}{suffix}"


class ImageAsset(Record):
    """A figure's file in a form that every output takes: SVG, PNG or JPEG. `name` is the Image's target in the tree."""

    name: str
    digest: Digest
    media_type: str
    width: int = 0  # CSS pixels; 0 where unknown
    height: int = 0


FILE, RECORDING = "file", "recording"
"""Classes of the tree: a Link to a file that goes with the text, and a Span that stands for a recording."""


class FileAsset(Record):
    """A file that goes with a contribution as it is. `name` is what outputs call it, `file` the author's path to it."""

    name: str
    file: str
    digest: Digest
    media_type: str
    size: int  # bytes
    shown: bool = False  # it stands in the text, as a recording

    @property
    def target(self) -> str:
        """What a Link in the tree points to."""
        return f"{FILE}:{self.name}"

    @property
    def medium(self) -> str:
        """video, audio, text, application …"""
        return self.media_type.partition("/")[0]

    @property
    def own_name(self) -> str:
        """The file's own name, as its author calls it."""
        return self.file.rpartition("/")[2]


class Supplied(NamedTuple):
    """A supplement that there is: what is said of it, its file, and the path of its Rich fields."""

    item: Supplement
    asset: FileAsset | None
    field: str

    @property
    def name(self) -> str:
        """What a reader calls it who has no title for it: its file's name, or its address."""
        return self.asset.own_name if self.asset else self.item.address


class Counts(Record):
    words: int = 0
    figures: int = 0
    tables: int = 0
    equations: int = 0
    references: int = 0


class PageRange(Record):
    """Folios as printed: 'vii' or '12'."""

    first: str
    last: str
    count: int

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}–{self.last}"


# They stand in a form for what is known last; no author's text is taken for them.
FIRST_FOLIO, LAST_FOLIO = "\ue0f0", "\ue0f1"


def with_folios(form: str, first: str, last: str) -> str:
    """`form` with its folios filled in."""
    return form.replace(FIRST_FOLIO, first).replace(LAST_FOLIO, last)


class PagedCitation(Record):
    """How to cite a contribution, cut at the spaces around its pages, which are known last.

    `one` and `several` are what stands there, as forms for `with_folios`: 'p. 7).' and 'pp. 7–12).' without numbers.
    """

    before: str
    one: str
    several: str
    after: str

    def pages(self, pages: PageRange) -> str:
        """What stands where the pages are."""
        return with_folios(self.one if pages.first == pages.last else self.several, pages.first, pages.last)

    def whole(self, pages: PageRange) -> str:
        return " ".join(part for part in (self.before, self.pages(pages), self.after) if part)


class Prepared(Record):
    """A contribution ready to be written: its record, its tree and what the tree names.

    `tree` is a pandoc document in which dialects, citations, numbers and cross-references are resolved. Its metadata
    has one map, `rich`: the path of each Rich field (`title`, `abstract.0.text`, `translations.kk.title`) to its
    inlines (titles) or blocks (everything else). `references` is the JSON list of the CSL items that are cited, in
    the order of the printed list.
    """

    contribution: Contribution
    tree: Digest
    references: Digest
    images: tuple[ImageAsset, ...] = ()
    files: tuple[FileAsset, ...] = ()
    counts: Counts = Counts()
    title: str = ""  # plain text of the title
    subtitle: str = ""
    abstract: str = ""  # plain text
    how_to_cite: str = ""  # by pandoc, in the volume's style; without pages, which are not known yet
    cite: PagedCitation | None = None  # the same with its pages; None where the style prints none
    how_to_cite_otherwise: str = ""  # citeproc-py's string, where it differs

    @property
    def full_title(self) -> str:
        """Title and subtitle, as plain text."""
        return full_title(self.title, self.subtitle)

    def supplements(self) -> tuple[Supplied, ...]:
        """What the metadata declare, in their order, then the files that the text links to. What nobody has is none."""
        files = {asset.file: asset for asset in self.files}
        declared = self.contribution.supplements
        named = {item.path for item in declared}
        linked = (Supplement(file=name) for name, asset in files.items() if name not in named and not asset.shown)
        found = (
            Supplied(item, files.get(item.path), f"supplements.{number}")
            for number, item in enumerate((*declared, *linked))
        )
        return tuple(one for one in found if one.asset or one.item.address)


class Missing(Record):
    """A contribution that could not be made."""

    slug: str
    reason: str


class Amendment(Record):
    """A contribution of this volume that corrects or retracts another one."""

    relation: Relation  # how that contribution stands to the other: corrects, retracts
    slug: str
    title: str
    doi: str = ""
    date: Date | None = None


def neighbours(slugs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Each of the slugs with the one before it and the one behind it, '' where there is none."""
    row = ["", *slugs, ""]
    return dict(zip(row[1:-1], zip(row[:-2], row[2:], strict=True), strict=True))


def state_of(item: Contribution, amendments: Sequence[Amendment]) -> str:
    """What has become of a contribution since it was published: retracted, withdrawn, corrected, or ''."""
    if item.status in (Status.RETRACTED, Status.WITHDRAWN):
        return item.status.value
    relations = {amendment.relation for amendment in amendments}
    return "retracted" if Relation.RETRACTS in relations else "corrected" if relations else ""


class Place(Record):
    """One run of pages of the printed volume: a contribution (its slug), or a part of front or back matter
    (`#name`)."""

    name: str
    count: int
    ordinal: int  # number of the first page, within its numbering; 0 for the cover, which is not counted
    folios: tuple[str, ...]
    blanks: tuple[str, ...] = ()  # folios of empty pages behind it, so that what follows begins on the right

    @property
    def pages(self) -> PageRange:
        return PageRange(first=self.folios[0], last=self.folios[-1], count=self.count)


class Look(Record):
    """The style sheets of one output, in rising order of precedence, and the files of styles/ that they use."""

    sheets: tuple[Digest, ...] = ()
    files: tuple[tuple[str, Digest], ...] = ()  # path below styles/, content


class Looks(Record):
    """The volume's own style sheets, laid over the house style of each output."""

    pdf: Look = Look()
    site: Look = Look()
    epub: Look = Look()


# Fields of a volume that no single contribution's outputs depend on, and what stands in their place.
_ARRANGEMENT: Mapping[str, object] = {
    **dict.fromkeys(
        ("sections", "contents", "outputs", "front_matter", "back_matter", "cataloguing", "errata", "attach"), ()
    ),
    "checks": {},
    "limits": {},
    **dict.fromkeys(("section_openers", "recto"), False),
    "stylesheets": Stylesheets(),
    "cover": Cover(),
    "print": Print(),
}


COVER = "#cover"  # the part of the volume


@dataclass
class Edition:
    """The volume as far as it is made. `prepared` is in reading order, front matter's contributions first."""

    volume: Volume
    style: str = ""  # the CSL style's name or its text
    looks: Looks = field(default_factory=Looks)  # the volume's own style sheets
    prepared: dict[str, Prepared] = field(default_factory=dict)
    sections: dict[str, Section | None] = field(default_factory=dict)  # by slug
    paths: dict[str, str] = field(default_factory=dict)  # the author's file, for findings, by slug
    front: tuple[str, ...] = ()  # slugs of contributions in the front matter
    missing: tuple[Missing, ...] = ()
    fragments: dict[str, Digest] = field(default_factory=dict)  # HTML of a contribution, by slug
    titles: dict[str, str] = field(default_factory=dict)  # with subtitles, as XHTML, by slug
    formulas: set[str] = field(default_factory=set)  # slugs of contributions that have some
    bodies: dict[str, Digest] = field(default_factory=dict)  # laid-out pages without folios, by slug or #part
    body_pages: dict[str, int] = field(default_factory=dict)
    anchors: dict[str, Mapping[str, int]] = field(default_factory=dict)  # figures and tables → page index, by slug
    fonts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # families that pages are set in, by slug or #part
    places: dict[str, Place] = field(default_factory=dict)  # in the order of the printed volume
    offprints: dict[str, Digest] = field(default_factory=dict)
    segments: dict[str, Digest] = field(default_factory=dict)

    def listed_title(self, slug: str) -> str:
        """A title with its subtitle as XHTML, for lists of titles."""
        return self.titles.get(slug) or html.escape(self.prepared[slug].full_title, quote=False)

    def imprint(self) -> Volume:
        """The volume's own facts without its contents: what one contribution's outputs may depend on."""
        return self.volume.model_copy(update=_ARRANGEMENT)

    def amendments(self, slug: str) -> tuple[Amendment, ...]:
        """What in this volume corrects or retracts a contribution, in reading order."""
        doi = self.prepared[slug].contribution.doi
        return tuple(
            Amendment(
                relation=work.relation,
                slug=other,
                title=prepared.title,
                doi=prepared.contribution.doi or "",
                date=prepared.contribution.publication(self.volume),
            )
            for other, prepared in self.prepared.items()
            for work in prepared.contribution.related
            if work.relation in (Relation.CORRECTS, Relation.RETRACTS)
            and (work.slug == slug or (doi and work.doi == doi))
        )

    def name_related(self) -> None:
        """Give every work of this volume that another one names, by slug or DOI, its title and its DOI there."""
        own = {prepared.contribution.doi: slug for slug, prepared in self.prepared.items()}
        for slug, prepared in self.prepared.items():
            related = []
            for work in prepared.contribution.related:
                known = self.prepared.get(work.slug or (own.get(work.doi, "") if work.doi else ""))
                if known is not None:
                    facts = {"title": work.title or known.title, "doi": work.doi or known.contribution.doi}
                    work = work.model_copy(update=facts)
                related.append(work)
            item = prepared.contribution.model_copy(update={"related": tuple(related)})
            self.prepared[slug] = prepared.model_copy(update={"contribution": item})

    def state(self, slug: str) -> str:
        """What has become of a contribution since it was published: see `state_of`."""
        return state_of(self.prepared[slug].contribution, self.amendments(slug))

    def pages(self, slug: str) -> PageRange | None:
        """A contribution's page range, once every body is laid out."""
        return self.places[slug].pages if slug in self.places else None

    def section_title(self, slug: str, lang: str = "") -> str:
        """The title of a contribution's section in `lang`, or else the contribution's language, where there is one."""
        section = self.sections.get(slug)
        if section is None:
            return ""
        lang = lang or self.prepared[slug].contribution.lang
        return section.translations.get(lang, section.translations.get(lang.split("-")[0], section.title))

    def parts(self) -> Iterator[tuple[Section | None, list[str]]]:
        """Sections with the slugs of their contributions, in order, front matter left out."""
        current: Section | None = None
        slugs: list[str] = []
        for slug in self.prepared:
            if slug in self.front:
                continue
            section = self.sections.get(slug)
            if slugs and section is not current:
                yield current, slugs
                slugs = []
            current = section
            slugs.append(slug)
        if slugs:
            yield current, slugs
