"""Inputs that are sound and too much: each is bounded in time and memory by what it is, not by how busy the machine
is; the finding names the place, and the other papers are made. What is broken is in test_broken.py."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pikepdf
import pytest
from conftest import run

from proceedings import images, pandoc
from proceedings.images import programs
from proceedings.images.refusal import Refused
from proceedings.images.vector import MAX_COST, PATH_UNIT


def program(code: str) -> bytes:
    """What a program makes in a second that is held to the bounds of those that draw figures."""
    return programs._run([sys.executable, "-I", "-c", code], {}, "made", 1)


def test_a_program_that_waits_is_not_out_of_time() -> None:
    assert program("import time; time.sleep(1.5); open('made', 'w').write('x')") == b"x"


def test_a_program_that_computes_for_ever_is_stopped() -> None:
    with pytest.raises(Refused) as refused:
        program("while True: pass")
    assert refused.value.problem.code == "X110"


def test_an_svg_that_takes_too_long_to_draw_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that all cross each other: the time to draw them grows with the square of their number."""
    monkeypatch.setattr(programs, "SVG_SECONDS", 1)
    lines = "".join(f"L{n * 7919 % 997} {n * 104729 % 991}" for n in range(MAX_COST * PATH_UNIT // 6))
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 997 991"><path stroke="#000" d="M0 0{lines}"/></svg>'
    )
    made, problems = images.convert("sea.svg", drawing.encode())
    assert made is None and [problem.code for problem in problems] == ["X110"] and "1 s of" in problems[0].message


def test_a_figure_of_500_pages_is_its_first_page_and_a_finding() -> None:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(500):
            pdf.add_blank_page(page_size=(300, 200))
        pdf.save(file)
    made, problems = images.convert("sea.pdf", file.getvalue())
    assert made is not None and any("500" in problem.message for problem in problems)


def test_pandoc_has_time_for_the_references_too() -> None:
    """Two thousand references of 300 characters take citeproc some 25 s on a quiet machine."""
    assert pandoc.seconds_for_references("x" * 300 * 2000) >= 100


def test_references_that_take_too_long_are_told_once(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not tried half by half: each half would take as long again."""
    asked = []
    real = pandoc.run

    def slow(text: str, arguments: list[str], **options: object) -> tuple[str, list[str]]:
        if "--citeproc" in arguments and "loom" in text:
            asked.append(len(text))
            raise pandoc.PandocTimeout("pandoc did not finish within 23 s")
        return real(text, arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pandoc, "run", slow)
    paper = volume / "papers/loom/paper.md"
    paper.write_text(paper.read_text("utf-8") + "\nThe loom.\n", encoding="utf-8")
    made = run(volume, publish=False)
    told = [item for item in made.findings if item.code == "S006"]
    assert [item.location.path for item in told] == ["papers/loom/paper.md"] and len(asked) == 1
    assert not {"O901", "O902"} & {item.code for item in made.findings}
    assert {"tides", "note", "welcome"} <= set(made.edition.prepared) and "loom" not in made.edition.prepared
