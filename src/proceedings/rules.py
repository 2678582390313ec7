"""Editorial checks, one function each. Each takes what it looks at and yields findings; the catalogue says why they
exist.

`CHECKS` look at one contribution (a Draft), `VOLUME_CHECKS` at what the contributions say beside each other. Faults
that another stage meets in passing (a bad identifier, an undefined label) are found there, not again here.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from proceedings import document as tree
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest
from proceedings.model import (
    BACK_PARTS,
    KINDS,
    Contribution,
    Contributor,
    Kind,
    KindRules,
    Limits,
    Record,
    Volume,
)
from proceedings.source import Map, Source, key_location, location_of

if TYPE_CHECKING:
    from proceedings.build import Result, Workshop


@dataclass
class Draft:
    """All that the checks on a contribution may look at: its text, positioned data, record and tree."""

    source: Source
    data: Map
    contribution: Contribution
    document: tree.Document
    limits: Limits | None


def check(draft: Draft) -> list[Diagnostic]:
    """Every finding of the checks on one contribution."""
    return [item for rule in CHECKS for item in rule(draft)]


def _home(draft: Draft) -> Location:
    return Location(draft.source.path, 1, 1)


def _field(draft: Draft, name: str) -> Location:
    """Where a field is written, else where the metadata begin."""
    return key_location(draft.data, name, location_of(draft.data, _home(draft)))


# --- what the kind requires -------------------------------------------------------------------------------------------


def bounds(kind: Kind, limits: Limits | None) -> KindRules:
    """What a kind requires, after the volume's own `limits`."""
    rules = KINDS[kind]
    return rules.model_copy(update=limits.model_dump(exclude_none=True)) if limits else rules


_ABSENT: tuple[Any, ...] = (None, "", ())


def _has(contribution: Contribution, name: str) -> bool:
    return getattr(contribution, name.replace("-", "_"), None) not in _ABSENT


def _article(label: str) -> str:
    """'an op-ed', 'a keynote'."""
    return f"{'an' if label[0] in 'AEIOU' else 'a'} {label.lower()}"


def required_fields(draft: Draft) -> Iterator[Diagnostic]:
    kind = draft.contribution.kind
    rules = bounds(kind, draft.limits)
    what = _article(rules.label)
    for name in rules.required:
        if not _has(draft.contribution, name):
            yield finding(
                "M101",
                f"{what} needs `{name}:`",
                _field(draft, name),
                f"Add `{name}:` to the metadata.",
            )
    for name in rules.expected:
        if not _has(draft.contribution, name):
            yield finding(
                "M102",
                f"{what} should have `{name}:`",
                _field(draft, name),
                f"Add `{name}:` to the metadata.",
            )
    wanted = rules.relation
    if wanted and not any(work.relation is wanted for work in draft.contribution.related):
        yield finding(
            "M103",
            f"{what} must say what it {wanted.value}",
            _field(draft, "kind"),
            f"Add `{wanted.value}:` with a DOI or a slug of this volume.",
        )


def required_sections(draft: Draft) -> Iterator[Diagnostic]:
    rules = bounds(draft.contribution.kind, draft.limits)
    if not draft.contribution.lang.startswith("en"):
        return  # the names of sections are English
    present = {_folded(tree.text(node["c"][2])) for node in tree.nodes(draft.document["blocks"], "Header")}
    for title in rules.sections:
        if _folded(title) not in present:
            yield finding("M104", f"there is no section “{title}”", _home(draft), f"Add the heading `# {title}`.")


def length(draft: Draft) -> Iterator[Diagnostic]:
    rules = bounds(draft.contribution.kind, draft.limits)
    words = tree.words(draft.document["blocks"])
    if rules.max_words and words > rules.max_words:
        yield finding(
            "M105",
            f"the text has {words:,} words; {_article(rules.label)} may have {rules.max_words:,}",
            _home(draft),
            "Shorten it, or change `limits:` in volume.yaml.",
        )
    abstract = sum(len(part.text.split()) for part in draft.contribution.abstract)
    if rules.max_abstract_words and abstract > rules.max_abstract_words:
        message = f"the abstract has {abstract} words; it may have {rules.max_abstract_words}"
        yield finding("M106", message, _field(draft, "abstract"), "Shorten it.")


