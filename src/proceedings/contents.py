"""What a volume holds: volume.yaml and the files of papers/ → the contributions in order.

`read_volume` is the first step of every build. What papers/ has and the volume does not take is told, not passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from proceedings import records, rules, source
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, Severity, did_you_mean, finding
from proceedings.model import FRONT_PARTS, ContentsEntry, Record, Volume
from proceedings.source import Map, Source
from proceedings.yaml_reader import read_yaml

VOLUME_FILE = "volume.yaml"
TEXT_SUFFIXES = (".md", ".markdown", ".qmd", ".rmd")
MAIN_FILES = tuple(stem + suffix for suffix in TEXT_SUFFIXES for stem in ("paper", "index", "main"))
TAKEN = ("volume",)  # what files of the whole volume are called beside those of its contributions
OTHER_TEXTS = (".doc", ".docx", ".htm", ".html", ".ipynb", ".odt", ".org", ".rst", ".rtf", ".tex", ".txt")


class Listing(Record):
    """The files of a volume's folders, as the build found them."""

    papers: tuple[str, ...]
    bibliography: tuple[str, ...]
    styles: tuple[str, ...]
    outputs: tuple[str, ...] = ()  # that the program can make


class Planned(Record):
    """One contribution that the volume is to hold."""

    slug: str
    path: str  # the Markdown file, below the root
    folder: str  # what the paper's own files must lie in
    section: str = ""
    front: bool = False
    entry: ContentsEntry

    def holds(self, path: str) -> bool:
        """Whether a file is one of the contribution's own."""
        return path == self.path or (self.folder != "papers" and path.startswith(f"{self.folder}/"))


class Plan(Record):
    """volume.yaml, validated, and its contributions in order."""

    volume: Volume
    planned: tuple[Planned, ...]


def read_volume(view: Listing, shop: Workshop) -> Result:
    """volume.yaml and the list of papers → Plan. None where volume.yaml cannot be read at all."""
    from proceedings import frontmatter

    home = Location(VOLUME_FILE, 1, 1)
    try:
        text = source.decode(shop.read(VOLUME_FILE), VOLUME_FILE)
    except (OSError, PermissionError):
        return Result(
            None, findings=(finding("V001", "there is no volume.yaml", home, "Run `proceedings init` here."),)
        )
    findings = list(text.findings)
    data, problems = read_yaml(text.text, VOLUME_FILE)
    findings += problems
    if not isinstance(data, Map):
        if not any(item.severity is Severity.FATAL for item in findings):
            findings.append(finding("V001", "volume.yaml holds no fields", home, "It needs at least `title:`."))
        return Result(None, findings=tuple(findings))
    record, more = frontmatter.of_volume(data, VOLUME_FILE)
    volume, problems = records.validate(record, Volume, VOLUME_FILE)
    findings += [*more, *problems]
    if volume is None:
        return Result(None, findings=tuple(findings))
    named = (
        item if item.id else item.model_copy(update={"id": f"section-{n}"}) for n, item in enumerate(volume.sections, 1)
    )
    volume = volume.model_copy(update={"sections": tuple(named)})
    papers, problems = _papers(view.papers)
    findings += problems
    planned, problems = _planned(volume, papers, text)
    findings += [*problems, *rules.check_volume_file(volume, text, view.outputs)]
    return Result(Plan(volume=volume, planned=tuple(planned)), findings=tuple(findings))


def _papers(names: Iterable[str]) -> tuple[dict[str, tuple[str, str]], list[Diagnostic]]:
    """The files of papers/ → slug: (Markdown file, folder), and what cannot be a contribution."""
    found: dict[str, tuple[str, str]] = {}
    findings: list[Diagnostic] = []
    folders: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition("/")
        if rest:
            folders.setdefault(head, []).append(rest)
        elif head.lower().endswith(TEXT_SUFFIXES) and head.lower() != "readme.md":
            _add(found, findings, head.rpartition(".")[0], f"papers/{head}", "papers")
        elif head.lower().endswith(OTHER_TEXTS) and not head.lower().startswith("readme"):
            findings.append(_not_markdown(head))
        elif "." not in head and not head.isupper():
            message = f"papers/{head} is neither a Markdown text nor a folder (links are not followed); it is left out"
            told = finding("V017", message, Location(f"papers/{head}", near=True), "Put the paper itself there.")
            findings.append(told)
    for head, inside in folders.items():
        main = _main_file(inside)
        if main is not None:
            _add(found, findings, head, f"papers/{head}/{main}", f"papers/{head}")
        else:
            findings += _without_main(head, inside)
    return found, findings


