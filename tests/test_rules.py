"""Every rule has a folder that shows it: files laid over the sound volume, and all that is then told.

`pytest tests/test_rules.py --accept` writes what is told into expected.txt; read it as an author would, then commit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from conftest import Inline, request_for, run
from overlay import lay

from proceedings import pandoc, pipeline, rules, scaffold
from proceedings.build import pool
from proceedings.catalogue import RULES
from proceedings.diagnostics import Diagnostic, Severity
from proceedings.model import Kind

FOLDER = Path(__file__).parent / "rules"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())

# Rules that no file of a volume can show, and where they are shown instead.
ELSEWHERE = {
    "O001": "an output that is not valid is a fault of this program: test_validators.py",
    "O002": "likewise",
    "O003": "depends on the validators that are installed: test_validators.py",
    "O100": "raw markup ends at the dialects; the JATS renderer tells it of trees from elsewhere: test_jats.py",
    "O103": "links to nowhere end at the transforms; the JATS renderer tells them of other trees: test_jats.py",
    "C026": "needs a network that gives no answer: test_references.py",
    "C027": "needs a thousand works: test_citations.py",
    **dict.fromkeys(
        ("O200", "O201", "O202", "O203", "O204", "O205", "O206", "O207"),
        "outputs that disagree with the sources are a fault of this program: test_agreement.py",
    ),
    "O901": "needs a step that exhausts the machine: here",
    "O902": "needs a bug: test_build.py",
    "X116": "needs a program to be missing: here",
    "X123": "needs an image that only the renderer of print fails at: test_typesetting.py",
    "X206": "links to nowhere end at the transforms; the layout tells them of other pages: here",
}


def as_told(findings: Iterable[Diagnostic]) -> str:
    """Findings as concise lines, each with its hint below."""
    lines = []
    for item in findings:
        lines.append(f"{item.location}: {item.severity.label}[{item.code}] {item.message}\n")
        lines += [f"  hint: {item.hint}\n"] if item.hint else []
    return "".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(case: Path, volume: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "seconds_for", lambda text: 3)
    asked = lay(case, volume)
    report = run(volume, publish=asked.get("publish", False))
    told = as_told(report.findings)
    if request.config.getoption("--accept"):
        (case / "expected.txt").write_text(told, encoding="utf-8")
    assert told == (case / "expected.txt").read_text(encoding="utf-8")
    assert case.name in {item.code for item in report.findings}


def test_every_rule_is_shown() -> None:
    assert {case.name for case in CASES} | set(ELSEWHERE) == set(RULES)


def test_names_of_rules_are_unique() -> None:
    """`checks:` in volume.yaml takes a rule by its name, too."""
    names = [rule.name for rule in RULES.values()]
    assert sorted(set(names)) == sorted(names)
    assert all(re.fullmatch(r"[a-z]+(?:-[a-z]+)*", name) for name in names)


def test_the_catalogue_reads_as_sentences() -> None:
    """`proceedings rule CODE` prints "Reports {summary}." and below it why, and what to do, as whole sentences."""
    for rule in RULES.values():
        assert not rule.summary.endswith("."), rule.code
        assert all(text.endswith((".", ")")) for text in (rule.why, rule.fix)), rule.code


# --- the rules that no file can show --------------------------------------------------------------------------------


def test_a_missing_program_is_told_at_the_image(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from proceedings.images import programs

    monkeypatch.setattr(programs, "which", lambda name: None)
    text = (volume / "papers/tides/paper.md").read_text(encoding="utf-8")
    (volume / "papers/tides/paper.md").write_text(text + '\n![The sea](sea.eps){alt="Waves"}\n', encoding="utf-8")
    (volume / "papers/tides/sea.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 40\nshowpage\n")
    told = run(volume, publish=False).findings
    assert as_told(told) == (
        "papers/tides/paper.md:14:12: error[X116] the program gs is not installed, so the image cannot be converted\n"
        "  hint: Install it: apt-get install ghostscript\n"
    )


def test_a_paper_that_exhausts_the_machine_is_told(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kills the worker of one paper, alone too, is a finding there, and the others are made."""

    class Crashing(Inline):
        def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            if getattr(getattr(args[1], "planned", None), "slug", "") != "tides":
                return super().submit(function, *args, **kwargs)
            future: Future = Future()
            future.set_exception(BrokenProcessPool("killed"))
            return future

    monkeypatch.setattr(pool, "processes", lambda workers, preload: Crashing())
    with (volume / "papers/tides/paper.md").open("a", encoding="utf-8") as text:
        text.write("\nMore.\n")
    report = pipeline.build(request_for(volume))
    assert [(item.code, item.location.path) for item in report.findings] == [("O901", "papers/tides/paper.md")]
    assert (volume / "build/pdf/loom.pdf").exists()
    assert not (volume / "build/pdf/tides.pdf").exists()


def test_a_link_that_the_layout_cannot_follow_is_told() -> None:
    from proceedings.renderings import pages
    from proceedings.typesetting import Body

    body = Body(b"", 1, (), (), {}, (), (), broken=("#shore",))
    assert [item.code for item in pages.lost(body, "papers/tides/paper.md", "en")] == ["X206"]


def test_findings_that_stop_a_paper_are_the_fatal_ones(volume: Path) -> None:
    """A contribution is left out where, and only where, a fatal finding says why."""
    (volume / "papers/note.md").write_text("No title here.\n", encoding="utf-8")
    report = run(volume, publish=False)
    assert [item.slug for item in report.edition.missing] == ["note"]
    assert [item.location.path for item in report.findings if item.severity is Severity.FATAL] == ["papers/note.md"]


def test_what_new_writes_is_known_as_a_template() -> None:
    """T203 looks for these words, so a change of the template has to change them, too."""
    made = "".join(scaffold._text("cloth", kind) for kind in Kind)
    assert [words for words in rules.TEMPLATE if words not in made] == []
    begun = (scaffold.SCAFFOLD / "papers/first-paper/paper.md").read_text(encoding="utf-8")
    assert [words for words in rules.BEGUN if words not in begun] == []
