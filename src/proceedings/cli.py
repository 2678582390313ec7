"""The commands. What they show is in terminal.py; this is the only module that turns a failure into an exit status.

Findings and tables go to standard output, progress and failures to standard error. Nothing ever asks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proceedings import __version__
from proceedings.diagnostics import Failure, UsageFailure, did_you_mean
from proceedings.terminal import (
    as_typed,
    number_of_files,
    progress,
    tell_checked,
    tell_contributions,
    tell_findings,
    tell_made,
    tell_rule,
    tell_rules,
)

if TYPE_CHECKING:
    from proceedings.diagnostics import Diagnostic, Location
    from proceedings.pipeline import Request

EXIT_STATUSES = """\b
Exit status:
  0  no errors         1  findings of the grade error
  2  wrong usage       3  something that is needed is not installed
  4  an output is not valid     130  interrupted
"""


class _Commands(click.Group):
    """Commands in the order of a volume's life, and failures told in one place."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except Failure as failure:
            plain = False if os.environ.get("NO_COLOR") else None
            click.secho(f"proceedings: {failure}", fg="red", err=True, color=plain)
            if failure.advice:
                click.echo(f"  hint: {failure.advice}", err=True)
            sys.exit(failure.status)
        except BrokenPipeError:
            sys.stderr.close()
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to write goes nowhere
            sys.exit(0)
        except KeyboardInterrupt:
            click.echo("\nproceedings: interrupted; what was finished is kept", err=True)
            sys.exit(130)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_STATUSES,
)
@click.version_option(__version__, prog_name="proceedings")
def main() -> None:
    """Make an edited proceedings volume of Markdown papers: PDF, EPUB, site and JATS XML.

    A volume is a folder with volume.yaml, papers/, bibliography/ and styles/; everything made goes to build/.
    """


_root = click.option(
    "-C",
    "--root",
    "root",
    type=click.Path(path_type=Path),
    help="The volume's folder; else the one that contains this one.",
)
_out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to put what is made; else build/ in the volume's folder.",
)
_jobs = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), help="How many processes; else one for each processor."
)
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "concise", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
_strict = click.option("--strict", is_flag=True, help="Count warnings as errors.")


def _volume_root(root: Path | None) -> Path:
    """The folder with volume.yaml: the one given, or this one or the nearest above it."""
    if root is not None:
        if not root.is_dir():
            raise UsageFailure(f"{root} is not a folder", "Give the folder that has volume.yaml.")
        return root.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "volume.yaml").exists():
            return folder
    raise UsageFailure(
        f"neither {here} nor a folder above it has a volume.yaml",
        "Run `proceedings init DIR` to begin a volume.",
    )


def _request(root: Path | None, out: Path | None, jobs: int | None, **options: Any) -> Request:
    from proceedings.pipeline import Request

    home = _volume_root(root)
    return Request(root=home, out=(out.resolve() if out else home / "build"), jobs=jobs or 0, **options)


