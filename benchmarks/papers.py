"""Invented papers, the same in every run: some 12 pages each, with formulas, figures, tables, notes and citations."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTIONS = ("Introduction", "Earlier work", "Method", "Data", "Results", "Discussion", "Conclusion")
WORDS_OF_A_SECTION = 480
REFERENCES = 40

ADJECTIVES = """annual coastal regional careful broad seasonal structural independent quantitative comparable gradual
 institutional representative persistent heterogeneous statistical considerable municipal longitudinal observed
 preliminary international multilingual experimental unexpected""".split()
NOUNS = """harbour survey instrument estimate household register observation variance catalogue settlement hypothesis
 interview correspondence measurement commission threshold migration archive infrastructure uncertainty classification
 questionnaire sediment probability reconstruction interpretation framework neighbourhood sample coefficient""".split()
VERBS = """explains contradicts describes underestimates approximates replaces confirms determines complicates
 accompanies distinguishes anticipates outweighs reflects""".split()
ADVERBS = """consistently rarely moderately demonstrably approximately independently systematically hardly
 frequently""".split()
PATTERNS = (
    "The {adjective} {noun} of the {noun} {adverb} {verb} the {noun} that earlier work left open",
    "Where the {noun} is {adjective}, every {noun} {verb} a {adjective} {noun}, and the {noun} follows it",
    "We compare each {adjective} {noun} with the {noun} in which it was recorded",
    "A {noun} of this kind {adverb} {verb} the {noun}, although the {adjective} {noun} suggests otherwise",
    "In contrast to the {noun}, the {adjective} {noun} {verb} no more than a {noun} of the {adjective} {noun}",
    "It remains to be seen whether the {noun} {verb} the {adjective} {noun}",
    "Between the first {noun} and the last, the {noun} {adverb} {verb} what the {adjective} {noun} had promised",
    "None of the {noun}s in the {noun} {verb} the {adjective} {noun} better than the {noun} itself",
)
FAMILIES = """Abenov Bergström Castellanos Dąbrowska Eze Fontaine Grigoryan Håkonsen Iskakova Jovanović Kasymova
 Lindqvist Müller Nguyễn Okafor Pérez Quintero Rønning Şahin Tanaka Utemisov Varga Wójcik Yılmaz Zhumabayev""".split()
GIVEN = "Aigerim Björn Chloé Daulet Elif Fatima Goran Hana Inès Jarosław Kamila Lúcia Murat Noor Özlem Piotr".split()
INLINE = (
    r"x_{{{n}}}", r"\alpha_{{{n}}}", r"p < 0.0{n}", r"\sigma^2", r"n \to \infty", r"\hat{{y}} = f_\theta(x_{{{n}}})",
    r"O(n \log n)", r"\frac{{1}}{{{n}}}", r"\sqrt{{d_{{{n}}}}}", r"\mathbb{{R}}^{{d \times {n}}}", r"\lambda_{{\max}}",
    r"P(A_{{{n}}} \mid B)", r"\lVert w \rVert_2", r"k = 1, \dots, {n}", r"\mathcal{{L}}(\theta)",
)  # fmt: skip
DISPLAYED = (
    r"\mathcal{{L}}(\theta) = -\frac{{1}}{{N}} \sum_{{i=1}}^{{N}} \log p_\theta(y_i \mid x_i) + {n} \lVert w \rVert^2",
    r"\int_0^{{\infty}} e^{{-{n} x^2}} \, dx = \frac{{1}}{{2}} \sqrt{{\frac{{\pi}}{{{n}}}}}",
    r"\begin{{pmatrix}} a_{{11}} & \cdots & a_{{1n}} \\ \vdots & \ddots & \vdots \\ a_{{{n}1}} & \cdots & a_{{{n}n}}"
    r" \end{{pmatrix}}",
    r"f(x) = \begin{{cases}} x^{{{n}}} & x \geq 0 \\ -x & \text{{otherwise}} \end{{cases}}",
    r"\hat{{\beta}}_{{{n}}} = (X^\top X)^{{-1}} X^\top y",
    r"\begin{{aligned}} u_{{{n}}} &= \frac{{\partial v}}{{\partial t}} + \nabla \cdot w \\ v &= \rho u + {n}"
    r" \end{{aligned}}",
    r"\mathrm{{KL}}(P \parallel Q) = \sum_{{x \in \mathcal{{X}}}} P(x) \log \frac{{P(x)}}{{Q_{{{n}}}(x)}}",
)


@dataclass
class Author:
    """What one invented paper has written so far: its chance, the works that it may still cite, its notes."""

    chance: random.Random
    uncited: list[str]
    notes: list[str] = field(default_factory=list)

    def words(self, pattern: str) -> str:
        lists = {"adjective": ADJECTIVES, "noun": NOUNS, "verb": VERBS, "adverb": ADVERBS}
        for name, choices in lists.items():
            while f"{{{name}}}" in pattern:
                pattern = pattern.replace(f"{{{name}}}", self.chance.choice(choices), 1)
        return pattern

    def formula(self, patterns: tuple[str, ...]) -> str:
        return self.chance.choice(patterns).format(n=self.chance.randint(2, 9))

    def sentence(self) -> str:
        text = self.words(self.chance.choice(PATTERNS))
        draw = self.chance.random()
        if draw < 0.24:
            text += f", where ${self.formula(INLINE)}$ holds"
        elif draw < 0.32:
            text += ", as *" + self.words("the {adjective} {noun}") + "* shows"
        if self.chance.random() < 0.2 and self.uncited:
            text += f" [@{self.uncited.pop()}]"
        return text + "."

    def paragraph(self) -> str:
        text = " ".join(self.sentence() for _ in range(self.chance.randint(4, 7)))
        if self.chance.random() < 0.3:
            name = f"n{len(self.notes) + 1}"
            self.notes.append(f"[^{name}]: {self.sentence()} {self.sentence()}")
            text += f"[^{name}]"
        return text


def write_volume(root: Path, count: int) -> list[Path]:
    """volume.yaml and `count` papers below `root`; returns the papers' folders."""
    folders = [root / "papers" / f"paper-{number:04}" for number in range(count)]
    for number, folder in enumerate(folders):
        write_paper(folder, number)
    (root / "volume.yaml").write_text(
        "title: Harbours and Registers\nlang: en-GB\nlicence: CC-BY-4.0\npublished: 2026-01-15\n"
        "publisher: {name: Invented Press}\neditors: [{given: Aigerim, family: Abenova}]\n",
        encoding="utf-8",
    )
    return folders


