"""Checks on a contribution's metadata: what its kind requires, and whether its facts agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from proceedings import document as tree
from proceedings.diagnostics import Diagnostic, Location, did_you_mean, finding
from proceedings.model import (
    KINDS,
    Contribution,
    Contributor,
    Kind,
    KindRules,
    Limits,
)
from proceedings.rules.draft import Draft, field, folded, home
from proceedings.source import Map


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
    for code, verb, names in (("M101", "needs", rules.required), ("M102", "should have", rules.expected)):
        for name in names:
            if not _has(draft.contribution, name):
                message, hint = f"{what} {verb} `{name}:`", f"Add `{name}:` to the metadata."
                yield finding(code, message, field(draft, name), hint, lacks=name)
    wanted = rules.relation
    if wanted and not any(work.relation is wanted for work in draft.contribution.related):
        yield finding(
            "M103",
            f"{what} must say what it {wanted.value}",
            field(draft, "kind"),
            f"Add `{wanted.value}:` with a DOI or a slug of this volume.",
            lacks=wanted.value,
        )


def required_sections(draft: Draft) -> Iterator[Diagnostic]:
    rules = bounds(draft.contribution.kind, draft.limits)
    if not draft.contribution.lang.startswith("en"):
        return  # the names of sections are English
    present = {folded(tree.text(node["c"][2])) for node in tree.nodes(draft.document["blocks"], "Header")}
    for title in rules.sections:
        if folded(title) not in present:
            message, hint = f"there is no section “{title}”", f"Add the heading `# {title}`."
            yield finding("M104", message, home(draft), hint, lacks=title)


def length(draft: Draft) -> Iterator[Diagnostic]:
    rules = bounds(draft.contribution.kind, draft.limits)
    words = tree.words(draft.document["blocks"])
    if rules.max_words and words > rules.max_words:
        yield finding(
            "M105",
            f"the text has {words:,} words; {_article(rules.label)} may have {rules.max_words:,}",
            home(draft),
            "Shorten it, or change `limits:` in volume.yaml.",
        )
    abstract = sum(len(part.text.split()) for part in draft.contribution.abstract)
    if rules.max_abstract_words and abstract > rules.max_abstract_words:
        message = f"the abstract has {abstract} words; it may have {rules.max_abstract_words}"
        yield finding("M106", message, field(draft, "abstract"), "Shorten it.")


def empty_text(draft: Draft) -> Iterator[Diagnostic]:
    if bounds(draft.contribution.kind, draft.limits).needs_body and not tree.text(draft.document["blocks"]).strip():
        yield finding(
            "M107",
            "there is no text below the metadata",
            home(draft),
            "Write the text, or choose `kind: abstract`.",
        )


# --- whether the facts agree ----------------------------------------------------------------------------------


def dates_in_order(draft: Draft) -> Iterator[Diagnostic]:
    names = ("received", "revised", "accepted", "published")
    known = [(name, value) for name in names if (value := getattr(draft.contribution, name))]
    for (earlier, first), (later, second) in pairwise(known):
        if first > second:
            message = f"`{later}: {second}` is before `{earlier}: {first}`"
            yield finding("M108", message, field(draft, later), "Correct one of the dates.")


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
                    did_you_mean(name, filter(None, known)) or f"List it under `affiliations:` (there: {listed}).",
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
                field(draft, "translations"),
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
            field(draft, "lang"),
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
            field(draft, "lang"),
            "Correct `lang:`.",
        )