# --- the volume's life --------------------------------------------------------------------------------------


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Begin a volume in DIRECTORY, with one paper to write over."""
    from proceedings import scaffold

    made = scaffold.init(directory)
    for path in made:
        click.echo(f"made {as_typed(path)}")
    click.echo(f"\nNext: cd {directory} && proceedings build")


@main.command(short_help="Begin a contribution with the fields that its kind needs.")
@click.argument("slug")
@click.option(
    "--kind",
    default="research-paper",
    show_default=True,
    help="The kind of contribution: research-paper, op-ed, editorial, policy-brief, research-summary, book-review, "
    "abstract, keynote, corrigendum or retraction.",
)
@_root
def new(slug: str, kind: str, root: Path | None) -> None:
    """Begin a contribution: papers/SLUG/paper.md with the fields that its kind needs."""
    from proceedings import scaffold

    path = scaffold.new(_volume_root(root), slug, kind)
    click.echo(f"made {as_typed(path)}")


@main.command(short_help="Say what is wrong, without making outputs.")
@click.argument("papers", nargs=-1)
@_root
@_out
@_jobs
@_format
@_strict
def check(
    papers: tuple[str, ...], root: Path | None, out: Path | None, jobs: int | None, format_: str, strict: bool
) -> None:
    """Say what is wrong in PAPERS (slugs; else in all), without making outputs."""
    from proceedings import pipeline

    request = _request(root, out, jobs, only=_slugs(papers), publish=False)
    with progress(False, quiet=format_ != "text" or not sys.stderr.isatty()) as tell:
        report = pipeline.build(request, tell)
    sys.exit(tell_findings(report, format_, strict))


def _slugs(papers: tuple[str, ...]) -> tuple[str, ...]:
    """Slugs, from slugs or from paths such as papers/loom/paper.md."""
    found = []
    for paper in papers:
        parts = [part for part in Path(paper).parts if part not in (".", "papers")]
        found.append(parts[0].removesuffix(".md") if parts and "papers" in Path(paper).parts else paper)
    return tuple(found)


class _OutputOption(click.Option):
    """An option that takes the name of an output. Its help lists those that there are, which are loaded only then."""

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        from proceedings.writers import WRITERS

        names = ", ".join(writer.name for writer in WRITERS)
        record = super().get_help_record(context)
        return (record[0], f"{record[1]}: {names} (may be repeated).") if record else None


@main.command(short_help="Make the volume: every output that is not current.")
@click.argument("papers", nargs=-1)
@_root
@_out
@_jobs
@click.option("--only", multiple=True, metavar="PAPER", help="The same as PAPERS (may be repeated).")
@click.option("--to", cls=_OutputOption, multiple=True, metavar="FORMAT", help="Only this output")
@click.option("--explain", is_flag=True, help="Say of every job why it runs.")
@click.option(
    "--verify",
    "verify_",
    type=click.Choice(["fast", "full"]),
    default="fast",
    show_default=True,
    help="full also runs the validators that need Java.",
)
@click.option("--proof", is_flag=True, help="Instead, authors' proofs: line numbers, and findings in the margin.")
@click.option("--print", "print_", is_flag=True, help="Also what a printing house needs.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@_format
@_strict
def build(
    papers: tuple[str, ...],
    root: Path | None,
    out: Path | None,
    jobs: int | None,
    only: tuple[str, ...],
    to: tuple[str, ...],
    explain: bool,
    verify_: str,
    proof: bool,
    print_: bool,
    quiet: bool,
    format_: str,
    strict: bool,
) -> None:
    """Make the volume: every output that is not current; with PAPERS (slugs) only these papers' outputs."""
    from proceedings import pipeline

    request = _request(
        root,
        out,
        jobs,
        only=_slugs((*papers, *only)),
        to=to,
        full_verify=verify_ == "full",
        proof=proof,
        extras=print_,
    )
    with progress(explain, quiet) as tell:
        report = pipeline.build(request, tell)
    status = tell_findings(report, format_, strict)
    if format_ == "text":
        tell_made(report, request)
    sys.exit(status)


@main.command(short_help="Show what is made to the official validators.")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@_root
@_out
@click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with what no registry has: bits-2.1, jats4r, pmc, scielo (rule O003).",
)
@_format
@_strict
def verify(
    path: Path | None, root: Path | None, out: Path | None, schemas: Path | None, format_: str, strict: bool
) -> None:
    """Show what is in build/ (or in PATH) to every official validator that is installed, and compare it with its
    sources.

    PATH may be a copy of a build, or of a part of it, anywhere; --root then names the volume.
    """
    from proceedings import pipeline

    if schemas is not None:
        os.environ["PROCEEDINGS_SCHEMAS"] = str(schemas.resolve())
    request = _request(root, out, None) if path is None else _request_around(path, root, out)
    files = None if path is None else [item.resolve() for item in _files_of(path)]
    home = request.root if request else Path.cwd()
    report = pipeline.verify_files(home, files, request)
    status = tell_findings(report, format_, strict)
    if format_ == "text":
        tell_checked(report)
    sys.exit(status)


def _request_around(path: Path, root: Path | None, out: Path | None) -> Request | None:
    """The volume that files are of: the one that is named, else the nearest above them, else the nearest above this
    folder; None where there is none."""
    if root is not None:
        return _request(root, out, None)
    for start in (path.resolve(), Path.cwd()):
        found = next((folder for folder in (start, *start.parents) if (folder / "volume.yaml").is_file()), None)
        if found is not None:
            return _request(found, out, None)
    return None


def _files_of(path: Path | None) -> list[Path]:
    if path is None:
        return []
    if path.is_file():
        return [path]
    return sorted(
        item for item in path.rglob("*") if item.is_file() and not any(part.startswith(".") for part in item.parts)
    )


@main.command(short_help="A table of the contributions and what they lack.")
@_root
@_out
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the table is written.",
)
def status(root: Path | None, out: Path | None, format_: str) -> None:
    """A table of the contributions: kind, state, words, pages, findings and what is missing."""
    from proceedings import pipeline
    from proceedings.status import contributions

    request = _request(root, out, None, publish=False, records=True)
    with progress(False, quiet=not sys.stderr.isatty()) as tell:
        report = pipeline.build(request, tell)
    rows = contributions(report, request)
    if format_ == "json":
        import json

        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    tell_contributions(rows)


