"""A paper in several files: its text is whole, and every line of it knows where it is written."""

from __future__ import annotations

import pytest

from proceedings.dialects import rewrite_text
from proceedings.dialects.inclusions import include
from proceedings.source import MAX_BYTES, Source

FILES = {
    "intro.md": "# Warp\n\nThe warp is tight.\n",
    "parts/weft.md": "The weft.\n\n```{include} colours.md\n```\n",
    "parts/colours.md": "Red and blue.",
    "loom.py": "import yarn\n\n\ndef weave():\n    return yarn.cloth()\n",
    "circle.md": "Round.\n\n```{include} circle.md\n```\n",
    "yarn.csv": "colour;length\n\nred;2\nblue;```\n",
    "fence.md": "```\ncode\n```\n",
}


def read(name: str) -> Source:
    if name.startswith(".."):
        raise PermissionError(name)
    if name not in FILES:
        raise FileNotFoundError(name)
    return Source(f"papers/cloth/{name}", FILES[name])


def included(text: str) -> Source:
    return include(Source("papers/cloth/paper.md", text), read)


@pytest.mark.parametrize(
    "written",
    [
        "```{include} intro.md\n```",
        ":::{include} intro.md\n:::",
        "{{< include intro.md >}}",
        '{{< include "intro.md" >}}',
    ],
)
def test_a_file_is_put_in_place(written: str) -> None:
    text = included(f"Before.\n\n{written}\n\nAfter.\n")
    assert text.text.split() == "Before. # Warp The warp is tight. After.".split()
    assert str(text.find("tight")) == "papers/cloth/intro.md:3:13"
    assert text.find("After").path == "papers/cloth/paper.md"  # type: ignore[union-attr]


def test_lines_after_an_inclusion_keep_their_numbers() -> None:
    text = included("One.\n\n```{include} intro.md\n```\n\nSix.\n")
    assert str(text.find("Six")) == "papers/cloth/paper.md:6:1"


def test_a_file_is_sought_beside_the_one_that_includes_it() -> None:
    text = included("```{include} parts/weft.md\n```\n")
    assert str(text.find("Red")) == "papers/cloth/parts/colours.md:1:1"


def test_rows_are_put_into_their_table() -> None:
    text = included("```{csv-table} Yarn\n:file: yarn.csv\n:delim: ;\n```\n")
    assert text.text.strip() == "````{csv-table} Yarn\n:delim: ;\n\ncolour;length\nred;2\nblue;```\n````"
    assert "yarn.csv" in str(text.find("blue"))


def test_rows_of_a_file_that_is_not_there_are_told() -> None:
    text = included("```{csv-table} Yarn\n:file: wool.csv\n```\n")
    _, findings = rewrite_text(text.text, "paper.md")
    assert [(item.code, item.location.token) for item in findings] == [("X009", "wool.csv")]


def test_code_is_put_in_as_a_listing() -> None:
    text = included("```{literalinclude} loom.py\n:lines: 4-5\n:caption: The loom\n```\n").text
    assert text.strip() == ("```{code-block} py\n:caption: The loom\ndef weave():\n    return yarn.cloth()\n```")
    text = included("```{include} fence.md\n:literal: true\n```\n").text
    assert text.strip() == "````{code-block} md\n```\ncode\n```\n````"


@pytest.mark.parametrize(
    "options, wanted",
    [
        (":start-after: import", ["", "", "def weave():", "    return yarn.cloth()"]),
        (":start-at: def\n:end-at: def", ["def weave():"]),
        (":start-line: 3\n:end-line: 4", ["def weave():"]),
        (":end-before: def", ["import yarn", "", ""]),
        (":lines: 4", ["def weave():"]),
        (":lines: 5-", ["    return yarn.cloth()"]),
    ],
)
def test_lines_are_chosen(options: str, wanted: list[str]) -> None:
    text = included(f"```{{literalinclude}} loom.py\n{options}\n```\n").text
    assert text.strip("\n").split("\n")[1:-1] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "```{include} nothing.md\n```\n",
        "```{include} ../other/paper.md\n```\n",
        "```{include} loom.py\n```\n",
        "```{include} intro.md\n",
        "```\n```{include} intro.md\n```\n",
        "<!--\n```{include} intro.md\n```\n-->\n",
        "`{{< include intro.md >}}`\n",
        "````\n{{< include intro.md >}}\n````\n",
    ],
    ids=["absent", "outside", "no text", "unclosed", "code", "comment", "inline code", "shortcode in code"],
)
def test_the_rest_stays_as_it_is_written(text: str) -> None:
    assert included(text).text == text


def test_a_circle_ends() -> None:
    assert included("```{include} circle.md\n```\n").text.count("Round.") == 1


def test_what_was_changed_is_found_by_its_beginning() -> None:
    text = Source("paper.md", "As {cite:t}`loom` says:\n\n$$ \\weft_{t}(m)\n+ \\warp \\label{eq} $$\n")
    assert (text.find("@loom").line, text.find("\\weft_{t}(m) + \\warp").line) == (1, 3)  # type: ignore[union-attr]
    assert text.find("@shuttle") is None


def test_lines_without_letters_count_too() -> None:
    """A thousand times a file of nothing but line ends would be a gigabyte."""
    files = {"ends.md": "\n" * 300_000 + "x\n"}
    text = include(
        Source("paper.md", "```{include} ends.md\n```\n\n" * 9), lambda name: Source(f"papers/{name}", files[name])
    )
    assert len(text.text) < 1.1 * MAX_BYTES and "{include}" in text.text