def write_paper(folder: Path, number: int) -> None:
    """One paper with its library and two figures; `number` decides every word of it."""
    folder.mkdir(parents=True)
    chance = random.Random(number)
    keys = [f"work{index}" for index in range(REFERENCES)]
    author = Author(chance, chance.sample(keys, len(keys)))
    (folder / "works.bib").write_text("\n".join(_entry(author, key) for key in keys), encoding="utf-8")
    (folder / "trend.svg").write_text(_trend(chance), encoding="utf-8")
    _scatter(chance, folder / "scatter.png")
    (folder / "paper.md").write_text(_head(author) + "\n\n".join(_body(author)) + "\n", encoding="utf-8")


def _head(author: Author) -> str:
    chance = author.chance
    people = "".join(
        f"  - {{given: {chance.choice(GIVEN)}, family: {family}, affiliations: [uni]}}\n"
        for family in chance.sample(FAMILIES, chance.randint(2, 4))
    )
    return (
        f"---\ntitle: {author.words('The {adjective} {noun} and the {noun} of a {adjective} {noun}')}\n"
        f"authors:\n{people}affiliations: [{{id: uni, name: University of Invented Shores, country: Norway}}]\n"
        f"abstract: {' '.join(author.words(PATTERNS[index]) + '.' for index in (0, 3, 5, 6, 2))}\n"
        f"keywords: [{', '.join(chance.sample(NOUNS, 5))}]\n"
        "bibliography: works.bib\nlang: en-GB\n---\n\n"
    )


