"""One contribution as an `<article>`: head, body, statements. The site, the EPUB and the pages share it.

The words of the furniture are in the contribution's language (data/terms*.json), English where it has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proceedings import licences
from proceedings.edition import FIRST_FOLIO, LAST_FOLIO, Amendment, PageRange, Prepared, state_of, with_folios
from proceedings.languages import direction, written
from proceedings.model import Contribution, Contributor, ContributorRole, Relation, Volume
from proceedings.renderings import dates, files

if TYPE_CHECKING:
    from jinja2 import Environment

DATA = Path(__file__).parent.parent / "data"
STATEMENTS = (
    "acknowledgements",
    "funding",
    "conflict-of-interest",
    "data-availability",
    "code-availability",
    "ethics",
    "ai-use",
    "disclaimer",
    "author-note",
)


@cache
def _terms(lang: str) -> dict[str, str]:
    file = DATA / "terms" / f"{lang}.json"
    is_name = lang.replace("-", "").isalpha()
    return json.loads(file.read_text(encoding="utf-8")) if is_name and file.is_file() else {}


@cache
def terms(lang: str) -> Mapping[str, str]:
    """The furniture's words in a language; English ones where a word is not known in it."""
    return {**_terms("en"), **_terms(written(lang))}


@cache
def templates() -> Environment:
    """The templates of data/templates, which escape what is not marked as markup."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(DATA / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(direction=direction, terms=terms)
    made.filters["longdate"] = dates.long_date
    made.globals["date_range"] = dates.date_range
    return made


def article(
    prepared: Prepared,
    parts: Mapping[str, Any],
    volume: Volume,
    section: str,
    *,
    pages: PageRange | None = None,
    base: str = "",
    reach: files.Reach = files.nowhere,
    amendments: Sequence[Amendment] = (),
    base_of: str = "",
    paged: bool = False,
    placed: bool = True,
) -> str:
    """The `<article>` as XHTML. `base` is put before the names of images; `reach` tells the address of a file that goes
    with the text; `base_of` is the address of another contribution, with {slug} in it. `pages` are None where they are
    not known; where it is `paged`, they are slots, if it ever will be `placed` in the volume."""
    item = prepared.contribution
    words = terms(item.lang)
    people = [_person(index, person, item) for index, person in enumerate(item.contributors)]

    def suited(markup: str) -> Any:
        return _based(files.placed(markup, prepared, volume, words, reach), base)

    return (
        templates()
        .get_template("article.html")
        .render(
            item=item,
            fields=_Fields({name: suited(markup) for name, markup in parts["fields"].items()}),
            body=suited(parts["body"]),
            supplements=files.listed(prepared, volume, reach),
            volume=volume,
            section=section,
            words=words,
            kind=kind_label(item, words),
            authors=[row for row in people if row["person"].role is ContributorRole.AUTHOR],
            others=[row for row in people if row["person"].role is not ContributorRole.AUTHOR],
            affiliations=list(enumerate(item.affiliations, 1)),
            marks=_marks(item),
            related=[_related(work, volume, words) for work in item.related],
            statements=[name for name in STATEMENTS if name != "funding" and name in parts["fields"]],
            licence=licence_shown(item.licence or volume.licence),
            prepared=prepared,
            pages=pages,
            amendments=amendments,
            state=state_of(item, amendments),
            base_of=base_of,
            paged=paged,
            volume_pages=_slot(*volume_pages(item.lang)) if paged and placed else None,
            cite_pages=_slot(prepared.cite.one, prepared.cite.several) if paged and placed and prepared.cite else None,
        )
    )


def volume_pages(lang: str) -> tuple[str, str]:
    """How a language writes one page and several behind a volume: as forms for `with_folios`: 'p. 7', 'pp. 7–12'.
    Without a word where it is not known in that language."""
    words = _terms(written(lang))
    one, several = (f"{words[name]} " if words.get(name) else "" for name in ("page-short", "pages-short"))
    return f"{one}{FIRST_FOLIO}", f"{several}{FIRST_FOLIO}–{LAST_FOLIO}"


def _slot(*forms: str) -> dict[str, Any]:
    """The box that page numbers will fill: the characters that they may have, and its width in em."""
    widest = max(sum(_em(sign) for sign in with_folios(form, "0000", "0000")) for form in forms)
    letters = set("".join(with_folios(form, "", "") for form in forms)) | set("0123456789ivxlcdm")
    first, *others = sorted(letters - {" "})
    space = " " if " " in letters else ""  # not at an end, where it would not be drawn
    return {"alphabet": "".join([first, space, *others]), "width": f"{widest:.2f}"}


def _em(sign: str) -> float:
    """The width of a character in a text face, in em: rather too wide than too narrow."""
    return 0.32 if sign in " .,:;()[]" else 0.58


def kind_label(item: Contribution, words: Mapping[str, str]) -> str:
    return words.get("kind-abstract" if item.kind.value == "abstract" else item.kind.value, item.kind.value)


class _Fields:
    """The Rich fields as markup; an absent one is empty."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        from markupsafe import Markup

        return Markup(self._fields.get(name, ""))


def _based(body: str, base: str) -> Any:
    import re

    from markupsafe import Markup

    if base:
        body = re.sub(r'(<img\b[^>]*?\bsrc=")(?![a-z]+:)', lambda match: match[1] + base, body)
    return Markup(body)


def _person(index: int, person: Contributor, item: Contribution) -> dict[str, Any]:
    numbers = [str(number) for number, aff in enumerate(item.affiliations, 1) if aff.id in person.affiliations]
    return {"person": person, "numbers": numbers, "index": index}


def _marks(item: Contribution) -> dict[str, bool]:
    """Which signs the byline uses. Numbers also where one organisation is not everybody's: without them it would seem
    to be."""
    return {
        "numbers": len(item.affiliations) > 1
        or any(aff.id not in person.affiliations for aff in item.affiliations for person in item.contributors),
        "corresponding": any(person.corresponding and person.email for person in item.authors),
        "equal": any(person.equal_contribution for person in item.authors),
        "deceased": any(person.deceased for person in item.authors),
    }


def _related(work: Any, volume: Volume, words: Mapping[str, str]) -> dict[str, Any]:
    own = volume.doi_of(work.slug) if work.slug else None
    doi = work.doi or own
    address = f"https://doi.org/{doi}" if doi else work.url or ""
    about = ", ".join(part for part in (work.authors, work.title, work.source, work.date) if part)
    return {
        "label": words.get(work.relation.value, Relation(work.relation).value),
        "text": about,
        "address": address,
        "doi": doi,
        "slug": work.slug,
    }


def licence_shown(licence: str | None) -> dict[str, str] | None:
    """What a template says of a licence: its name, and its address where there is one."""
    return {"name": licences.name_of(licence), "url": licences.address_of(licence)} if licence else None
