"""What an output says, held against what it must say: differences as findings at the author's file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from proceedings.agreement import marks
from proceedings.agreement.covering import Cover, Difference
from proceedings.agreement.expected import Cited, Expected, is_tex
from proceedings.agreement.reading import Reading, Statement
from proceedings.agreement.words import Passage, bare, counted, holds, runs_left, squeezed
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.numerals import from_roman

BEGINNING = 24  # characters of a passage that stand on one page
SHOWN = 70  # characters of a passage in a message
MOST = 12  # differences of one text that are told; more say no more


def compared(want: Expected, reading: Reading, output: str, path: str) -> list[Diagnostic]:
    """The disagreements of one output (its path below build/) about the contribution that `path` is the source of."""
    found = [*disagreements(want.facts, reading), *_first_page(want, reading)]
    found += [*_cited(want, reading), *_furniture(want, reading), *_numbers(want, reading), *_references(want, reading)]
    found += [*_pictures(want, reading), *_links(want, reading), *_places(want, reading), *_leaves(want, reading)]
    found += marks.differences(want.marks, reading.marks) if reading.marks else ()
    rows = [finding(code, f"{output}: {message}", Location(path, 1, 1, near=True)) for code, message in found]
    return [*rows, *_words(want, reading, output, path)]


Told = tuple[str, str]  # code and message


# --- facts ----------------------------------------------------------------------------------------------------------


def disagreements(want: Mapping[str, tuple[str, ...]], reading: Reading) -> Iterator[Told]:
    """What is wrong with the file itself, and the facts that it gives otherwise than the model. A fact whose name is
    not in `want` is none of the model's."""
    for fault in reading.faults:
        yield "O200", fault
    for statement in reading.statements:
        expected = want.get(statement.fact)
        if expected is not None and not _same(expected, statement):
            yield (
                "O201",
                f"{statement.where} gives {_shown(statement.value)} as {statement.fact}, not {_shown(expected)}",
            )


def _same(expected: tuple[str, ...], statement: Statement) -> bool:
    return [squeezed(value) for value in expected] == [squeezed(value) for value in statement.value]


def _shown(values: Iterable[str]) -> str:
    return ", ".join(f"“{value}”" for value in values) or "nothing"


def _first_page(want: Expected, reading: Reading) -> Iterator[Told]:
    """What the first page of a PDF prints: every fact is there, and the authors in their order."""
    if reading.first_page is None:
        return
    page = squeezed(reading.first_page)
    if not any(passage.bare in page for passage in (*want.fields, *want.body) if passage.where != "title"):
        page = squeezed(reading.text)  # a byline that is longer than a page
    there = counted(reading.first_page)
    lost = [
        (fact, words)
        for fact, words in want.printed
        if squeezed(words) not in page and not (runs_left(words) and counted(words) <= there)
    ]
    for fact, words in lost:
        yield "O201", f"the first page does not print the {fact} “{words}”"
    at = 0
    for name in [words for fact, words in want.printed if fact == "author" and (fact, words) not in lost]:
        if not runs_left(name):
            at = page.find(squeezed(name), at)
        if at < 0:
            yield "O201", f"the first page prints the authors in another order: {name}"
            return


def _cited(want: Expected, reading: Reading) -> Iterator[Told]:
    """How to cite the work, which print sets with the pages that it has; a text from right to left has no order."""
    if reading.first_page is None or runs_left(reading.text):
        return
    for words in want.facts["how to cite"]:
        if squeezed(words).casefold() not in squeezed(reading.text).casefold():
            yield "O201", f"it does not print how to cite it: “{_cut(words)}”"


def _furniture(want: Expected, reading: Reading) -> Iterator[Told]:
    """The words of the furniture in print; a text from right to left has no order."""
    if reading.headings is None or runs_left(reading.text):
        return
    headings, text = {bare(heading) for heading in reading.headings}, bare(reading.text)
    for words in want.headed:
        if bare(words) not in headings:
            yield "O201", f"it has no heading “{words}”"
    for words in want.labelled:
        if bare(words) not in text:
            yield "O201", f"it does not have “{_cut(words)}”"


# --- references, pictures, links --------------------------------------------------------------------------------------


