"""The plan of a run: contributions × stages × writers → a graph of jobs.

Each stage is a method of Work that yields its jobs; `pipeline.build` calls them in order. A job's view is taken when
what it stands on has ended, so the views are functions here, and results come back into the Edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from proceedings import agreement, book, source, stylesheets
from proceedings.agreement import Agreed, AgreeView, AgreeVolumeView, Chapter, Whole
from proceedings.build import Builder, Job, Milestone, Workshop, list_files
from proceedings.contents import Plan, Planned
from proceedings.diagnostics import Diagnostic, UsageFailure
from proceedings.edition import COVER, Edition, Looks, Missing, Prepared, neighbours
from proceedings.images import programs
from proceedings.model import Record
from proceedings.preparation import PrepareView, StyleRead, StyleView
from proceedings.reader import LibraryRead, LibraryView, Manuscript, ReadView, is_library
from proceedings.renderings import pages
from proceedings.renderings.html import Fragment, FragmentView
from proceedings.renderings.pages import InPlace, LaidOut, LayoutView, StampView
from proceedings.renderings.proofs import Proof, ProofView, notes_of
from proceedings.rules import Checked, ContributionFacts, VolumeFacts
from proceedings.stylesheets import LookView
from proceedings.validators import located
from proceedings.validators.verdicts import Shown, ShowView
from proceedings.writers import WRITERS, WriteView, Written
from proceedings.writers.interface import Need, Scope, Writer

if TYPE_CHECKING:
    from proceedings.runs import Request

Graph = list[Job | Milestone]

PREPARED, PAGINATED = "all prepared", "all laid out"  # milestones
_WHOLE = 20  # the weight of a job that takes all contributions together


class Work:
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
        self._refuse_unknown_sheets()
        self.imprint = self.edition.imprint()
        self.setting = pages.setting(self.edition.looks.pdf, plan.volume)

    def _all(self, stage: str) -> tuple[str, ...]:
        return tuple(f"{stage}/{planned.slug}" for planned in self.plan.planned)

    # --- read ------------------------------------------------------------------------------------------------------

    def read(self) -> Iterable[Job]:
        """Each shared library and each contribution by itself."""
        for path in self.shared:
            view = LibraryView(path=path)
            yield Job(
                f"library/{path}", "proceedings.reader:read_library", partial(_same, view), LibraryRead, source=path
            )
        for planned in self.plan.planned:
            yield Job(
                f"read/{planned.slug}",
                "proceedings.reader:read",
                partial(self._read_view, planned),
                Manuscript,
                receive=partial(self.manuscripts.__setitem__, planned.slug),
                source=planned.path,
            )

    def _read_view(self, planned: Planned) -> ReadView:
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

    def prepare(self) -> Iterable[Job | Milestone]:
        """The citation style, and each contribution in it."""
        style = StyleView(style=self.edition.style, name=self.plan.volume.style)
        sheets = self.plan.volume.stylesheets
        view = LookView(pdf=_plain(sheets.pdf), site=_plain(sheets.site), epub=_plain(sheets.epub))
        yield Job("looks", "proceedings.stylesheets:read", partial(_same, view), Looks, receive=self._receive_looks)
        yield Job("style", "proceedings.preparation:read_style", partial(_same, style), StyleRead)
        for planned in self.plan.planned:
            yield Job(
                f"prepare/{planned.slug}",
                "proceedings.preparation:prepare",
                partial(self._prepare_view, planned),
                Prepared,
                needs=(f"read/{planned.slug}",),
                receive=partial(self.edition.prepared.__setitem__, planned.slug),
                source=planned.path,
            )
        yield Milestone(PREPARED, after=self._all("prepare"), then=self._settle)

    def _prepare_view(self, planned: Planned) -> PrepareView:
        return PrepareView(
            manuscript=self.manuscripts[planned.slug],
            path=planned.path,
            style=self.edition.style,
            volume=self.imprint,
        )

    def _receive_looks(self, looks: Looks) -> None:
        self.edition.looks = looks
        self.setting = pages.setting(looks.pdf, self.plan.volume)

    def _refuse_unknown_sheets(self) -> None:
        there = list_files(self.request.root / "styles")
        sheets = self.plan.volume.stylesheets
        for name in (*sheets.pdf, *sheets.site, *sheets.epub):
            if not stylesheets.exists(name.removeprefix("styles/"), there):
                message = f"volume.yaml names the style sheet {name}, which is not in styles/"
                raise UsageFailure(message, "Put it there.")

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

    def _settle(self) -> None:
        """Bring what is prepared into reading order, and name what is missing."""
        done = self.edition.prepared.copy()
        self.edition.prepared.clear()
        for planned in self.plan.planned:
            if planned.slug in done:
                self.edition.prepared[planned.slug] = done[planned.slug]
        self.edition.name_related()
        self.edition.front = tuple(planned.slug for planned in self.plan.planned if planned.front)
        self.edition.missing = tuple(
            Missing(slug=planned.slug, reason="it could not be read")
            for planned in self.plan.planned
            if planned.slug not in done
        )

    # --- check -----------------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Job]:
        """What only shows across contributions."""
        yield Job("check", "proceedings.rules:check_volume", self._facts, Checked, after=(PREPARED,))

    def _facts(self) -> VolumeFacts:
        paths = self.edition.paths
        rows = [ContributionFacts.of(prepared, paths[slug]) for slug, prepared in self.edition.prepared.items()]
        return VolumeFacts(volume=self.imprint, contributions=tuple(rows), slugs=tuple(paths))

    # --- write: what several outputs share -------------------------------------------------------------------------

    def fragments(self) -> Iterable[Job]:
        """Each contribution as HTML. Part of every check, since only here faults of formulas show."""
        for planned in self.plan.planned:
            yield Job(
                f"fragment/{planned.slug}",
                "proceedings.renderings.html:fragment",
                partial(self._fragment_view, planned),
                Fragment,
                needs=(f"prepare/{planned.slug}",),
                receive=partial(self._receive_fragment, planned.slug),
                source=planned.path,
            )

    def _fragment_view(self, planned: Planned) -> FragmentView:
        prepared = self.edition.prepared[planned.slug]
        return FragmentView(tree=prepared.tree, lang=prepared.contribution.lang, path=planned.path)

    def _receive_fragment(self, slug: str, made: Fragment) -> None:
        self.edition.fragments[slug] = made.parts
        self.edition.titles[slug] = made.title
        if made.formulas:
            self.edition.formulas.add(slug)

    def render(self) -> Iterable[Job | Milestone]:
        """Everything printed as pages; when all are counted, the pages in their place."""
        for planned in self.plan.planned:
            yield Job(
                f"layout/{planned.slug}",
                "proceedings.renderings.pages:layout",
                partial(self._layout_view, planned),
                LaidOut,
                needs=(f"fragment/{planned.slug}", "looks"),
                after=(PREPARED,),  # one contribution may correct or retract another
                receive=partial(self._receive_body, planned.slug),
                source=planned.path,
                weight=5,
            )
        parts = book.part_names(self.plan.volume)
        for name in parts:
            yield Job(
                f"layout/{name}",
                "proceedings.renderings.parts:lay_out_part",
                partial(self._part_view, name),
                LaidOut,
                needs=("looks",),
                after=("check", *self._all("layout" if name in book.AFTER_LAYOUT else "fragment")),
                receive=partial(self._receive_body, name),
                weight=_WHOLE,
            )
        laid_out = (*self._all("layout"), *(f"layout/{name}" for name in parts))
        yield Milestone(PAGINATED, after=("check", *laid_out), then=self._paginate)
        for planned in self.plan.planned:
            yield self._stamp_job(planned.slug, planned.path)
        for name in parts:
            yield self._stamp_job(name, "volume.yaml")

    def _part_view(self, name: str) -> Record:
        return book.part_view(self.edition, name, self.setting)

    def _layout_view(self, planned: Planned) -> LayoutView:
        return LayoutView(
            volume=self.imprint,
            prepared=self.edition.prepared[planned.slug],
            section=self.edition.section_title(planned.slug),
            amendments=self.edition.amendments(planned.slug),
            parts=self.edition.fragments[planned.slug],
            setting=self.setting,
            path=planned.path,
        )

    def _receive_body(self, name: str, made: LaidOut) -> None:
        self.edition.bodies[name], self.edition.body_pages[name] = made.body, made.pages
        self.edition.anchors[name], self.edition.fonts[name] = made.anchors, made.fonts

    def _paginate(self) -> None:
        self.edition.places = book.paginate(self.edition)

    def _stamp_job(self, name: str, path: str) -> Job:
        return Job(
            f"stamp/{name}",
            "proceedings.renderings.pages:stamp",
            partial(self._stamp_view, name),
            InPlace,
            needs=(f"layout/{name}",),
            after=(PAGINATED,),
            receive=partial(self._receive_place, name),
            source=path,
        )

    def _stamp_view(self, name: str) -> StampView:
        return book.stamp_view(self.edition, name)

    def _receive_place(self, name: str, made: InPlace) -> None:
        if made.segment:
            self.edition.offprints[name], self.edition.segments[name] = made.offprint, made.segment

    # --- proofs ----------------------------------------------------------------------------------------------------

    def proof_names(self) -> tuple[str, ...]:
        """The jobs of proofs, which are kept while their contribution is in the volume."""
        return self._all("proof")

    def proofs(self, findings: Sequence[Diagnostic]) -> Iterable[Job]:
        """Each contribution as its author's proof, which shows what is found in its files."""
        for planned in self.plan.planned:
            mine = [item for item in findings if planned.holds(item.location.path)]
            yield Job(
                f"proof/{planned.slug}",
                "proceedings.renderings.proofs:proof",
                partial(self._proof_view, planned, mine),
                Proof,
                needs=(f"fragment/{planned.slug}", "looks"),
                after=(PREPARED,),
                source=planned.path,
                weight=5,
            )

    def _proof_view(self, planned: Planned, findings: Sequence[Diagnostic]) -> ProofView:
        text = source.decode((self.request.root / planned.path).read_bytes(), planned.path).text
        return ProofView(layout=self._layout_view(planned), notes=notes_of(findings, planned.path, text))

    # --- write: the outputs ----------------------------------------------------------------------------------------

    def write(self) -> Iterable[Job]:
        """One job for each writer of the volume, one for each contribution and writer of contributions."""
        wanted = self.plan.volume.outputs
        for writer in WRITERS:
            asked = writer.name in (*wanted, *self.request.to)
            if not asked and not (self.request.extras if writer.on_request else not wanted):
                continue
            if writer.scope is Scope.VOLUME:
                yield self._volume_job(writer)
            else:
                for planned in self.plan.planned:
                    yield self._contribution_job(writer, planned)

    def _contribution_job(self, writer: Writer, planned: Planned) -> Job:
        slug = planned.slug
        needs = [f"prepare/{slug}"]
        needs += [f"fragment/{slug}"] if Need.FRAGMENT in writer.needs else []
        needs += [f"stamp/{slug}"] if Need.STAMPED in writer.needs else []
        return Job(
            f"{writer.name}/{slug}",
            "proceedings.writers:write",
            partial(self._view, writer, slug),
            Written,
            needs=tuple(needs),
            after=("check", PREPARED, *([PAGINATED] if Need.PAGES in writer.needs else [])),
            source=planned.path,
        )

    def _volume_job(self, writer: Writer) -> Job:
        after = ["check", "looks", PREPARED]
        after += self._all("fragment") if Need.FRAGMENT in writer.needs else ()
        after += [PAGINATED] if Need.PAGES in writer.needs else []
        if Need.COVER in writer.needs and COVER in book.part_names(self.plan.volume):
            after += [f"layout/{COVER}"]
        if Need.STAMPED in writer.needs:
            after += [*self._all("stamp"), *(f"stamp/{part}" for part in book.part_names(self.plan.volume))]
        return Job(
            f"{writer.name}/volume",
            "proceedings.writers:write",
            partial(self._view, writer, ""),
            Written,
            after=tuple(after),
            source="volume.yaml",
            weight=_WHOLE,
        )

    def _view(self, writer: Writer, slug: str) -> WriteView:
        return WriteView(writer=writer.name, view=writer.view(self.edition, slug))

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
                    partial(self._agree_view, slug, mine),
                    Agreed,
                    needs=(f"prepare/{slug}",),
                    after=tuple(mine.values()),
                    source=planned.path,
                )
        for writer in agreement.WHOLES:
            if f"{writer}/volume" in jobs:
                yield Job(
                    f"agree/volume/{writer}",
                    "proceedings.agreement:agree_volume",
                    partial(self._agree_volume_view, writer),
                    Agreed,
                    after=(f"{writer}/volume",),
                    weight=_WHOLE,
                )

    def show(self, jobs: Set[str]) -> Iterable[Job]:
        """What shows the XML that `jobs` make to the validators: in workers, while other outputs are made."""
        tools = tuple(located())
        writers = {writer.name for writer in WRITERS if writer.is_xml}
        for name in sorted(jobs):
            writer, _, slug = name.partition("/")
            if writer in writers:
                yield Job(
                    f"show/{name}",
                    "proceedings.validators.verdicts:show",
                    partial(self._show_view, name, tools),
                    Shown,
                    needs=(name,),
                    source=self.edition.paths.get(slug, "volume.yaml"),
                    weight=_WHOLE if slug == "volume" else 1,
                )

    def _show_view(self, name: str, tools: tuple[tuple[str, str], ...]) -> ShowView:
        row = self.builder.ledger.get(name)
        return ShowView(files=row.artifacts[:1] if row else (), tools=tools)

    def _agree_view(self, slug: str, jobs: Mapping[str, str]) -> AgreeView:
        """With its neighbours where there is a page that leads to them: all contributions are known by then."""
        around = neighbours(self.edition.prepared)[slug] if agreement.LEADING & jobs.keys() else ("", "")
        known = self._chapter(slug).known(self.imprint, *around)
        return AgreeView(known=known, files=self._files(jobs))

    def _files(self, jobs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The first artifact of each writer's job: the output itself. Those that failed have none."""
        rows = ((writer, self.builder.ledger.get(name)) for writer, name in jobs.items())
        return tuple((writer, row.artifacts[0][1]) for writer, row in rows if row is not None)

    def _chapter(self, slug: str) -> Chapter:
        return Chapter(
            prepared=self.edition.prepared[slug],
            pages=self.edition.pages(slug),
            section=self.edition.section_title(slug),
            path=self.edition.paths[slug],
        )

    def _agree_volume_view(self, writer: str) -> AgreeVolumeView:
        """Without pages for what has none, so that a text which only moves is not compared again."""
        chapters = [self._chapter(slug) for slug in self.edition.prepared]
        pages = sum(place.count + len(place.blanks) for place in self.edition.places.values())
        if writer not in agreement.PAGED:
            chapters, pages = [item.model_copy(update={"pages": None}) for item in chapters], 0
        sections = tuple(section.title for section, _ in self.edition.parts() if section)
        whole = Whole(volume=self.imprint, chapters=tuple(chapters), sections=sections, page_count=pages)
        return AgreeVolumeView(whole=whole, files=self._files({writer: f"{writer}/volume"}))


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    """Names of style sheets below styles/, which editors may write before them."""
    return tuple(name.removeprefix("styles/") for name in names)


def _same(view: Record) -> Record:
    return view


def needed(graph: Sequence[Job | Milestone], request: Request) -> Graph:
    """The jobs that the request asks for, and those that they stand on: `--only` and `--to` limit what is published,
    never what it is made from."""
    if not request.only and not request.to:
        return list(graph)
    by_name = {job.name: job for job in graph}
    outputs = {"proof", *(writer.name for writer in WRITERS)}
    wanted = []
    for name in by_name:
        stage, _, slug = name.partition("/")
        asked = not request.to or stage in request.to
        whole = slug == "volume" and stage in outputs
        mine = not request.only or slug in request.only or (whole and bool(request.to))
        if (asked and mine and stage in outputs) or (not request.publish and mine) or name in ("check", "style"):
            wanted.append(name)
    found: dict[str, Job | Milestone] = {}
    while wanted:
        name = wanted.pop()
        if name in by_name and name not in found:
            found[name] = by_name[name]
            wanted += [*by_name[name].needs, *by_name[name].after]
    return [job for job in graph if job.name in found]