def empty_text(draft: Draft) -> Iterator[Diagnostic]:
    if bounds(draft.contribution.kind, draft.limits).needs_body and not tree.text(draft.document["blocks"]).strip():
        yield finding(
            "M107",
            "there is no text below the metadata",
            _home(draft),
            "Write the text, or choose `kind: abstract`.",
        )


# --- metadata -----------------------------------------------------------------------------------------------


def dates_in_order(draft: Draft) -> Iterator[Diagnostic]:
    names = ("received", "revised", "accepted", "published")
    known = [(name, value) for name in names if (value := getattr(draft.contribution, name))]
    for (earlier, first), (later, second) in pairwise(known):
        if first > second:
            message = f"`{later}: {second}` is before `{earlier}: {first}`"
            yield finding("M108", message, _field(draft, later), "Correct one of the dates.")


def affiliations(draft: Draft) -> Iterator[Diagnostic]:
    known = {item.id for item in draft.contribution.affiliations}
    refused = {str(item.get("id")) for item in draft.data.get("affiliations") or () if isinstance(item, Map)} - known
    used: set[str] = set()
    for person in draft.contribution.contributors:
        used.update(person.affiliations)
        for name in person.affiliations:
            if name not in known | refused:
                listed = ", ".join(sorted(filter(None, known))) or "none"
                yield finding(
                    "M109",
                    f"{person.name} belongs to affiliation {name!r}, which is not listed",
                    _person(draft, person),
                    _near(name, filter(None, known)) or f"List it under `affiliations:` (there: {listed}).",
                )
    for item in draft.contribution.affiliations:
        if item.id not in used:
            yield finding(
                "M110",
                f"nobody belongs to the affiliation {item.name!r}",
                Location(draft.source.path, token=item.name),
                "Give its id to an author, or delete it.",
            )


def _person(draft: Draft, person: Contributor) -> Location:
    return Location(draft.source.path, token=person.family or person.group or person.given)


def corresponding_author(draft: Draft) -> Iterator[Diagnostic]:
    for person in draft.contribution.contributors:
        if person.corresponding and not person.email:
            yield finding(
                "M111",
                f"{person.name} is the corresponding author but has no e-mail address",
                _person(draft, person),
                "Add `email:`.",
            )


def repeated_author(draft: Draft) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for person in draft.contribution.authors:
        if person.name in seen:
            yield finding(
                "M112",
                f"{person.name} is listed twice as an author",
                Location(draft.source.path, token=person.family or person.name, nth=2),
                "Delete one.",
            )
        seen.add(person.name)


def translation_languages(draft: Draft) -> Iterator[Diagnostic]:
    for lang in draft.contribution.translations:
        if lang == draft.contribution.lang:
            yield finding(
                "M113",
                f"`translations:` has {lang}, which is the language of the text itself",
                _field(draft, "translations"),
                "Move these fields to the top level.",
            )


_SCRIPT_LANGUAGES = {
    "ARABIC": ("ar", "fa", "ur", "ps", "ug", "sd", "ckb"),
    "CYRILLIC": ("ru", "kk", "uk", "be", "bg", "sr", "mk", "ky", "tg", "mn", "uz", "tt"),
    "CJK": ("zh", "ja", "ko"),
    "HIRAGANA": ("ja",),
    "HANGUL": ("ko",),
    "GREEK": ("el",),
    "HEBREW": ("he", "yi"),
    "DEVANAGARI": ("hi", "mr", "ne", "sa"),
    "THAI": ("th",),
    "GEORGIAN": ("ka",),
    "ARMENIAN": ("hy",),
}


def _script_name(script: str) -> str:
    return {"CJK": "Chinese"}.get(script, script.title())


def language_of_text(draft: Draft) -> Iterator[Diagnostic]:
    """A text in Arabic letters under `lang: en` would be set, hyphenated and indexed wrongly."""
    letters = [c for c in tree.text(draft.document["blocks"])[:6000] if c.isalpha()]
    counts: dict[str, int] = {}
    for letter in letters:
        script = unicodedata.name(letter, "?").split()[0]
        counts[script] = counts.get(script, 0) + 1
    if not counts:
        return
    script = max(counts, key=lambda name: counts[name])
    language = draft.contribution.lang.split("-")[0]
    languages = _SCRIPT_LANGUAGES.get(script)
    if languages and language not in languages and counts[script] > len(letters) * 0.6:
        yield finding(
            "M114",
            f"the text is in {_script_name(script)} letters, but its language is {draft.contribution.lang!r}",
            _field(draft, "lang"),
            f"Add `lang:`, such as {', '.join(languages[:3])}.",
        )
    elif (
        not languages
        and language in {"ar", "fa", "he", "zh", "ja", "ko", "ru", "uk", "el", "th"}
        and counts[script] > len(letters) * 0.8
    ):
        yield finding(
            "M114",
            f"the text is in {_script_name(script)} letters, but its language is {draft.contribution.lang!r}",
            _field(draft, "lang"),
            "Correct `lang:`.",
        )