def _references(want: Expected, reading: Reading) -> Iterator[Told]:
    if reading.references is None:
        return
    texts = [squeezed(words).casefold() for _, words in reading.references]
    if len(texts) != len(want.references):
        yield "O203", f"it has {len(texts)} references, not {len(want.references)}"
    for number, cited in enumerate(want.references):
        is_known = len(texts) == len(want.references)
        near = texts[number] if is_known else " ".join(texts)
        for part in cited.parts:
            if squeezed(part).casefold() not in near:
                yield "O203", f"the reference {cited.key!r} has lost “{part}”"
        if is_known and reading.kinds is not None and reading.kinds[number] - {cited.kind}:
            kinds = ", ".join(sorted(reading.kinds[number]))
            yield "O203", f"the reference {cited.key!r} is typed as {kinds}, not {cited.kind}"
        if is_known:
            yield from _in_reference(cited, reading.references[number][1])


def _in_reference(cited: Cited, words: str) -> Iterator[Told]:
    """Its numbers are there, and its authors in their order."""
    rest = words.replace(cited.doi, "") if cited.doi else words
    lost = [number for number in cited.numbers if number.lstrip("0") not in _digits(rest)]
    if lost:
        yield "O203", f"the reference {cited.key!r} has lost the number {lost[0]}"
    text, at = squeezed(words).casefold(), 0
    for name in cited.names:
        at = text.find(squeezed(name).casefold(), at)
        if at < 0:
            yield "O203", f"the reference {cited.key!r} has its authors in another order"
            return


def _digits(words: str) -> set[str]:
    return {number.lstrip("0") for number in re.findall(r"\d+", words)}


def _numbers(want: Expected, reading: Reading) -> Iterator[Told]:
    """A list in print has the numbers that its author gave it."""
    if reading.numbers is None:
        return
    found = Counter(squeezed(number) for number in reading.numbers)
    lost = [number for number, count in want.numbers.items() if found[squeezed(number)] < count]
    if lost:
        yield "O202", f"numbers of lists are changed: {', '.join(lost[:5])}"


def _pictures(want: Expected, reading: Reading) -> Iterator[Told]:
    found = Counter(squeezed(words) for words in reading.descriptions)
    for words, count in want.descriptions.items():
        if found[squeezed(words)] < count:
            yield "O204", f"the description of a picture is lost: “{_cut(words)}”"
    for words in sorted(want.recordings):
        if not found[squeezed(words)] and squeezed(words) not in squeezed(reading.text):
            yield "O204", f"the description of a recording is lost: “{_cut(words)}”"


def _links(want: Expected, reading: Reading) -> Iterator[Told]:
    for target in reading.dead:
        yield "O205", f"a link inside leads to {target!r}, which is not there"
    if reading.links is None:
        return
    wanted = want.links if reading.references is None else want.links_without_references
    for target in sorted(wanted - reading.links):
        if target.rstrip("/") not in {link.rstrip("/") for link in reading.links}:
            yield "O205", f"the link to {target} is lost"


def _places(want: Expected, reading: Reading) -> Iterator[Told]:
    """In print a link leads to the page that has what it is a link to."""
    for anchor, words in reading.targets.items():
        first = want.anchors.get(anchor, ())
        if first and not any(holds(words, _beginning(passage.words)) for passage in first):
            yield "O205", f"links to {anchor!r} lead to a page that does not have “{_cut(first[0].words)}”"


def _beginning(words: str) -> str:
    """As much of a passage as no page end parts."""
    return words if len(words) <= BEGINNING else words[:BEGINNING].rsplit(" ", 1)[0]


def _leaves(want: Expected, reading: Reading) -> Iterator[Told]:
    """Every page has its own folio, and its running head is that of this contribution."""
    for leaf in reading.leaves:
        heads = [piece for piece in leaf.furniture if piece != leaf.label]
        folios = [piece for piece in heads if piece.isdigit() or from_roman(piece)]
        if folios and len(heads) == len(leaf.furniture):
            yield "O201", f"its page {leaf.label} has the folio {folios[0]}"
            heads.remove(folios[0])
        for head in heads:
            if not _names(head, want):
                yield "O201", f"the head of its page {leaf.label} is “{_cut(head)}”"


