"""What an output says, read back from its bytes without the help of what wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field

from proceedings.agreement.marks import Marks


class Unreadable(Exception):
    """An output that cannot even be opened; the message says why."""


@dataclass(frozen=True)
class Statement:
    """A fact as one place of an output states it. `fact` is a name of expected.FACTS; an absent one is empty."""

    fact: str
    where: str
    value: tuple[str, ...]


@dataclass(frozen=True)
class Leaf:
    """A printed page: what a viewer calls it, and the pieces of text at its head and foot."""

    label: str
    furniture: tuple[str, ...]


@dataclass
class Reading:
    """One contribution in one output. Texts as they stand there; `comparing` squeezes them."""

    statements: list[Statement] = field(default_factory=list)
    text: str = ""
    notes: str = ""
    first_page: str | None = None  # of a PDF: the words on its first page
    numbers: list[str] | None = None  # of a PDF: what stands before the items of lists
    leaves: list[Leaf] = field(default_factory=list)  # of a PDF: its pages
    targets: dict[str, str] = field(default_factory=dict)  # of a PDF: id → the words of the page that it leads to
    descriptions: list[str] = field(default_factory=list)  # of pictures
    links: set[str] | None = field(default_factory=set)  # addresses outside; None where they are not known
    dead: list[str] = field(default_factory=list)  # links inside that lead nowhere
    references: list[tuple[str, str]] | None = None  # id and words, where an output has them as data
    kinds: list[set[str]] | None = None  # of JATS: as what each reference is typed
    headings: list[str] | None = None  # of a PDF: what is tagged as one
    marks: Marks | None = None  # what the text has besides its words; None where that is not known
    faults: list[str] = field(default_factory=list)  # what is wrong with the file itself

    def say(self, fact: str, where: str, *values: str | None) -> None:
        self.statements.append(
            Statement(fact, where, tuple(value.strip() for value in values if value and value.strip()))
        )

    def link(self, address: str) -> None:
        if self.links is not None:
            self.links.add(address)
