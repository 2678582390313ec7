"""Checks on volume.yaml by itself, and on contributions beside each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from proceedings.diagnostics import Diagnostic, Location, did_you_mean, finding
from proceedings.edition import Digest, Prepared
from proceedings.model import (
    BACK_PARTS,
    JatsProfile,
    Record,
    Volume,
)
from proceedings.rules.draft import folded
from proceedings.source import Map, Source, key_location
from proceedings.yaml_reader import read_yaml

if TYPE_CHECKING:
    from proceedings.build import Result, Workshop


def check_volume_file(volume: Volume, text: Source, outputs: Iterable[str]) -> list[Diagnostic]:
    """What volume.yaml says that cannot be, and lacks; `outputs` are the names of those that can be made."""
    return [
        *_unknown_names(volume, text.path, outputs),
        *_contradictions(volume, text.path),
        *_lacking(volume, text),
        *_lacking_for_scielo(volume, text.path),
        *template_facts(text),
    ]


def _unknown_names(volume: Volume, path: str, outputs: Iterable[str]) -> Iterator[Diagnostic]:
    from proceedings.catalogue import RULES

    rules = {*RULES, *(rule.name for rule in RULES.values())}
    for code, field, names, known, what in (
        ("V022", "checks", volume.checks, rules, "rule"),
        ("V023", "outputs", volume.outputs, outputs, "output"),
        ("V024", "back-matter", volume.back_matter, BACK_PARTS, "part"),
    ):
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or ("" if known is rules else f"Choose from {', '.join(known)}.")
                yield finding(code, f"`{field}:` names {name!r}, which is no {what}", Location(path, token=name), hint)
    slugs = {entry.paper for _, entry in volume.entries()} | set(volume.front_matter)
    for item in volume.errata if len(slugs) > len(volume.front_matter) else ():
        if item.paper not in slugs:
            message = f"`errata:` is about {item.paper!r}, which is not in the volume"
            yield finding("V034", message, Location(path, token=item.paper), did_you_mean(item.paper, slugs))


def _contradictions(volume: Volume, path: str) -> Iterator[Diagnostic]:
    event = volume.event
    if event and event.start and event.end and event.end < event.start:
        message = f"the event ends ({event.end}) before it starts ({event.start})"
        yield finding("V025", message, Location(path, token="end:"), "Correct one of the dates.")
    place = Location(path, token="doi-rule")
    if volume.doi_rule and volume.doi_of("slug") is None:
        message = f"doi-rule: '{volume.doi_rule}' makes no DOI: it should look like 10.1234/{{slug}}"
        yield finding("I001", message, place, "Write the prefix of your own.")
    elif volume.doi_rule and "{slug}" not in volume.doi_rule:
        yield finding("V029", "`doi-rule:` gives every contribution the same DOI", place, "Use {slug}.")


def _lacking(volume: Volume, text: Source) -> Iterator[Diagnostic]:
    place = Location(text.path, 1, 1)
    if not volume.published:
        yield finding("V026", "the volume has no date of publication", place, "Add `published: 2024-12-16`.")
    if not volume.licence and not re.search(r"^licen[cs]e:", text.text, re.M):  # one that is wrong is told already
        yield finding("V027", "the volume has no licence", place, "Add `licence: CC-BY-4.0`.")
    if not volume.publisher:
        yield finding("V028", "the volume has no publisher", place, "Add `publisher: {name: …}`.")


def _lacking_for_scielo(volume: Volume, path: str) -> Iterator[Diagnostic]:
    """What SciELO's schema demands of every article and only the editors can know."""
    if volume.jats_profile is not JatsProfile.SCIELO:
        return
    series = volume.series
    known = {
        "series.title": series and series.title,
        "series.id": series and series.id,
        "series.abbreviation": series and series.abbreviation,
        "series.issn": series and (series.issn or series.issn_print),
        "publisher": volume.publisher,
    }
    missing = ", ".join(f"`{name}`" for name, value in known.items() if not value)
    if missing:
        message = f"SciELO refuses articles of a volume that does not give {missing}"
        yield finding("V037", message, Location(path, token="scielo"), "Add what is missing, or take the profile away.")


_SCAFFOLD = Path(__file__).parent.parent / "data" / "scaffold" / "volume.yaml"
_INVENTED = ("title", "publisher", "published", "editors", "event")  # what `init` has to make up; the rest may stay


def template_facts(text: Source) -> Iterator[Diagnostic]:
    """Facts that `proceedings init` wrote, and nobody else: they would be printed, and sent to catalogues."""
    facts, _ = read_yaml(text.text, text.path)
    made_up, _ = read_yaml(_SCAFFOLD.read_text(encoding="utf-8"), _SCAFFOLD.name)
    if not isinstance(facts, Map):
        return
    same = [name for name in _INVENTED if _shares(facts.get(name), made_up[name])]
    if same:
        names = " and ".join(filter(None, (", ".join(f"`{name}`" for name in same[:-1]), f"`{same[-1]}`")))
        yield finding(
            "T203",
            f"{names} {'has' if len(same) == 1 else 'have'} what the template says, not yet what you say",
            key_location(facts, same[0], facts.location),
            "Write your own facts in their place, or delete them.",
        )


def _shares(value: object, example: object) -> bool:
    """Whether any fact of an example is still there."""
    if isinstance(value, dict) and isinstance(example, dict):
        return any(_shares(value.get(key), item) for key, item in example.items())
    if isinstance(value, list) and isinstance(example, list):
        return any(item in example for item in value)
    return value is not None and value == example


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
    unaddressed: bool = False  # it has files whose only address would be that of the volume's site

    @classmethod
    def of(cls, prepared: Prepared, path: str) -> ContributionFacts:
        contribution = prepared.contribution
        people = (
            PersonFacts(name=p.name, given=p.given, family=p.family or p.group, orcid=p.orcid)
            for p in contribution.contributors
        )
        related = ((work.relation.value, work.slug) for work in contribution.related if work.slug)
        return cls(
            slug=contribution.slug,
            path=path,
            title=prepared.title,
            doi=contribution.doi,
            people=tuple(people),
            related=tuple(related),
            unaddressed=any(asset.shown for asset in prepared.files)
            or any(one.asset and not one.item.address for one in prepared.supplements()),
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
            key = folded(person.name)
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
        first = seen.setdefault(folded(item.title), item.slug)
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
                    did_you_mean(slug, view.slugs) or "Give the DOI of a work that stands elsewhere.",
                )


def files_without_address(view: VolumeFacts) -> Iterator[Diagnostic]:
    named = [item.slug for item in view.contributions if item.unaddressed]
    if named and not view.volume.url:
        what = ", ".join(named[:5]) + (" …" if len(named) > 5 else "")
        message = f"files go with {what}, and neither PDF nor EPUB can say where they are: the volume has no `url`"
        yield finding("V036", message, Location("volume.yaml", 1, 1), "Give the `url` of the volume's site.")


VOLUME_CHECKS: tuple[Callable[[VolumeFacts], Iterable[Diagnostic]], ...] = (
    one_orcid_two_names,
    one_name_two_ways,
    same_title,
    same_doi,
    unknown_relation,
    files_without_address,
)
