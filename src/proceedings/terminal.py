"""What the commands show: progress, findings, what was made and checked, and tables.

Findings and tables go to standard output, progress to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proceedings.diagnostics import Severity

if TYPE_CHECKING:
    from proceedings.build import Event
    from proceedings.diagnostics import Rule
    from proceedings.pipeline import Report, Request


@contextmanager
def progress(explain: bool, quiet: bool) -> Iterator[Any]:
    """A bar on a terminal, plain lines elsewhere, on standard error."""
    if quiet:
        yield lambda event: None
    elif explain or not sys.stderr.isatty():
        yield lambda event: _tell_plainly(event, explain)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description:<44.44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("reading")

            def tell(event: Event) -> None:
                bar.update(task, total=event.total, completed=event.done, description=event.name)

            yield tell


def _tell_plainly(event: Event, explain: bool) -> None:
    if explain and event.state in ("run", "failed", "skipped"):
        why = {"failed": "failed", "skipped": "skipped: what it needs failed"}.get(event.state, event.reason)
        click.echo(f"{event.name}: {why}", err=True)
    elif not explain and event.state in ("made", "failed"):
        click.echo(
            f"[{event.done}/{event.total}] {event.name}{' failed' if event.state == 'failed' else ''}",
            err=True,
        )


def tell_findings(report: Report, format_: str, strict: bool) -> int:
    """Write the findings; return the exit status."""
    from proceedings import report as rendering

    lines = rendering.source_lines(report.root)
    shown = report.findings if format_ == "text" else [*report.findings, *report.unchecked]
    click.echo(rendering.FORMATS[format_](shown, lines, colour=format_ == "text" and _colour()), nl=False)
    return rendering.exit_status(report.findings, strict=strict)


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def number_of_files(count: int) -> str:
    return f"{count} file{'s' if count != 1 else ''}"


def as_typed(path: Path) -> Path:
    """A path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def tell_made(report: Report, request: Request) -> None:
    """What was made, what was checked, what was not."""
    outcome = report.outcome
    place = as_typed(request.out)
    click.echo(
        f"{number_of_files(len(report.artifacts))} in {place}/; "
        f"{len(outcome.made)} of {len(outcome.made) + len(outcome.kept)} jobs had to run."
    )
    for path in report.main:
        click.echo(f"  {place}/{path}")
    tell_checked(report)
    for slug, reason in report.missing.items():
        click.echo(f"Left out: {slug} ({reason}).")


def tell_checked(report: Report) -> None:
    """Which validator saw how many files, and what none has seen: never "valid" of what was not checked."""
    click.echo(
        "Checked: " + ("; ".join(f"{count} by {name}" for name, count in report.checked.items()) or "nothing") + "."
    )
    for item in report.unchecked:
        click.echo(f"Not checked: {item.message}" + (f" ({item.hint})" if item.hint else "") + ".")


def tell_contributions(rows: list[dict[str, Any]]) -> None:
    """The table of `proceedings status`."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (
        ("contribution", "left"),
        ("kind", "left"),
        ("state", "left"),
        ("words", "right"),
        ("pages", "right"),
        ("findings", "left"),
        ("missing", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(
            row["slug"],
            row["kind"],
            row["state"],
            f"{row['words']:,}" if row["words"] else "–",
            row["pages"] or "–",
            row["findings"],
            ", ".join(row["missing"]),
        )
    Console(no_color=not _colour(), width=None if sys.stdout.isatty() else 140).print(table)


def tell_rules(rules: Iterable[Rule]) -> None:
    """One line for each rule."""
    for rule in rules:
        click.echo(f"{rule.code}  {rule.severity.label:<8} {rule.name:<28} {rule.summary}")


def tell_rule(rule: Rule) -> None:
    """All that is to be known of one rule."""
    click.echo(
        f"{rule.code} {rule.name} ({rule.severity.label})\n\nReports {rule.summary}.\n\n"
        f"Why: {rule.why}\nFix: {rule.fix}"
    )
    if rule.severity is not Severity.FATAL:
        click.echo(
            f"\nGrade it in volume.yaml:  checks: {{{rule.name}: off | note | warning | error}}\n"
            f"Suppress it in a text:    <!-- proceedings: ignore {rule.code} the reason -->"
        )
