"""THE SPINE: read → check → prepare → plan → write → verify → report. Read this file first.

    read      volume.yaml, then every contribution: files → Manuscript (reader.py, rules.py)
    check     what only shows when all contributions are seen together (rules.py)
    prepare   citations, numbers, cross-references: Manuscript → Prepared (preparation.py)
    plan      writers × contributions → a graph of jobs (this file)
    write     HTML fragments, laid-out bodies, then every output (renderings/, typesetting/, writers/)
    verify    the official validators (validators/), and every output read back (agreement/)
    report    findings → text and an exit status (report.py)

A stage is a set of jobs; `build.Builder` runs those whose key is not in the ledger. Layout feeds back: page ranges are
known only when every body is laid out, so outputs that print them wait for all layouts (Need.PAGES).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import Executor
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from proceedings import agreement, rules, source, verification
from proceedings.agreement import Agreed, AgreeView, AgreeVolumeView, Chapter, Whole
from proceedings.build import (
    Builder,
    Event,
    FileStore,
    Job,
    Outcome,
    Workshop,
    list_files,
)
from proceedings.contents import Listing, Plan, Planned
from proceedings.diagnostics import Diagnostic, Location, Severity, UsageFailure, finding
from proceedings.edition import Edition, Missing, Prepared
from proceedings.model import Contribution, Grade, Record, Volume
from proceedings.preparation import PrepareView, StyleRead, StyleView
from proceedings.reader import LibraryRead, LibraryView, Manuscript, ReadView, is_library, whole_text
from proceedings.renderings import pages
from proceedings.renderings.html import Fragment, FragmentView
from proceedings.renderings.pages import InPlace, LaidOut, LayoutView, Setting, StampView
from proceedings.rules import Checked, ContributionFacts, VolumeFacts
from proceedings.writers import WRITERS, WriteView, Written
from proceedings.writers.interface import Need, Scope, Writer

WORKERS = ("proceedings.preparation", "proceedings.citations", "proceedings.dialects", "proceedings.images",
           "proceedings.transforms", "proceedings.renderings.jats", "proceedings.typesetting", "lxml.html")  # fmt: skip
"""What worker processes load once, before they are forked; the parent does without where nothing has to run."""


@dataclass(frozen=True)
class Request:
    """What is asked of a run. Empty `only` and `to` mean everything."""

    root: Path
    out: Path
    only: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    jobs: int = 0
    full_verify: bool = False
    publish: bool = True  # False: read, check and prepare only


@dataclass
class Report:
    """What a run found and made."""

    root: Path
    findings: list[Diagnostic] = field(default_factory=list)
    plan: Plan | None = None
    edition: Edition | None = None
    manuscripts: dict[str, Manuscript] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)
    artifacts: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)  # validator → files it saw
    unchecked: list[Diagnostic] = field(default_factory=list)  # what no validator saw, and why (O003)


def build(
    request: Request, tell: Callable[[Event], None] = lambda event: None, executor: Executor | None = None
) -> Report:
    """Make what is asked for and say what was found. The stages, one after the other.

    Without an `executor` (any of concurrent.futures' kind: a cluster's, say) the jobs run in processes of this machine.
    """
    _refuse_unknown(request)
    report = Report(request.root)
    with Builder(
        request.root, request.out, jobs=request.jobs, tell=tell, executor=executor, preload=WORKERS
    ) as builder:
        report.plan = read_volume(request, builder, report)
        if report.plan is None:
            return _finished(report, request)
        work = _Work(request, builder, report.plan)
        graph = [*work.read(), *work.prepare(), *work.check(), *work.fragments()]
        if request.publish:
            graph += [*work.render(), *work.write()]
        graph = _needed(graph, request, report.plan)
        graph += work.agree({job.name for job in graph})
        report.outcome = builder.run(graph)
        report.edition, report.manuscripts = work.edition, work.manuscripts
        report.findings += [*report.outcome.findings()]
        whole = request.publish and not request.only and not request.to
        if whole:
            builder.sweep(["volume", *(job.name for job in graph)])
        if request.publish:
            verify(request, report, builder)
    return _finished(report, request)


def _refuse_unknown(request: Request) -> None:
    names = [writer.name for writer in WRITERS]
    for name in request.to:
        if name not in names:
            raise UsageFailure(f"there is no output {name!r}", _advice(name, names))


def _advice(name: str, names: Sequence[str]) -> str:
    """What may be meant by a name that there is not."""
    near = get_close_matches(name, names, 1)
    return f"Did you mean {near[0]!r}?" if near else f"Choose from: {', '.join(names) or 'none'}."


# --- read ----------------------------------------------------------------------------------------------------------


def read_volume(request: Request, builder: Builder, report: Report) -> Plan | None:
    """volume.yaml and the folders' listings → Plan."""
    listing = Listing(
        papers=tuple(list_files(request.root / "papers")),
        bibliography=tuple(name for name in list_files(request.root / "bibliography") if is_library(name)),
        styles=tuple(list_files(request.root / "styles")),
        outputs=tuple(writer.name for writer in WRITERS),
    )
    plans: list[Plan] = []
    job = Job("volume", "proceedings.contents:read_volume", lambda: listing, Plan, receive=plans.append)
    report.findings += builder.run([job]).findings()
    if not plans:
        return None
    plan = plans[0]
    slugs = [item.slug for item in plan.planned]
    for slug in request.only:
        if slug not in slugs:
            unlisted = any(item.code == "V014" and repr(slug) in item.message for item in report.findings)
            advice = "papers/ has it, but volume.yaml does not list it." if unlisted else _advice(slug, slugs)
            raise UsageFailure(f"the volume has no contribution {slug!r}", advice)
    if plan.volume.requires:
        report.findings += _version_findings(plan.volume)
    return plan