# --- the text -----------------------------------------------------------------------------------------------


def empty_links(draft: Draft) -> Iterator[Diagnostic]:
    for node in tree.nodes(draft.document, "Link"):
        target = node["c"][2][0]
        label = tree.text(node["c"][1]).strip()
        if "ref" in tree.classes(node):
            continue
        if not target.strip():
            yield finding(
                "X201",
                f"the link “{label[:50]}” goes nowhere",
                Location(draft.source.path, token=f"[{label}]"[:60]),
                "Give it an address, or take the brackets away.",
            )
        elif not label and not any(True for _ in tree.nodes(node["c"][1], "Image")):
            yield finding(
                "X202",
                f"the link to {target[:60]} has no text",
                Location(draft.source.path, token=f"]({target}"),
                "Write what it leads to between the brackets.",
            )


def unclosed_maths(draft: Draft) -> Iterator[Diagnostic]:
    from proceedings import maths

    body = draft.source.prose[draft.source.body_start :]
    for offset, what in maths.unclosed(body):
        place = draft.source.place(draft.source.body_start + offset)
        yield finding(
            "X203",
            f"{what} opens a formula that is never closed",
            place,
            "Close it, or write \\$ for a dollar sign.",
        )


def unclosed_fence(draft: Draft) -> Iterator[Diagnostic]:
    """A ``` or ::: without an end swallows the rest of the text."""
    opened: list[tuple[str, int]] = []
    lines = draft.source.body.split("\n")
    first = draft.source.text.count("\n", 0, draft.source.body_start) + 1
    for number, line in enumerate(lines):
        match = re.match(r"[ ]{0,3}(`{3,}|~{3,})(.*)$", line)
        if not match:
            continue
        mark, rest = match[1], match[2].strip()
        if opened and mark[0] == opened[-1][0][0] and len(mark) >= len(opened[-1][0]) and not rest:
            opened.pop()
        elif not opened and not (mark[0] == "`" and "`" in rest):
            opened.append((mark, number))
    for mark, number in opened:
        if re.match(r"\{[A-Za-z]", lines[number].strip().removeprefix(mark)):
            continue  # a directive, which is told where it is read (X017)
        yield finding(
            "X204",
            f"the code block that {mark} opens is never closed",
            draft.source.place_of_line(first + number),
            f"Write {mark} on a line of its own where the code ends.",
        )


_EMPTY_HEADING = re.compile(r"^#{1,6}[ \t]*#*[ \t]*(?:\{[^}\n]*\})?[ \t]*$", re.M)


_NOTE_MARK = re.compile(r"(?<!\\)\[\^([^\]\s]+)\](?!:)")
_NOTE_TEXT = re.compile(r"^[ ]{0,3}\[\^([^\]\s]+)\]:", re.M)


def notes_and_marks(draft: Draft) -> Iterator[Diagnostic]:
    """A mark without its note is printed as it stands; a note without a mark vanishes."""
    text, start = draft.source, draft.source.body_start
    texts = {match[1]: match for match in _NOTE_TEXT.finditer(text.prose, start)}
    marks = {match[1]: match for match in _NOTE_MARK.finditer(text.text)}
    for label, match in marks.items():
        if label not in texts and text.prose[match.start() : match.end()] == match[0] and match.start() >= start:
            yield finding(
                "X209",
                f"there is no note for the mark [^{label}]",
                text.place(match.start()),
                f"Write `[^{label}]: …`.",
            )
    for label, match in texts.items():
        if label not in marks:
            place = text.place(match.start() + match[0].index("["))
            yield finding(
                "X210",
                f"no mark leads to the note [^{label}]; it is not printed",
                place,
                f"Put [^{label}] into the text.",
            )


