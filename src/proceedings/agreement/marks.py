"""What a text has besides its words: formulas, pictures, links inside, calls of notes, parts in other languages.

Words may all be there and in their order, and a text still be false: a mark leads to the wrong reference, two pictures
have changed places, a formula has another number. Here each of these things is named by what is around it, as a tree
has it and as an output has it, so that the two can be compared whatever the format.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from proceedings.agreement.words import squeezed
from proceedings.document import Node, attributes, has_attr, nodes, walk
from proceedings.edition import FILE, Prepared

NEAR = 14  # squeezed characters before the call of a note by which it is known
BEGINNING = 40  # squeezed characters by which a note is known
Told = tuple[str, str]  # code and message


@dataclass
class Formula:
    """A formula's TeX, and what stands in its MathML as names and numbers (none where that is not known)."""

    tex: str
    tokens: tuple[str, ...] = ()


@dataclass
class Marks:
    """`links`: words and target, of links inside; `addresses`: of those outside; `tables`: the cells of each;
    `pictures`: name of the file and description; `calls`: the words before the call of a note, and the note; `names`:
    the ids that a link may lead to."""

    formulas: list[Formula] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    tables: list[tuple[str, ...]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    names: frozenset[str] = frozenset()

    def picture(self, address: str, description: str | None) -> None:
        self.pictures.append((posixpath.basename(unquote(address)), description or ""))

    def link(self, words: str, targets: Iterable[str]) -> None:
        self.links += [(squeezed(words), target) for target in targets]

    def address(self, words: str, target: str) -> None:
        self.addresses.append((squeezed(words), unquote(target).rstrip("/")))

    def table(self, cells: Iterable[str]) -> None:
        self.tables.append(tuple(map(squeezed, cells)))

    def call(self, before: str, note: str) -> None:
        self.calls.append((squeezed(before)[-NEAR:], squeezed(note)[:BEGINNING]))


# --- of a tree ----------------------------------------------------------------------------------------------------


def of_tree(content: Any, prepared: Prepared) -> Marks:
    """The marks of blocks and of rich fields."""
    marks = Marks()
    files = {asset.name: asset.name for asset in prepared.images}
    unseen = {id(inner) for image in nodes(content, "Image") for inner in walk(image["c"][1])}
    for node in walk(content):
        kind = node["t"]
        if id(node) in unseen:  # in a picture's description, which is plain text
            continue
        if kind == "Math":
            marks.formulas.append(Formula(node["c"][1]))
        elif kind == "Image" and node["c"][2][0] in files:
            marks.picture(node["c"][2][0], attributes(node).get("alt", "").strip())
        elif kind == "Link" and node["c"][2][0].startswith("#"):
            marks.link(_plain(node["c"][1]), [node["c"][2][0][1:]])
        elif kind == "Link" and not node["c"][2][0].startswith(f"{FILE}:"):
            marks.address(_plain(node["c"][1]), node["c"][2][0])
        elif kind == "Table":
            marks.table(_cells(node))
        if has_attr(node) and attributes(node).get("lang"):
            marks.languages.add(attributes(node)["lang"].lower())
    _calls(content, marks)
    marks.languages.discard(prepared.contribution.lang.lower())
    return marks


def _cells(table: Node) -> Iterator[str]:
    """The words of each cell, row by row; of tables in tables only the outer one has them."""
    _, _, _, head, bodies, foot = table["c"]
    rows = [*head[1], *(row for _, _, between, inner in bodies for row in (*between, *inner)), *foot[1]]
    for _, cells in rows:
        for cell in cells:
            yield _plain(cell[4])


def _calls(content: Any, marks: Marks) -> None:
    """The notes of every run of inlines."""
    if isinstance(content, dict):
        content = list(content.values())
    if not isinstance(content, list):
        return
    before: list[str] = []
    for item in content:
        is_node = isinstance(item, dict) and "t" in item
        if is_node and item["t"] == "Note":
            marks.call("".join(before), _plain(item["c"]))
        _calls(item, marks)
        if is_node:
            before.append(_plain([item]))


def _plain(content: Any) -> str:
    """The words of nodes without formulas, notes and raw markup."""
    if isinstance(content, list):
        return "".join(map(_plain, content))
    if not isinstance(content, dict):
        return ""
    kind = content.get("t")
    if kind in ("Math", "Note", "RawInline", "RawBlock", "Image"):
        return ""
    if kind == "Str":
        return str(content["c"])
    if kind in ("Code", "CodeBlock"):
        return str(content["c"][1])
    return " " if kind in ("Space", "SoftBreak", "LineBreak") else _plain(content.get("c"))


# --- of XML and HTML ----------------------------------------------------------------------------------------------


def formula_of(math: Any) -> Formula:
    """A MathML element: the TeX beside it, and its names and numbers."""
    tex = next((item.text or "" for item in math.iter() if _local(item) == "annotation"), "")
    tokens = (item.text or "" for item in math.iter() if _local(item) in ("mi", "mn"))
    return Formula(tex, tuple(tokens))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def words_of(element: Any, is_mute: Callable[[Any], bool], until: Any = None) -> str:
    """The words of an element without those of mute ones; `until`: only those before that element in it."""
    parts: list[str] = []

    def visit(here: Any) -> bool:
        if here is until:
            return True
        if isinstance(here.tag, str) and (here is element or not is_mute(here)):
            parts.append(here.text or "")
            if any(visit(child) for child in here):
                return True
        parts.append(here.tail or "" if here is not element else "")
        return False

    visit(element)
    return "".join(parts)


def words_before(link: Any, runs: Container[str], is_mute: Callable[[Any], bool]) -> str:
    """The words before a link in its run of text; `runs` are the names of elements that hold one."""
    block = next((one for one in link.iterancestors() if one.tag in runs), link.getparent())
    return words_of(block, is_mute, link)


# --- compared -----------------------------------------------------------------------------------------------------


def differences(want: Marks, found: Marks) -> Iterator[Told]:
    """What of a tree's marks an output does not have, or has otherwise."""
    yield from _formulas(want.formulas, found.formulas)
    yield from _pictures(want.pictures, found.pictures)
    yield from _links(want.links, found)
    yield from _addresses(want.addresses, found.addresses)
    yield from _tables(want.tables, found.tables)
    yield from _notes(want.calls, found.calls)
    for language in sorted(want.languages - found.languages):
        yield "O202", f"no part of the text is marked as being in {language!r}"


def _formulas(want: Sequence[Formula], found: Sequence[Formula]) -> Iterator[Told]:
    lost = Counter(_bare(one.tex) for one in want) - Counter(_bare(one.tex) for one in found)
    for tex, count in lost.items():
        yield "O202", f"a formula is lost{f' {count} times' if count > 1 else ''}: “{tex}”"
    for one in found:
        tex = _plain_letters(one.tex)
        strange = [token for token in one.tokens if (plain := _plain_letters(token)).isascii() and plain not in tex]
        if one.tex and strange:
            yield "O202", f"a formula has “{strange[0]}”, which “{_bare(one.tex)}” has not"


def _bare(tex: str) -> str:
    return " ".join(tex.split())


def _plain_letters(value: str) -> str:
    """Letters and digits in their plain forms."""
    plain = unicodedata.normalize("NFKC", value)
    return "".join(character for character in plain if character.isalnum())


def _pictures(want: Sequence[tuple[str, str]], found: Sequence[tuple[str, str]]) -> Iterator[Told]:
    files = {name for name, _ in want}
    there = [pair for pair in found if pair[0] in files]
    for (name, description), count in Counter(want).items():
        others = [words for file, words in there if file == name]
        if len(others) < count:
            yield "O204", f"the picture {name} is lost, or another one is in its place"
        elif description and squeezed(description) not in map(squeezed, others):
            yield "O204", f"the picture {name} is described as “{others[0]}”, not “{description}”"


def _links(want: Sequence[tuple[str, str]], found: Marks) -> Iterator[Told]:
    """A link leads where its words say: as often to each target as in the tree, so far as the output has its name."""
    reached: dict[str, Counter[str]] = {}
    for words, target in found.links:
        reached.setdefault(words, Counter())[target] += 1
    anywhere = {target for _, target in found.links}
    for (words, target), count in Counter(want).items():
        if target not in found.names:
            continue
        there = reached.get(words)
        if (there is not None and there[target] < count) or (there is None and target not in anywhere):
            yield "O205", f"the link “{words}” does not lead to {target!r}, or not as often as it should"


def _addresses(want: Sequence[tuple[str, str]], found: Sequence[tuple[str, str]]) -> Iterator[Told]:
    """A link outside leads where one with its words leads."""
    leading: dict[str, set[str]] = {}
    for words, target in found:
        leading.setdefault(words, set()).add(target)
    for words, target in dict.fromkeys(want):
        if words and words in leading and target not in leading[words]:
            yield "O205", f"the link “{words}” leads to {min(leading[words])}, not to {target}"


def _tables(want: Sequence[tuple[str, ...]], found: Sequence[tuple[str, ...]]) -> Iterator[Told]:
    """Each table has its cells in their places; the same words in other places are told here, others with the text."""
    there = Counter(found)
    by_words = {tuple(sorted(table)): table for table in found}
    for table, count in Counter(want).items():
        other = by_words.get(tuple(sorted(table)))
        if there[table] < count and other is not None:
            one, another = next((pair for pair in zip(table, other, strict=True) if pair[0] != pair[1]), ("", ""))
            yield "O202", f"cells of a table have changed their places: “{another}” is where “{one}” should be"
        elif there[table] < count and (lost := next(filter(None, (_lost(table, rest) for rest in found)), "")):
            yield "O202", f"a table has lost cells: “{lost}” is not there"


def _lost(table: tuple[str, ...], found: tuple[str, ...]) -> str:
    """A cell that a table has and its like has not, which has nothing besides: too short a word to be missed in a text;
    '' where the other is not like it."""
    want, have = Counter(filter(None, table)), Counter(filter(None, found))
    alike = have <= want and 2 * have.total() > want.total()
    return next(iter(want - have), "") if alike else ""


def _notes(want: Sequence[tuple[str, str]], found: Sequence[tuple[str, str]]) -> Iterator[Told]:
    """Behind the same words stands the call of the same note."""
    wanted: dict[str, set[str]] = {}
    for before, note in want:
        wanted.setdefault(before, set()).add(note)
    for before, note in found:
        if before in wanted and not any(note.startswith(one) or one.startswith(note) for one in wanted[before]):
            yield "O202", f"the note at “{before}” is another one: “{note}”"


__all__ = ["Formula", "Marks", "differences", "formula_of", "of_tree", "words_before", "words_of"]
