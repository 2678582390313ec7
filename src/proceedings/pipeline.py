"""THE SPINE: read → check → prepare → plan → write → verify → report. Read this file first.

    read      volume.yaml, then every contribution: files → Manuscript (reader.py, rules/)
    check     what only shows when all contributions are seen together (rules/)
    prepare   citations, numbers, cross-references: Manuscript → Prepared (preparation.py)
    plan      writers × contributions → a graph of jobs (planning.py)
    write     HTML fragments, laid-out bodies, then every output (renderings/, typesetting/, writers/)
    verify    the official validators (validators/), and every output read back (agreement/)
    report    findings → text and an exit status (report.py)

A stage is a set of jobs; `build.Builder` runs those whose key is not in the ledger. Layout feeds back: page ranges are
known only when every body is laid out, so outputs that print them wait for all layouts (Need.PAGES). Where nothing has
changed at all, none of this is loaded: the last report is told again (runs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from proceedings import runs
from proceedings.build import Builder, Event, FileStore, Job, Workshop, digest_of, list_files
from proceedings.diagnostics import Diagnostic, Location, Severity, UsageFailure, did_you_mean, fewer, finding
from proceedings.runs import Report, Request

if TYPE_CHECKING:
    from proceedings.contents import Plan
    from proceedings.model import Grade, Volume
    from proceedings.verification import Verified

__all__ = ["Report", "Request", "build", "clean", "verify_files"]

WORKERS = ("proceedings.workers",)
"""What worker processes load once, before they are forked; the parent does without where nothing has to run."""


def build(
    request: Request, tell: Callable[[Event], None] = lambda event: None, executor: Executor | None = None
) -> Report:
    """Make what is asked for and say what was found.

    Without an `executor` (any of concurrent.futures' kind: a cluster's, say) the jobs run in processes of this machine.
    """
    _refuse_unknown(request)
    if request.proof:  # what is found is printed in the proofs: it must be known before
        request = replace(
            request, found=tuple(build(replace(request, proof=False, publish=False), tell, executor).findings)
        )
    with Builder(
        request.root, request.out, jobs=request.jobs, tell=tell, executor=executor, preload=WORKERS
    ) as builder:
        return runs.recalled(request, builder) or _made(request, builder)


def _made(request: Request, builder: Builder) -> Report:
    """The stages, one after the other."""
    builder.begin()
    from proceedings.planning import Work, needed

    report = Report(request.root)
    report.plan = read_volume(request, builder, report)
    if report.plan is None:
        return _finished(report, request)
    work = Work(request, builder, report.plan)
    graph = [*work.read(), *work.prepare(), *work.check(), *work.fragments()]
    if request.proof:
        graph += work.proofs(request.found)
    elif request.publish:
        graph += [*work.render(), *work.write()]
    graph = needed(graph, request)
    made = {job.name for job in graph}
    graph += [*work.agree(made), *work.show(made)]
    outcome = builder.run(graph)
    report.outcome = outcome
    report.findings += outcome.findings()
    report.edition, report.manuscripts = work.edition, work.manuscripts
    report.missing = {item.slug: item.reason for item in work.edition.missing}
    used: set[str] = set()
    if request.publish and not request.proof:
        used = verify(request, report, builder)
    if request.publish and not request.only and not request.to and not request.proof:
        builder.sweep(["volume", *(job.name for job in graph), *work.proof_names()], used)
    _finished(report, request)
    runs.remember(request, report, builder)
    return report


def _refuse_unknown(request: Request) -> None:
    """No output of a name that there is not, and no outputs among the sources."""
    if request.to:
        from proceedings.writers import WRITERS

        names = [writer.name for writer in WRITERS]
        for name in request.to:
            if name not in names:
                raise UsageFailure(f"there is no output {name!r}", _advice(name, names))
    sources = [request.root / folder for folder in ("papers", "bibliography", "styles")]
    for folder in sources:
        if request.out.resolve().is_relative_to(folder.resolve()):
            message = f"what is made cannot be put into {request.out}, which is among the sources ({folder.name}/)"
            raise UsageFailure(message, "Choose another --out, outside of papers/, bibliography/ and styles/.")


def _advice(name: str, names: Sequence[str]) -> str:
    """What may be meant by a name that there is not."""
    return did_you_mean(name, names) or f"Choose from: {', '.join(names) or 'none'}."


# --- read ----------------------------------------------------------------------------------------------------------


def read_volume(request: Request, builder: Builder, report: Report) -> Plan | None:
    """volume.yaml and the folders' listings → Plan."""
    from proceedings import contents
    from proceedings.reader import is_library
    from proceedings.writers import WRITERS

    names = {folder: list_files(request.root / folder) for folder in ("papers", "bibliography", "styles")}
    report.inputs = {f"{folder}/": digest_of(listed) for folder, listed in names.items()}
    listing = contents.Listing(
        papers=tuple(names["papers"]),
        bibliography=tuple(name for name in names["bibliography"] if is_library(name)),
        styles=tuple(names["styles"]),
        outputs=tuple(writer.name for writer in WRITERS),
    )
    plans: list[Plan] = []
    job = Job("volume", "proceedings.contents:read_volume", lambda: listing, contents.Plan, receive=plans.append)
    outcome = builder.run([job])
    report.inputs |= outcome.inputs
    report.findings += outcome.findings()
    if not plans:
        return None
    plan = plans[0]
    _refuse_unlisted(request, plan, report)
    if plan.volume.requires:
        report.findings += _version_findings(plan.volume)
    return plan