def empty_headings(draft: Draft) -> Iterator[Diagnostic]:
    text = draft.source
    places = (text.place(match.start()) for match in _EMPTY_HEADING.finditer(text.prose, text.body_start))
    for node in tree.nodes(draft.document["blocks"], "Header"):
        if not tree.text(node["c"][2], notes=True).strip():
            yield finding("X205", "a heading without text", next(places, _home(draft)), "Delete it, or write its text.")


def tables_without_heads(draft: Draft) -> Iterator[Diagnostic]:
    for node in tree.nodes(draft.document["blocks"], "Table"):
        head, bodies = node["c"][3], node["c"][4]
        if any(row[1] for row in head[1]) or any(first or between for _, first, between, _ in bodies):
            continue
        caption, cells = (tree.text(part).split() for part in (node["c"][1], bodies))
        if cells:
            place = Location(draft.source.path, token=" ".join(caption[:3]) or cells[0])
            shown = " ".join((caption or cells)[:6])
            yield finding("A003", f"the table with “{shown}” has no heads", place, "Name its columns.")


_PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX+|TK ?TK|lorem ipsum)\b")


def placeholders(draft: Draft) -> Iterator[Diagnostic]:
    start = draft.source.body_start
    for match in _PLACEHOLDER.finditer(draft.source.prose, start):
        yield finding(
            "T201",
            f"“{match[0]}” looks like a note to yourself",
            draft.source.place(match.start()),
            "Finish it, or delete it.",
        )


TEMPLATE = (
    "given: Given",
    "family: Family",
    "University of Somewhere",
    "What was done, how, and what was found, in 150 to 250 words.",
    "first keyword",
    "Title of the work",
    "Title of the book",
    "Name of the author",
    "10.5555/example",
    "Text.",
)  # what `proceedings new` writes for an author to write over
_TEMPLATE = re.compile(rf"{'|'.join(map(re.escape, TEMPLATE[:-1]))}|^Text\.$", re.M)


def template_texts(draft: Draft) -> Iterator[Diagnostic]:
    for match in _TEMPLATE.finditer(draft.source.text):
        yield finding(
            "T203",
            f"“{match[0]}” is what the template says, not yet what you say",
            draft.source.place(match.start()),
            "Write your own in its place, or delete it.",
        )


_TWICE = re.compile(r"(?<![\w\\$])([^\W\d_]{2,})\s+\1(?!\w)")
_MAY_REPEAT = {
    "that",
    "had",
    "wish",
    "bye",
    "sous",
    "nous",
    "vous",
    "is",
    "do",
    "very",
    "so",
    "long",
    "ha",
    "bora",
}


def repeated_words(draft: Draft) -> Iterator[Diagnostic]:
    """“the the”: only where both stand in the prose with the same letters, so that verse and names are left alone."""
    prose = re.sub(
        r"\$[^$\n]*\$|\{[^}\n]*\}|\]\([^)\n]*\)|^[ \t]*[|+].*$",
        lambda m: " " * len(m[0]),
        draft.source.prose,
        flags=re.M,
    )
    for match in _TWICE.finditer(prose, draft.source.body_start):
        if "\n\n" not in match[0] and match[1].lower() == match[1] and match[1] not in _MAY_REPEAT:
            yield finding(
                "T202",
                f"“{match[1]}” stands twice in a row",
                draft.source.place(match.start()),
                "Delete one.",
            )


CHECKS: tuple[Callable[[Draft], Iterable[Diagnostic]], ...] = (
    required_fields,
    required_sections,
    length,
    empty_text,
    dates_in_order,
    affiliations,
    corresponding_author,
    repeated_author,
    translation_languages,
    language_of_text,
    empty_links,
    unclosed_maths,
    unclosed_fence,
    notes_and_marks,
    empty_headings,
    tables_without_heads,
    placeholders,
    template_texts,
    repeated_words,
)


# --- suppression in place ---------------------------------------------------------------------------------------------


_IGNORE = re.compile(r"(?:<!--|#)[ \t]*proceedings:[ \t]*ignore[ \t]+([A-Z]\d{3})[ \t]*(.*?)[ \t]*(?:-->|$)", re.M)