def _version_findings(volume: Volume) -> list[Diagnostic]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    from proceedings import __version__

    place = Location("volume.yaml", token="requires")
    try:
        if SpecifierSet(volume.requires).contains(__version__, prereleases=True):
            return []
    except InvalidSpecifier:
        return [
            finding(
                "V002",
                f"`requires: {volume.requires}` is not a range of versions",
                place,
                "Write it as '>=0.1,<0.2'.",
            )
        ]
    message = f"the volume is made for proceedings {volume.requires}; this is {__version__}"
    return [finding("V003", message, place, "Install that version, or change `requires` after looking at the result.")]


_NOTHING = Prepared(contribution=Contribution(slug="x", title="x"), tree="", references="")


class _Work:
    """The jobs of one run, and what they have brought so far."""

    def __init__(self, request: Request, builder: Builder, plan: Plan) -> None:
        self.request, self.builder, self.plan = request, builder, plan
        sections = {section.id: section for section in plan.volume.sections}
        self.edition = Edition(
            plan.volume,
            sections={item.slug: sections.get(item.section) for item in plan.planned},
            paths={item.slug: item.path for item in plan.planned},
        )
        self.manuscripts: dict[str, Manuscript] = {}
        self.shared = plan.volume.bibliography or tuple(
            f"bibliography/{name}" for name in list_files(request.root / "bibliography") if is_library(name)
        )
        self.edition.style = self._style()
        self._settled = False

    def read(self) -> Iterable[Job]:
        """Each shared library and each contribution by itself."""
        for path in self.shared:
            yield Job(
                f"library/{path}",
                "proceedings.reader:read_library",
                lambda path=path: LibraryView(path=path),  # type: ignore[misc]
                LibraryRead,
                source=path,
            )
        for planned in self.plan.planned:
            yield Job(
                f"read/{planned.slug}",
                "proceedings.reader:read",
                lambda planned=planned: self._read_view(planned),  # type: ignore[misc]
                Manuscript,
                receive=lambda made, slug=planned.slug: self.manuscripts.__setitem__(slug, made),  # type: ignore[misc]
                source=planned.path,
            )

    def _read_view(self, planned: Planned) -> ReadView:
        from proceedings.images import programs

        volume = self.plan.volume
        return ReadView(
            planned=planned,
            volume_lang=volume.lang,
            volume_licence=volume.licence,
            shared=self.shared,
            limits_by_kind={kind.value: limits for kind, limits in volume.limits.items()},
            doi=volume.doi_of(planned.slug),
            programs=programs.versions(),
        )

    # --- prepare ---------------------------------------------------------------------------------------------------

    def prepare(self) -> Iterable[Job]:
        """The citation style, and each contribution in it."""
        yield Job(
            "style",
            "proceedings.preparation:read_style",
            lambda: StyleView(style=self.edition.style, name=self.plan.volume.style),
            StyleRead,
        )
        for planned in self.plan.planned:
            slug = planned.slug
            yield Job(
                f"prepare/{slug}",
                "proceedings.preparation:prepare",
                lambda slug=slug, path=planned.path: PrepareView(  # type: ignore[misc]
                    manuscript=self.manuscripts[slug],
                    path=path,
                    style=self.edition.style,
                    volume=self.edition.imprint(),
                ),
                Prepared,
                needs=(f"read/{slug}",),
                receive=lambda made, slug=slug: self.edition.prepared.__setitem__(slug, made),  # type: ignore[misc]
                source=planned.path,
            )

    def _style(self) -> str:
        """The name of the CSL style, or its text where it is a file of styles/."""
        name = self.plan.volume.style
        if not name.endswith(".csl"):
            return name
        shop = Workshop(self.request.root, self.builder.store)
        try:
            return shop.read(f"styles/{name.removeprefix('styles/')}").decode()
        except UnicodeDecodeError:
            raise UsageFailure(f"the style {name} of styles/ is not UTF-8", "Save it as UTF-8.") from None
        except OSError:
            raise UsageFailure(
                f"volume.yaml names the style {name}, which is not in styles/", "Put it there."
            ) from None

    # --- check -----------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Job]:
        """What only shows across contributions."""
        yield Job("check", "proceedings.rules:check_volume", self._facts, Checked, after=self._all("prepare"))

    def _facts(self) -> VolumeFacts:
        self._settle()
        paths = {planned.slug: planned.path for planned in self.plan.planned}
        rows = [
            ContributionFacts.of(prepared.contribution, paths[slug], prepared.title)
            for slug, prepared in self.edition.prepared.items()
        ]
        return VolumeFacts(volume=self.edition.imprint(), contributions=tuple(rows), slugs=tuple(paths))

    def _all(self, stage: str) -> tuple[str, ...]:
        return tuple(f"{stage}/{planned.slug}" for planned in self.plan.planned)

    def _settle(self) -> None:
        """Bring what is prepared into reading order, and name what is missing. Once every `prepare` has ended."""
        if self._settled:
            return
        prepared = self.edition.prepared
        self.edition.prepared = {item.slug: prepared[item.slug] for item in self.plan.planned if item.slug in prepared}
        self.edition.front = tuple(planned.slug for planned in self.plan.planned if planned.front)
        self.edition.missing = tuple(
            Missing(slug=planned.slug, reason="it could not be read")
            for planned in self.plan.planned
            if planned.slug not in prepared
        )
        self._settled = True

    # --- write -----------------------------------------------------------------------------------------------------

    def fragments(self) -> Iterable[Job]:
        """Each contribution as HTML. Part of every check, since only here faults of formulas show."""
        for planned in self.plan.planned:
            slug = planned.slug
            yield Job(
                f"fragment/{slug}",
                "proceedings.renderings.html:fragment",
                lambda slug=slug, path=planned.path: FragmentView(  # type: ignore[misc]
                    tree=self.edition.prepared[slug].tree, lang=self.edition.prepared[slug].contribution.lang, path=path
                ),
                Fragment,
                needs=(f"prepare/{slug}",),
                receive=lambda made, slug=slug: self.edition.fragments.__setitem__(slug, made.parts),  # type: ignore[misc]
                source=planned.path,
            )

    def render(self) -> Iterable[Job]:
        """What several outputs share: everything printed as pages, and these in their place."""
        setting = self._setting()
        for planned in self.plan.planned:
            slug = planned.slug
            yield Job(
                f"layout/{slug}",
                "proceedings.renderings.pages:layout",
                lambda slug=slug, planned=planned: self._layout_view(planned, setting),  # type: ignore[misc]
                LaidOut,
                needs=(f"fragment/{slug}",),
                receive=lambda made, slug=slug: self._receive_body(slug, made),  # type: ignore[misc]
                source=planned.path,
            )
            yield self._stamp_job(slug, planned.path, needs=(f"layout/{slug}",))
        for name, run in self._part_names().items():
            yield Job(
                f"layout/{name}",
                "proceedings.renderings.pages:lay_out_part",
                lambda run=run: self._part_view(run, setting),  # type: ignore[misc]
                LaidOut,
                after=("check", *self._all("fragment")),
                receive=lambda made, name=name: self._receive_body(name, made),  # type: ignore[misc]
            )
            yield self._stamp_job(name, "volume.yaml", needs=(f"layout/{name}",))

    def _part_names(self) -> dict[str, tuple[str, ...]]:
        """The parts of front and back matter, as they are named before it is known which contributions succeed."""
        from proceedings import book

        stand_in = Edition(
            self.plan.volume, prepared=dict.fromkeys((item.slug for item in self.plan.planned), _NOTHING)
        )
        return book.parts(stand_in)

    def _part_view(self, run: tuple[str, ...], setting: Setting) -> Record:
        from proceedings import book

        self._settle()
        return book.part_view(self.edition, run, setting, self.builder.store)

    def _stamp_job(self, name: str, path: str, needs: tuple[str, ...]) -> Job:
        return Job(
            f"stamp/{name}",
            "proceedings.renderings.pages:stamp",
            lambda: self._stamp_view(name),
            InPlace,
            needs=needs,
            after=("check", *self._all("layout"), *(f"layout/{part}" for part in self._part_names())),
            receive=lambda made: self._receive_place(name, made),
            source=path,
        )

    def _stamp_view(self, name: str) -> StampView:
        from proceedings import book

        self._paginate()
        return book.stamp_view(self.edition, name)

    def _paginate(self) -> None:
        from proceedings import book

        self._settle()
        if not self.edition.places:
            self.edition.places = book.paginate(self.edition)

    def _receive_place(self, name: str, made: InPlace) -> None:
        if made.segment:
            self.edition.offprints[name], self.edition.segments[name] = made.offprint, made.segment

    def _setting(self) -> Setting:
        """House style and the volume's own style sheets, in the store."""
        shop = Workshop(self.request.root, self.builder.store)
        sheets = []
        for name in self.plan.volume.stylesheets:
            try:
                sheets.append(self.builder.store.put(shop.read(f"styles/{name.removeprefix('styles/')}")))
            except OSError:
                raise UsageFailure(
                    f"volume.yaml names the style sheet {name}, which is not in styles/", "Put it there."
                ) from None
        return pages.setting(sheets, self.plan.volume)

    def _layout_view(self, planned: Planned, setting: Setting) -> LayoutView:
        return LayoutView(
            volume=self.edition.imprint(),
            prepared=self.edition.prepared[planned.slug],
            section=self.edition.section_title(planned.slug),
            parts=self.edition.fragments[planned.slug],
            setting=setting,
            path=planned.path,
        )

    def _receive_body(self, slug: str, made: LaidOut) -> None:
        self.edition.bodies[slug], self.edition.body_pages[slug] = made.body, made.pages

    def write(self) -> Iterable[Job]:
        """One job for each writer of the volume, one for each contribution and writer of contributions."""
        wanted = self.plan.volume.outputs
        for writer in WRITERS:
            if wanted and writer.name not in wanted and writer.name not in self.request.to:
                continue
            if writer.scope is Scope.VOLUME:
                yield self._write_job(writer, "")
            else:
                for planned in self.plan.planned:
                    yield self._write_job(writer, planned.slug)

    def _write_job(self, writer: Writer, slug: str) -> Job:
        needs = [f"prepare/{slug}"] if slug else []
        after = ["check", *self._all("prepare")]
        if Need.FRAGMENT in writer.needs:
            needs += [f"fragment/{slug}"] if slug else []
            after += [] if slug else self._all("fragment")
        if Need.PAGES in writer.needs:
            after += [*self._all("layout"), *(f"layout/{part}" for part in self._part_names())]
        if Need.STAMPED in writer.needs:
            needs += [f"stamp/{slug}"] if slug else []
            after += [] if slug else [*self._all("stamp"), *(f"stamp/{part}" for part in self._part_names())]
        path = next((planned.path for planned in self.plan.planned if planned.slug == slug), "volume.yaml")
        return Job(
            f"{writer.name}/{slug or 'volume'}",
            "proceedings.writers:write",
            lambda: self._view(writer, slug),
            Written,
            needs=tuple(needs),
            after=tuple(after),
            source=path,
        )

    # --- verify ----------------------------------------------------------------------------------------------------

    def agree(self, jobs: Set[str]) -> Iterable[Job]:
        """What reads back the outputs that `jobs` make: one job for each contribution, one for the volume."""
        for planned in self.plan.planned:
            slug = planned.slug
            mine = {name: f"{name}/{slug}" for name in agreement.OUTPUTS if f"{name}/{slug}" in jobs}
            if mine:
                yield Job(
                    f"agree/{slug}",
                    "proceedings.agreement:agree",
                    lambda slug=slug, mine=mine: AgreeView(  # type: ignore[misc]
                        known=self._chapter(slug).known(self.edition.imprint()), files=self._files(mine)
                    ),
                    Agreed,
                    needs=(f"prepare/{slug}",),
                    after=tuple(mine.values()),
                    source=planned.path,
                )
        whole = {name: f"{name}/volume" for name in agreement.WHOLES if f"{name}/volume" in jobs}
        if whole:
            yield Job(
                "agree/volume",
                "proceedings.agreement:agree_volume",
                lambda: AgreeVolumeView(whole=self._whole(), files=self._files(whole)),
                Agreed,
                after=tuple(whole.values()),
            )

    def _files(self, jobs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The first artifact of each writer's job: the output itself. Those that failed have none."""
        rows = self.builder.ledger.rows
        return tuple((writer, rows[name].artifacts[0][1]) for writer, name in jobs.items() if name in rows)

    def _chapter(self, slug: str) -> Chapter:
        return Chapter(
            prepared=self.edition.prepared[slug], pages=self.edition.pages(slug), path=self.edition.paths[slug]
        )

    def _whole(self) -> Whole:
        return Whole(
            volume=self.edition.imprint(),
            chapters=tuple(self._chapter(slug) for slug in self.edition.prepared),
            page_count=sum(place.count for place in self.edition.places.values()),
        )

    def _view(self, writer: Writer, slug: str) -> WriteView:
        self._settle()
        if writer.needs & {Need.PAGES, Need.STAMPED}:
            self._paginate()
        return WriteView(writer=writer.name, view=writer.view(self.edition, slug))


# --- plan -----------------------------------------------------------------------------------------------------------


def _needed(graph: Sequence[Job], request: Request, plan: Plan) -> list[Job]:
    """The jobs that the request asks for, and those that they stand on: `--only` and `--to` limit what is published,
    never what it is made from."""
    if not request.only and not request.to:
        return list(graph)
    by_name = {job.name: job for job in graph}
    volume_wide = {f"{writer.name}/volume" for writer in WRITERS}
    wanted = []
    for job in graph:
        stage, _, slug = job.name.partition("/")
        asked = not request.to or stage in request.to
        mine = not request.only or slug in request.only or (job.name in volume_wide and bool(request.to))
        is_output = stage in {writer.name for writer in WRITERS}
        if (asked and mine and is_output) or (not request.publish and mine) or job.name in ("check", "style"):
            wanted.append(job.name)
    found: dict[str, Job] = {}
    while wanted:
        name = wanted.pop()
        if name in by_name and name not in found:
            found[name] = by_name[name]
            wanted += [*by_name[name].needs, *by_name[name].after]
    return [job for job in graph if job.name in found]


# --- verify -----------------------------------------------------------------------------------------------------------


def verify(request: Request, report: Report, builder: Builder) -> None:
    """Show the artifacts to the official validators, and count what the jobs of agreement have compared."""
    artifacts = sorted(set(report.outcome.artifacts()))
    verified = verification.of_build(builder, artifacts, full=request.full_verify)
    _take(report, verified)
    rows = (row for name, row in report.outcome.rows.items() if name.startswith("agree/"))
    compared = sum(Agreed.model_validate_json(row.value).files for row in rows if row.value)
    if compared:
        report.checked[verification.COMPARISON] = compared


def verify_files(root: Path, files: Sequence[Path] | None, request: Request | None) -> Report:
    """Show files to every validator and compare them with the volume of `request`; None: all that was made of it."""
    report = Report(root)
    if request is None:
        _take(report, verification.of_files(files or (), root, None))
        return report
    with Builder(request.root, request.out) as builder:
        chosen = verification.made(builder) if files is None else files
        if files is None and not chosen:
            raise UsageFailure(f"nothing is made in {request.out}", "Run `proceedings build` first.")
        _take(report, verification.of_files(chosen, root, builder))
    report.findings = sorted(_placed(report.findings, request.root), key=lambda item: item.sort_key)
    return report


def _take(report: Report, verified: verification.Verified) -> None:
    report.findings += verified.findings
    report.unchecked += verified.unchecked
    report.checked = verified.checked


def clean(request: Request) -> tuple[int, list[str]]:
    """Remove what the ledger wrote and nobody changed, then the cache: (how many files, those that were kept)."""
    import shutil

    with Builder(request.root, request.out) as builder:
        rows = {path: digest for row in builder.ledger.rows.values() for path, digest in row.artifacts}
        kept = [
            path
            for path, digest in rows.items()
            if (request.out / path).exists() and builder.ledger.file_digest(request.out / path) != digest
        ]
        there = [path for path in rows if (request.out / path).exists()]
        builder.sweep(())
    shutil.rmtree(request.out / ".cache", ignore_errors=True)
    shutil.rmtree(request.out / "stale", ignore_errors=True)
    if request.out.is_dir() and not any(request.out.iterdir()):
        request.out.rmdir()
    return len(there) - len(kept), sorted(kept)


def status_rows(report: Report, request: Request) -> list[dict[str, Any]]:
    """One row for each contribution of the plan, for the table of `proceedings status`."""
    from collections import Counter

    rows = []
    pages = _known_pages(request)
    for planned in report.plan.planned if report.plan else ():
        manuscript = report.manuscripts.get(planned.slug)
        inside = planned.path if planned.folder == "papers" else planned.folder + "/"
        mine = [item for item in report.findings if item.location.path.startswith(inside)]
        counts = Counter(item.severity.label for item in mine)
        item = manuscript.contribution if manuscript else None
        prepared = report.edition.prepared.get(planned.slug) if report.edition else None
        rows.append(
            {
                "slug": planned.slug,
                "kind": item.kind.value if item else "?",
                "state": item.status.value
                if item and item.status
                else "accepted"
                if item and item.accepted
                else "submitted"
                if item
                else "unreadable",
                "words": prepared.counts.words if prepared else 0,
                "pages": pages.get(planned.slug, ""),
                "findings": ", ".join(f"{count} {label}" for label, count in sorted(counts.items())) or "none",
                "missing": [_wanted(found.message) for found in mine if found.code in ("M101", "M102", "M103", "M104")],
            }
        )
    return rows


def _wanted(message: str) -> str:
    import re

    found = re.search(r"`([a-z-]+):?`|“(.+?)”|must say what (.+)", message)
    return next((part for part in found.groups() if part), message) if found else message


def _known_pages(request: Request) -> dict[str, str]:
    """Page ranges of the last build."""
    import json

    with Builder(request.root, request.out) as builder:
        found = {}
        for name, row in builder.ledger.rows.items():
            if name.startswith("stamp/") and row.value:
                pages = json.loads(row.view).get("pages")
                if pages:
                    found[name.removeprefix("stamp/")] = (
                        pages["first"] if pages["first"] == pages["last"] else f"{pages['first']}–{pages['last']}"
                    )
    return found


# --- report -----------------------------------------------------------------------------------------------------------


def _finished(report: Report, request: Request) -> Report:
    """Findings placed, graded, sorted; artifacts listed."""
    placed = _placed(report.findings, request.root)
    grades = report.plan.volume.checks if report.plan else {}
    report.findings = sorted(_graded(rules.without_suppressed(placed), grades), key=lambda item: item.sort_key)
    if request.only and report.plan:
        folders = tuple(
            f"{planned.folder}/" if planned.folder != "papers" else planned.path
            for planned in report.plan.planned
            if planned.slug in request.only
        )
        report.findings = [
            item
            for item in report.findings
            if item.location.path.startswith(folders)
            or (item.severity is Severity.FATAL and not item.location.path.startswith("papers/"))
        ]
    report.artifacts = sorted({path for path, _ in report.outcome.artifacts()})
    return report


def _placed(findings: Iterable[Diagnostic], root: Path) -> set[Diagnostic]:
    """Findings at the lines on which their tokens stand."""
    rows = list(findings)
    shop = Workshop(root, FileStore(root))  # for reading only
    unplaced = {item.location.path for item in rows if item.location.line is None}
    sources = {path: whole_text(path, shop) for path in unplaced if (root / path).is_file()}
    return {source.resolve(item, sources) for item in rows}


def _graded(findings: Iterable[Diagnostic], grades: dict[str, Grade]) -> Iterable[Diagnostic]:
    """volume.yaml's `checks:` laid over the rules' own severities; a fatal finding cannot be re-graded."""
    from dataclasses import replace

    from proceedings.catalogue import RULES

    for item in findings:
        rule = RULES.get(item.code)
        grade = grades.get(item.code) or (grades.get(rule.name) if rule else None)
        if grade is None or item.severity is Severity.FATAL:
            yield item
        elif grade is not Grade.OFF:
            yield replace(item, severity=Severity[grade.name])


def cited_identifiers(report: Report, request: Request) -> list[str]:
    """The DOIs, arXiv and ISBN keys that the contributions cite (`[@doi:10…]`), for the lock file."""
    import json

    from proceedings.citations import cited_keys
    from proceedings.references_lock import identifier

    store = FileStore(request.out / ".cache" / "store")
    keys = {key for made in report.manuscripts.values() for key in cited_keys(json.loads(store.get(made.tree)))}
    return sorted(key for key in keys if identifier(key))