def _refuse_unlisted(request: Request, plan: Plan, report: Report) -> None:
    slugs = [item.slug for item in plan.planned]
    for slug in request.only:
        if slug not in slugs:
            unlisted = any(item.code == "V014" and repr(slug) in item.message for item in report.findings)
            advice = "papers/ has it, but volume.yaml does not list it." if unlisted else _advice(slug, slugs)
            raise UsageFailure(f"the volume has no contribution {slug!r}", advice)


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


# --- verify -----------------------------------------------------------------------------------------------------------


def verify(request: Request, report: Report, builder: Builder) -> set[str]:
    """Show the artifacts to the official validators, and count what the jobs of agreement have compared; returns the
    names of the verdicts that this took."""
    from proceedings import verification
    from proceedings.agreement import Agreed

    artifacts = sorted(set(report.outcome.artifacts()))
    verified = verification.of_build(builder, artifacts, full=request.full_verify)
    _take(report, verified)
    rows = (row for row in builder.ledger.rows("agree") if row.name in report.outcome.told)
    compared = sum(Agreed.restored(row.value).files for row in rows if row.value)
    if compared:
        report.checked[verification.COMPARISON] = compared
    return verified.used


def verify_files(root: Path, files: Sequence[Path] | None, request: Request | None) -> Report:
    """Show files to every validator and compare them with the volume of `request`; None: all that was made of it."""
    from proceedings import verification

    report = Report(root)
    if request is None:
        _take(report, verification.of_files(files or (), root, None))
        return report
    with Builder(request.root, request.out) as builder:
        chosen = verification.made(builder) if files is None else files
        if files is None and not chosen:
            raise UsageFailure(f"nothing is made in {request.out}", "Run `proceedings build` first.")
        if files is None:
            chosen = [*chosen, *verification.sources(builder)]
            report.findings += verification.strays(builder)
        _take(report, verification.of_files(chosen, root, builder))
    report.findings = sorted(placed(report.findings, request.root), key=lambda item: item.sort_key)
    return report


def _take(report: Report, verified: Verified) -> None:
    report.findings += verified.findings
    report.unchecked += verified.unchecked
    report.checked = verified.checked


# --- report -----------------------------------------------------------------------------------------------------------


def _finished(report: Report, request: Request) -> Report:
    """Findings placed, graded, sorted; artifacts listed."""
    from proceedings import rules

    found = rules.without_consequences(placed(report.findings, request.root))
    grades = report.plan.volume.checks if report.plan else {}
    report.findings = sorted(_graded(rules.without_suppressed(found), grades), key=lambda item: item.sort_key)
    report.findings = sorted(fewer(report.findings), key=lambda item: item.sort_key)
    if request.only and report.plan:
        asked = [planned for planned in report.plan.planned if planned.slug in request.only]
        report.findings = [
            item
            for item in report.findings
            if any(planned.holds(item.location.path) for planned in asked)
            or (item.severity is Severity.FATAL and not item.location.path.startswith("papers/"))
        ]
    report.artifacts = sorted({path for path, _ in report.outcome.artifacts()})
    if report.artifacts:
        from proceedings.writers import WRITERS

        first = {writer.main for writer in WRITERS}
        report.main = [path for path in report.artifacts if path in first or request.proof]
    return report


def placed(findings: Iterable[Diagnostic], root: Path) -> set[Diagnostic]:
    """Findings at the lines on which their tokens stand."""
    from proceedings import source
    from proceedings.reader import whole_text

    rows = list(findings)
    shop = Workshop(root, FileStore(root))  # for reading only
    unplaced = {item.location.path for item in rows if item.location.line is None}
    sources = {path: whole_text(path, shop) for path in unplaced if (root / path).is_file()}
    return {source.resolve(item, sources) for item in rows}


def _graded(findings: Iterable[Diagnostic], grades: dict[str, Grade]) -> Iterable[Diagnostic]:
    """volume.yaml's `checks:` laid over the rules' own severities; a fatal finding cannot be re-graded."""
    from proceedings.catalogue import RULES
    from proceedings.model import Grade

    for item in findings:
        rule = RULES.get(item.code)
        grade = grades.get(item.code) or (grades.get(rule.name) if rule else None)
        if grade is None or item.severity is Severity.FATAL:
            yield item
        elif grade is not Grade.OFF:
            yield replace(item, severity=Severity[grade.name])


def clean(request: Request) -> tuple[int, list[str]]:
    """Remove what was made: (how many files, those that were kept because somebody has changed them)."""
    with Builder(request.root, request.out) as builder:
        return builder.clean()