def _body(author: Author) -> Iterator[str]:
    for index, title in enumerate(SECTIONS):
        yield f"# {title} {{#sec-{index}}}"
        written = 0
        while written < WORDS_OF_A_SECTION:
            paragraph = author.paragraph()
            written += len(paragraph.split())
            yield paragraph
            if index in (2, 3, 4) and author.chance.random() < 0.8:
                yield f"$${author.formula(DISPLAYED)}$$"
        yield from _floats(author, title)
    if author.uncited:
        yield f"More is said elsewhere [{'; '.join(f'@{key}' for key in author.uncited)}]."
    yield from author.notes


def _floats(author: Author, section: str) -> Iterator[str]:
    if section == "Method":
        yield f'![{author.sentence()}](trend.svg){{#fig-trend width=75% alt="Bars with a line through them"}}'
        yield "- " + "\n- ".join(author.sentence() for _ in range(4))
    elif section == "Data":
        yield _table(author, ("Register", "Years", "Persons", "Source"), 8, "tbl-data")
    elif section == "Results":
        yield _table(author, ("Model", "Estimate", "Error", "$p$"), 10, "tbl-models")
        yield f'![{author.sentence()}](scatter.png){{#fig-scatter width=80% alt="Three clouds of points"}}'


def _table(author: Author, columns: tuple[str, ...], rows: int, name: str) -> str:
    chance = author.chance
    lines = ["| " + " | ".join(columns) + " |", "|:---|---:|---:|---:|"]
    for _ in range(rows):
        first = author.words("{adjective} {noun}").capitalize()
        lines.append(f"| {first} | {chance.randint(1, 99)} | {chance.uniform(0, 9):.2f} | {chance.uniform(0, 1):.3f} |")
    return "\n".join(lines) + f"\n\n: {author.sentence()} {{#{name}}}"


def _entry(author: Author, key: str) -> str:
    chance = author.chance
    people = " and ".join(f"{chance.choice(FAMILIES)}, {chance.choice(GIVEN)}" for _ in range(chance.randint(1, 3)))
    first = chance.randint(1, 400)
    return (
        f"@article{{{key},\n  author = {{{people}}},\n"
        f"  title = {{{author.words('A {adjective} {noun} and the {adjective} {noun} of the {noun}').capitalize()}}},\n"
        f"  journal = {{Journal of {author.words('{adjective} {noun}').title()} Studies}},\n"
        f"  year = {{{chance.randint(1985, 2025)}}},\n  volume = {{{chance.randint(1, 60)}}},\n"
        f"  pages = {{{first}--{first + chance.randint(5, 40)}}}\n}}\n"
    )


def _trend(chance: random.Random) -> str:
    bars = "".join(
        f'<rect x="{60 + 38 * index}" y="{260 - height}" width="28" height="{height}" fill="#3465a4"/>'
        f'<text x="{74 + 38 * index}" y="278" font-size="11" text-anchor="middle">{2000 + index}</text>'
        for index, height in enumerate(chance.randint(30, 220) for _ in range(12))
    )
    points = " ".join(f"{60 + 4 * step},{150 - 90 * math.sin(step / 9):.1f}" for step in range(115))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="300" viewBox="0 0 560 300">'
        f'{bars}<polyline points="{points}" fill="none" stroke="#cc0000" stroke-width="2"/></svg>\n'
    )


def _scatter(chance: random.Random, path: Path) -> None:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1200, 700), "white")
    draw = ImageDraw.Draw(image)
    for cloud, colour in enumerate(((200, 30, 30), (30, 90, 200), (30, 150, 60)), 1):
        for _ in range(900):
            x, y = chance.gauss(300 * cloud, 110), chance.gauss(175 * cloud, 80)
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
    image.save(path, dpi=(300, 300))