def _main_file(inside: Iterable[str]) -> str | None:
    """Which file of a paper's folder is the paper: one of the usual names, or the only text."""
    # a folder may be called paper.md, too: that is told when it is read
    by_name = {part.lower(): part for name in inside for part in (name.partition("/")[0], name) if "/" not in part}
    usual = next((by_name[name] for name in MAIN_FILES if name in by_name), None)
    texts = [name for name in inside if "/" not in name and name.lower().endswith(TEXT_SUFFIXES)]
    return usual or (texts[0] if len(texts) == 1 else None)


def _without_main(head: str, inside: list[str]) -> list[Diagnostic]:
    """What to say of a folder in which no file can be told to be the paper."""
    texts = [name for name in inside if name.lower().endswith(TEXT_SUFFIXES)]
    here = [name for name in texts if "/" not in name]
    others = [name for name in inside if "/" not in name and name.lower().endswith(OTHER_TEXTS)]
    place = Location(f"papers/{head}", near=True)
    if here or any(name.endswith(".bib") for name in inside):
        but = f", but {', '.join(here)}" if here else ""
        return [finding("V010", f"papers/{head} has no paper.md{but}", place, "Name the text paper.md.")]
    if texts:
        message = f"papers/{head} has no paper.md, but {', '.join(texts[:3])} deeper down; it is left out"
        return [finding("V010", message, place, "Put each paper's folder directly into papers/.")]
    return [_not_markdown(f"{head}/{name}") for name in others]


def _not_markdown(name: str) -> Diagnostic:
    stem = name.rpartition("/")[2].rpartition(".")[0]
    return finding(
        "V017",
        f"papers/{name} is not Markdown; it is left out",
        Location(f"papers/{name}", near=True),
        f"Convert it (`pandoc -o {stem}.md {name.rpartition('/')[2]}`) and read the result, or move it away.",
    )


def _add(found: dict[str, tuple[str, str]], findings: list[Diagnostic], name: str, path: str, folder: str) -> None:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "paper"
    slug = f"{slug}-1" if slug in TAKEN else slug
    if slug != name:
        findings.append(
            finding(
                "V011",
                f"{name!r} is {'what the volume is called' if name in TAKEN else 'not a slug'}; {slug!r} is used",
                Location(path, 1, 1),
                "Name it with small letters a–z, digits and hyphens.",
            )
        )
    if slug in found:
        findings.append(
            finding(
                "V012",
                f"{path} and {found[slug][0]} have the same slug, {slug!r}; the first is left out",
                Location(path, 1, 1),
                "Rename one of them.",
            )
        )
        return
    found[slug] = (path, folder)


def _planned(
    volume: Volume, papers: Mapping[str, tuple[str, str]], text: Source
) -> tuple[list[Planned], list[Diagnostic]]:
    """The contributions in order: those that volume.yaml lists, or all of papers/ by slug."""
    listed: list[tuple[ContentsEntry, str, bool]] = []
    contributions = [part for part in volume.front_matter if part not in FRONT_PARTS]
    listed += [(ContentsEntry(paper=part), "", True) for part in contributions if part in papers]
    listed += [(entry, section.id if section else "", False) for section, entry in volume.entries()]
    if not any(not front for _, _, front in listed):
        taken = {entry.paper for entry, _, _ in listed}
        listed += [(ContentsEntry(paper=slug), "", False) for slug in sorted(papers) if slug not in taken]
    planned: list[Planned] = []
    findings = [
        _unknown_paper(part, {**papers, **dict.fromkeys(FRONT_PARTS)}) for part in contributions if part not in papers
    ]
    seen: set[str] = set()
    for entry, section, front in listed:
        slug = entry.paper
        if slug in seen:
            findings.append(
                finding(
                    "V013",
                    f"{slug!r} is listed twice",
                    Location(VOLUME_FILE, token=slug, nth=2),
                    "Delete one.",
                )
            )
        elif slug not in papers:
            findings.append(_unknown_paper(slug, papers))
        else:
            path, folder = papers[slug]
            planned.append(Planned(slug=slug, path=path, folder=folder, section=section, front=front, entry=entry))
        seen.add(slug)
    for slug in sorted(set(papers) - seen):
        findings.append(
            finding(
                "V014",
                f"{slug!r} is in papers/ but not in volume.yaml; it is left out",
                Location(papers[slug][0], 1, 1),
                f"List {slug!r} in a section, or move the file away.",
            )
        )
    if not planned:
        home = Location(VOLUME_FILE, 1, 1)
        findings.append(finding("V016", "the volume has no contributions", home, "Write one: `proceedings new SLUG`."))
    return planned, [source.resolve(item, {VOLUME_FILE: text}) for item in findings]


def _unknown_paper(slug: str, papers: Mapping[str, Any]) -> Diagnostic:
    hint = did_you_mean(slug, papers) or f"Add papers/{slug}.md or papers/{slug}/paper.md."
    return finding("V015", f"there is no paper {slug!r} in papers/", Location(VOLUME_FILE, token=slug), hint)
