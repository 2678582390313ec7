"""Measure volumes of invented papers: the plain way and the tool, in turn; then what is not changed, or changed a
little. `python -m benchmarks 10 50 200` prints a table in Markdown; it takes some 15 minutes a hundred papers.
`--only` chooses rows."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.costs import Cost, cost
from benchmarks.papers import write_volume

FINDINGS = (0, 1)  # exit statuses of a build that was made, with findings or without
PARTS = ("plain", "pdf", "all", "changes", "again")  # what can be chosen; `changes` and `again` stand on `all`
COLUMNS = ("wall", "CPU", "largest process", "wall, of the plain way or of cold")


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every process would compile the program anew
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("papers", type=int, nargs="+", help="how many papers a volume has")
    parser.add_argument("--pairs", type=int, default=1, help="how often the plain way and the tool run in turn")
    parser.add_argument(
        "--only",
        choices=PARTS,
        nargs="+",
        default=PARTS,
        help="which rows: the plain way, `build --to pdf`, every output, changes, the same bytes again",
    )
    parser.add_argument("--folder", type=Path, help="where to work; else a folder that is removed")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} processors. Seconds; megabytes of the largest process: the program's and a worker's.\n")
    print(f"| papers | what | {' | '.join(COLUMNS)} |\n|---:|:---|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for count in asked.papers:
            for row in measured((asked.folder or Path(scratch)) / f"volume-{count}", count, asked.pairs, asked.only):
                print(f"| {count} | {row} |", flush=True)


def measured(root: Path, count: int, pairs: int, only: Sequence[str] = PARTS) -> Iterator[str]:
    """The rows of the table for a volume of `count` papers."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    folders = write_volume(root, count)
    plain, printed = compared(root, folders, pairs, only)
    if plain:
        yield row("plain: pandoc for each paper, one WeasyPrint document", plain)
    if printed:
        both = [ours.wall / theirs.wall for ours, theirs in zip(printed, plain, strict=False)]
        yield row("`build --to pdf`, cold", printed, f"{statistics.median(both):.2f}" if both else "")
    if {"all", "changes", "again"} & {*only}:
        yield from changed(root, folders, only)


def changed(root: Path, folders: Sequence[Path], only: Sequence[str]) -> Iterator[str]:
    """Every output: cold, after changes, and cold again."""
    cold = afresh(root, lambda: build(root))
    made = contents(root)
    yield row("`build`, cold: every output", [cold])
    for name, change in CHANGES if "changes" in only else ():
        change(folders[len(folders) // 2])
        done = build(root)
        yield row(f"`build`, {name}", [done], f"1/{cold.wall / done.wall:.0f}")
    if "again" in only:
        for folder in folders:
            shutil.rmtree(folder)
        write_volume(root, len(folders))
        afresh(root, lambda: build(root))
        same = "the same bytes" if contents(root) == made else "OTHER BYTES"
        yield f"`build`, cold again: {same} | | | |"


def compared(
    root: Path, folders: Sequence[Path], pairs: int, only: Sequence[str] = PARTS
) -> tuple[list[Cost], list[Cost]]:
    """The plain way and the tool in turn, so that a machine that gets slower does so for both."""
    target = root / "plain.pdf"
    command = [sys.executable, "-m", "benchmarks.plain", str(target), *map(str, folders)]
    plain, ours = [], []
    for _ in range(pairs):
        if "plain" in only:
            plain.append(cost(command, root / "plain.log"))
        if "pdf" in only:
            ours.append(afresh(root, lambda: build(root, "--to", "pdf")))
    return plain, ours


def build(root: Path, *options: str) -> Cost:
    command = [sys.executable, "-m", "proceedings.cli", "build", "--quiet", "--root", str(root), *options]
    return cost(command, root / "build.log", FINDINGS)


def afresh(root: Path, run: Callable[[], Cost]) -> Cost:
    """Run with nothing made before."""
    shutil.rmtree(root / "build", ignore_errors=True)
    return run()


def unchanged(_folder: Path) -> None:
    """Nothing."""


def paper_changed(folder: Path) -> None:
    path = folder / "paper.md"
    path.write_text(path.read_text("utf-8").replace("# Discussion", "Another sentence.\n\n# Discussion"), "utf-8")


def paper_longer(folder: Path) -> None:
    """By more than a page, so that all contributions behind it move."""
    path = folder / "paper.md"
    more = "Another sentence that says little and takes its room. " * 20 + "\n\n"
    path.write_text(path.read_text("utf-8").replace("# Discussion", 4 * more + "# Discussion"), "utf-8")


def figure_changed(folder: Path) -> None:
    path = folder / "trend.svg"
    path.write_text(path.read_text("utf-8").replace("#cc0000", "#00cc00"), "utf-8")


CHANGES = (
    ("unchanged", unchanged),
    ("one paper changed", paper_changed),
    ("one figure changed", figure_changed),
    ("one paper longer by a page", paper_longer),
)


def contents(root: Path) -> dict[str, str]:
    """The hash of every output, by its path."""
    build_folder = root / "build"
    files = (path for path in build_folder.rglob("*") if path.is_file() and ".cache" not in path.parts)
    return {path.relative_to(build_folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def row(what: str, costs: Sequence[Cost], ratio: str = "") -> str:
    wall, cpu = (statistics.median(getattr(item, name) for item in costs) for name in ("wall", "cpu"))
    parent, worker = (max(getattr(item, name) for item in costs) for name in ("parent", "worker"))
    memory = f"{parent:.0f} and {worker:.0f}" if worker else f"{parent:.0f}"
    return f"{what} | {wall:.1f} | {cpu:.1f} | {memory} | {ratio} |".removesuffix(" |")


if __name__ == "__main__":
    main()