@main.command(short_help="Say what is wrong with references and citations.")
@click.option("--lock", is_flag=True, help="Ask the agencies for cited DOIs, arXiv and ISBN keys; needs a network.")
@_root
@_out
@_format
@_strict
def refs(lock: bool, root: Path | None, out: Path | None, format_: str, strict: bool) -> None:
    """Say what is wrong with references and citations; with --lock, resolve cited identifiers into a committed file."""
    from dataclasses import replace

    from proceedings import pipeline
    from proceedings.status import cited_identifiers

    request = _request(root, out, None, publish=False, records=True)
    report = pipeline.build(request)
    extra: list[Diagnostic] = []
    if lock:
        changed, extra = _lock_references(request.root, cited_identifiers(report, request))
        report = pipeline.build(request) if changed else report
    unresolved = sorted(pipeline.placed(extra, request.root), key=lambda item: item.sort_key)
    found = [*unresolved, *(item for item in report.findings if item.code.startswith("C"))]
    sys.exit(tell_findings(replace(report, findings=found), format_, strict))


def _lock_references(root: Path, keys: Mapping[str, Location]) -> tuple[bool, list[Diagnostic]]:
    """Whether the lock file was changed, and what could not be resolved. Where nothing is found, nothing is written."""
    from proceedings import references_lock
    from proceedings.build import write_atomically

    path = root / references_lock.PATH
    try:
        known = references_lock.read(path.read_bytes()) if path.exists() else references_lock.Lock()
    except ValueError as error:
        advice = "Restore it from version control, or delete it and run this command again."
        raise UsageFailure(f"{references_lock.PATH} is {error}", advice) from None
    found, problems = references_lock.resolve(keys, known)
    added = len(found.items) - len(known.items)
    if added:
        write_atomically(path, references_lock.written(found))
        told = f"{added} {'reference' if added == 1 else 'references'} added to {references_lock.PATH}"
    elif problems:
        told = f"no reference could be added; {references_lock.PATH} is not written"
    else:
        told = f"nothing to look up: {len(known.items)} references in {references_lock.PATH}"
    click.echo(told, err=True)
    return bool(added), problems


# --- knowledge ----------------------------------------------------------------------------------------------


@main.command(short_help="Explain a rule, or list all rules.")
@click.argument("code", required=False)
def rule(code: str | None) -> None:
    """Explain the rule CODE (or its name); list those whose code begins with CODE or whose name has it; without CODE
    list all."""
    from proceedings.catalogue import RULES

    if code is None:
        tell_rules(RULES.values())
        return
    found = RULES.get(code.upper()) or next((row for row in RULES.values() if row.name == code.lower()), None)
    family = [row for row in RULES.values() if row.code.startswith(code.upper()) or code.lower() in row.name]
    if found is not None:
        tell_rule(found)
    elif family:
        tell_rules(family)
    else:
        near = did_you_mean(code, [*RULES, *(row.name for row in RULES.values())])
        raise UsageFailure(f"there is no rule {code!r}", near or "`proceedings rule` lists them.")


@main.command(short_help="Write the JSON Schema of volume.yaml or of a paper.")
@click.argument("name", type=click.Choice(["volume", "contribution"]), default="volume")
def schema(name: str) -> None:
    """Write the JSON Schema of volume.yaml, or of a contribution's metadata."""
    from proceedings import schema as schemas

    click.echo(schemas.as_text(name), nl=False)


@main.command()
@click.option(
    "--install",
    is_flag=True,
    help="Fetch the validators' data and the fonts, pinned and verified by checksum.",
)
def doctor(install: bool) -> None:
    """Say what is installed, what is missing, and how to get it."""
    from proceedings import installation

    if install:
        installation.install(lambda line: click.echo(line, err=True))
    missing = False
    for need in installation.status():
        absent = need.version is None
        missing = missing or (absent and need.required)
        mark = "ok     " if not absent else "MISSING" if need.required else "absent "
        click.echo(f"{mark} {need.name:<28} {need.version or '':<14} {need.purpose}")
        if absent:
            click.echo(f"          get it: {need.advice}")
    from proceedings import validators

    for name, state, why in validators.trials():
        click.echo(f"{state:<7} {name:<28} {why}")
    sys.exit(3 if missing else 0)


@main.command(short_help="Remove what was made, and nothing else.")
@_root
@_out
def clean(root: Path | None, out: Path | None) -> None:
    """Remove what was made, and nothing else: files in build/ that somebody changed are kept."""
    from proceedings import pipeline

    request = _request(root, out, None)
    removed, kept = pipeline.clean(request)
    click.echo(f"{number_of_files(removed)} removed.")
    for path in kept:
        click.echo(f"kept {path}: it is not as it was made")


if __name__ == "__main__":
    main()