def _names(head: str, want: Expected) -> bool:
    """Whether a running head names this contribution: its title, as long as there was room for it, or its authors."""
    authors = bare(" ".join(want.facts["authors"]))
    titled = any(bare(title).startswith(bare(head)) for title in want.heads)
    return titled or all(bare(name) in authors for name in head.removesuffix(" et al.").split(","))


# --- words ------------------------------------------------------------------------------------------------------------


def _words(want: Expected, reading: Reading, output: str, path: str) -> list[Diagnostic]:
    """The text and the notes: nothing lost, nothing changed, nothing twice."""
    is_print = reading.first_page is not None
    body = want.body if reading.references is None else want.body_without_references
    if is_print and runs_left(reading.text):
        return _counted_words(want, reading, output, path)
    plain = partial(_as_printed, formulas=want.formulas) if is_print else squeezed
    text = Cover(plain(reading.text), _all(body, plain), _all(want.fields, plain))
    notes = Cover(plain(reading.notes), _all(want.notes, plain))
    generated = [plain(piece) for piece in want.generated]
    told = [
        _told(difference, output, path)
        for difference in (*text.differences(generated), *notes.differences(generated, closed=True))
    ]
    if len(told) > MOST:
        rest = f"{output}: {len(told) - MOST} more differences of the text"
        told = [*told[:MOST], finding("O202", rest, Location(path, 1, 1, near=True))]
    return told


def _as_printed(words: str, formulas: Iterable[str]) -> str:
    """Print may set capitals, and shows the TeX of formulas that it cannot draw (X153)."""
    bare = squeezed(words)
    for tex in formulas if is_tex(bare) else ():
        bare = bare.replace(tex, "")
    return bare.casefold()


def _counted_words(want: Expected, reading: Reading, output: str, path: str) -> list[Diagnostic]:
    """Where the order of the words is not known: none is lost. What has an order is looked for in one piece, since a
    line end may cut a word."""
    there = counted(f"{reading.text} {reading.notes}")
    plain = partial(_as_printed, formulas=want.formulas)
    whole = plain(f"{reading.text} {reading.notes}")
    told = []
    for passage in (*want.body, *want.notes, *want.fields):
        if not runs_left(passage.words) and plain(passage.bare) in whole:
            continue
        wanted = counted(passage.words)
        if not wanted <= there:
            told.append(_told(Difference(passage.bare, "", passage), output, path))
        there -= wanted
    return told[:MOST]


def _all(passages: Iterable[Passage], plain: Callable[[str], str]) -> list[Passage]:
    found = (replace(passage, bare=plain(passage.bare)) for passage in passages)
    return [passage for passage in found if passage.bare]


def _told(difference: Difference, output: str, path: str) -> Diagnostic:
    passage = difference.passage
    place = Location(path, token=_token(passage.words)) if passage else Location(path, 1, 1, near=True)
    field = f" of `{passage.where}`" if passage and passage.where else ""
    if difference.expected and difference.found:
        want, has = _parted(difference.expected, difference.found)
        message = f"the text{field} is changed: “{want}” has become “{has}”"
    elif passage and difference.expected:
        message = f"text{field} is lost: “{_cut(passage.words)}”"
    elif passage:
        message = f"text{field} is there twice: “{_cut(passage.words)}”"
    else:
        message = f"text that the author did not write, or a second time: “{_cut(difference.found)}”"
    return finding("O202", f"{output}: {message}", place)


def _token(words: str) -> str:
    """What of a passage can be found in the Markdown: its first words without marks."""
    found = re.search(r"\w[\w ,’]{2,60}\w", words)
    return " ".join(found[0].split(" ")[:4]) if found else words[:20]


def _parted(expected: str, found: str) -> tuple[str, str]:
    """Two texts cut down to where they differ, with a little of what is around it."""
    start = _shared(expected, found)
    end = _shared(expected[start:][::-1], found[start:][::-1])
    first = max(0, start - 20)
    want, has = (_cut(text[first : len(text) - max(0, end - 20)]) for text in (expected, found))
    return want, has


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(words: str) -> str:
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"