def suppressions(text: Source) -> Iterator[Diagnostic]:
    """`<!-- proceedings: ignore T202 a quotation -->` as findings of S020; the report drops those that have a purpose,
    together with what they suppress: findings of the same rule on the comment's line or the next."""
    for match in _IGNORE.finditer(text.text):
        place = text.place(match.start())
        if match[2]:
            yield finding(
                "S020",
                f"{match[1]} is suppressed here, but there is nothing to suppress",
                place,
                "Delete the comment.",
            )
        else:
            yield finding(
                "S021",
                f"{match[1]} is to be suppressed without a reason",
                place,
                "Write the reason after the code.",
            )


def without_suppressed(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings less those that are suppressed, and less the suppressions that had something to suppress."""
    everything = list(findings)
    wishes = {
        (item.location.path, item.location.line, item.message[:4]): item for item in everything if item.code == "S020"
    }
    dropped: set[int] = set()
    for item in everything:
        line = item.location.line or 0
        for key in ((item.location.path, line, item.code), (item.location.path, line - 1, item.code)):
            if key in wishes:
                dropped.update((id(item), id(wishes[key])))
    return [item for item in everything if id(item) not in dropped]


# --- volume.yaml by itself ----------------------------------------------------------------------------------


def check_volume_file(volume: Volume, text: Source, outputs: Iterable[str]) -> list[Diagnostic]:
    """What volume.yaml says that cannot be; `outputs` are the names of those that can be made."""
    from proceedings.catalogue import RULES

    path, found = text.path, []
    known = {*RULES, *(rule.name for rule in RULES.values())}
    for name in volume.checks:
        if name not in known:
            found.append(
                finding(
                    "V022",
                    f"`checks:` names {name!r}, which is no rule",
                    Location(path, token=name),
                    _near(name, known),
                )
            )
    for name in volume.outputs:
        if name not in outputs:
            found.append(
                finding(
                    "V023",
                    f"`outputs:` names {name!r}, which is no output",
                    Location(path, token=name),
                    _near(name, outputs),
                )
            )
    for name in volume.back_matter:
        if name not in BACK_PARTS:
            found.append(
                finding(
                    "V024",
                    f"`back-matter:` names {name!r}, which is no part",
                    Location(path, token=name),
                    f"Choose from {', '.join(BACK_PARTS)}.",
                )
            )
    slugs = {entry.paper for _, entry in volume.entries()} | set(volume.front_matter)
    for item in volume.errata if len(slugs) > len(volume.front_matter) else ():
        if item.paper not in slugs:
            message = f"`errata:` is about {item.paper!r}, which is not in the volume"
            found.append(finding("V034", message, Location(path, token=item.paper), _near(item.paper, slugs)))
    event = volume.event
    if event and event.start and event.end and event.end < event.start:
        found.append(
            finding(
                "V025",
                f"the event ends ({event.end}) before it starts ({event.start})",
                Location(path, token="end:"),
                "Correct one of the dates.",
            )
        )
    if not volume.published:
        found.append(
            finding(
                "V026",
                "the volume has no date of publication",
                Location(path, 1, 1),
                "Add `published: 2024-12-16`.",
            )
        )
    if not volume.licence and not re.search(r"^licen[cs]e:", text.text, re.M):  # one that is wrong is told already
        found.append(finding("V027", "the volume has no licence", Location(path, 1, 1), "Add `licence: CC-BY-4.0`."))
    if not volume.publisher:
        found.append(
            finding("V028", "the volume has no publisher", Location(path, 1, 1), "Add `publisher: {name: …}`.")
        )
    if volume.doi_rule and volume.doi_of("slug") is None:
        message = f"doi-rule: '{volume.doi_rule}' makes no DOI: it should look like 10.1234/{{slug}}"
        found.append(finding("I001", message, Location(path, token="doi-rule"), "Write the prefix of your own."))
    elif volume.doi_rule and "{slug}" not in volume.doi_rule:
        found.append(
            finding(
                "V029",
                "`doi-rule:` gives every contribution the same DOI",
                Location(path, token="doi-rule"),
                "Use {slug}.",
            )
        )
    return found


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"Did you mean {near[0]!r}?" if near else ""


# --- contributions beside each other ------------------------------------------------------------------------


class PersonFacts(Record):
    name: str
    given: str
    family: str
    orcid: str | None


class ContributionFacts(Record):
    """What the volume's checks need of one contribution."""

    slug: str
    path: str
    title: str
    doi: str | None
    people: tuple[PersonFacts, ...]
    related: tuple[tuple[str, str], ...]  # (relation, slug)

    @classmethod
    def of(cls, contribution: Contribution, path: str, title: str) -> ContributionFacts:
        people = (
            PersonFacts(name=p.name, given=p.given, family=p.family or p.group, orcid=p.orcid)
            for p in contribution.contributors
        )
        related = ((work.relation.value, work.slug) for work in contribution.related if work.slug)
        return cls(
            slug=contribution.slug,
            path=path,
            title=title,
            doi=contribution.doi,
            people=tuple(people),
            related=tuple(related),
        )


class VolumeFacts(Record):
    volume: Volume
    contributions: tuple[ContributionFacts, ...]
    slugs: tuple[str, ...]


class Checked(Record):
    """That the volume's checks were made."""

    facts: Digest = ""


def check_volume(view: VolumeFacts, shop: Workshop) -> Result:
    """Every finding of the checks across contributions."""
    from proceedings.build import Result

    return Result(Checked(), findings=tuple(item for rule in VOLUME_CHECKS for item in rule(view)))


def one_orcid_two_names(view: VolumeFacts) -> Iterator[Diagnostic]:
    names: dict[str, tuple[str, str]] = {}
    for item in view.contributions:
        for person in item.people:
            if not person.orcid:
                continue
            first, where = names.setdefault(person.orcid, (person.name, item.slug))
            if first != person.name:
                yield finding(
                    "V101",
                    f"the ORCID iD {person.orcid} is {person.name!r} here and {first!r} in {where}",
                    Location(item.path, token=person.orcid),
                    "Correct the iD, or spell the name in one way.",
                )


def one_name_two_ways(view: VolumeFacts) -> Iterator[Diagnostic]:
    seen: dict[str, PersonFacts] = {}
    where: dict[str, str] = {}
    for item in view.contributions:
        for person in item.people:
            key = _folded(person.name)
            first = seen.setdefault(key, person)
            where.setdefault(key, item.slug)
            if first.name != person.name:
                yield finding(
                    "V102",
                    f"the name is written {person.name!r} here and {first.name!r} in {where[key]}",
                    Location(item.path, token=person.family or person.given),
                    "Spell it in one way if it is one person.",
                )
            elif first.orcid and person.orcid and first.orcid != person.orcid:
                yield finding(
                    "V103",
                    f"{person.name} has the ORCID iD {person.orcid} here and {first.orcid} in {where[key]}",
                    Location(item.path, token=person.orcid),
                    "Correct one, if it is one person.",
                )


def same_title(view: VolumeFacts) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for item in view.contributions:
        first = seen.setdefault(_folded(item.title), item.slug)
        if first != item.slug:
            yield finding(
                "V104",
                f"the title is also that of {first}",
                Location(item.path, token="title"),
                "Is it the same text twice?",
            )


def same_doi(view: VolumeFacts) -> Iterator[Diagnostic]:
    if view.volume.doi_rule and "{slug}" not in view.volume.doi_rule:
        return  # told once, of the rule (V029)
    seen: dict[str, str] = {view.volume.doi: "the volume"} if view.volume.doi else {}
    for item in view.contributions:
        if item.doi and seen.setdefault(item.doi, item.slug) != item.slug:
            yield finding(
                "V105",
                f"the DOI {item.doi} is also that of {seen[item.doi]}",
                Location(item.path, token=item.doi),
                "Correct one.",
            )


def unknown_relation(view: VolumeFacts) -> Iterator[Diagnostic]:
    for item in view.contributions:
        for relation, slug in item.related:
            if slug not in view.slugs:
                yield finding(
                    "V106",
                    f"`{relation}: {slug}`: there is no such contribution in the volume",
                    Location(item.path, token=slug),
                    _near(slug, view.slugs) or "Give the DOI of a work that stands elsewhere.",
                )


VOLUME_CHECKS: tuple[Callable[[VolumeFacts], Iterable[Diagnostic]], ...] = (
    one_orcid_two_names,
    one_name_two_ways,
    same_title,
    same_doi,
    unknown_relation,
)


def _folded(value: str) -> str:
    """Letters only, without accents and case: 'Özgür-Ünal' and 'Ozgur Unal' are the same."""
    plain = unicodedata.normalize("NFKD", value)
    return "".join(c for c in plain.casefold() if c.isalnum())
