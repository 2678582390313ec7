"""The official validators: each proves itself, and nothing is called valid that it did not see."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from proceedings import validators
from proceedings.diagnostics import Severity
from proceedings.validators import (
    VALIDATORS,
    Forgetful,
    Missing,
    NoVerdict,
    Problem,
    Samples,
    Tool,
    Validator,
    findings,
    json_schema,
    typed,
    validate,
)
from proceedings.validators.judging import judge, self_test

SHARED = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parent.parent.parent / "shared"))
BY_NAME = {validator.name: validator for validator in VALIDATORS}
WRONG = Problem("a wrong word", "W1", Severity.ERROR, line=1)


def located(name: str) -> Tool:
    tool = BY_NAME[name].locate()
    if isinstance(tool, Missing):
        pytest.skip(f"{tool.reason}: {tool.advice}")
    return tool


class Memory(dict):
    """A cache."""

    def put(self, key, value):
        self[key] = value


class Reader:
    """A validator of our own that rejects every file with the word `wrong`, and counts what it reads."""

    def __init__(self, judgement=lambda text: (WRONG,) if "wrong" in text else ()):
        self.judgement = judgement
        self.read: list[str] = []

    def run(self, tool, paths):
        self.read += [path.name for path in paths]
        return {path: self.judgement(path.read_text()) for path in paths}

    def row(self, **changes) -> Validator:
        row = Validator(
            "reader",
            lambda path: path.suffix == ".txt",
            True,
            lambda: Tool("1", Path("/"), "here"),
            self.run,
            lambda: Samples(".txt", b"right", (b"wrong", b"also wrong")),
        )
        return replace(row, **changes)


@pytest.fixture
def files(tmp_path):
    """A right and a wrong file, and one of another format."""
    for name, text in {"a.txt": "right too", "b.txt": "so wrong", "c.png": "a picture"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def shown(row, folder, *, full=True, cache=None):
    return judge([row], sorted(folder.iterdir()), full=full, cache=Forgetful() if cache is None else cache)


def reasons(report):
    return {row.path.name: row.reason for row in report.unchecked}


# --- judging ------------------------------------------------------------------------------------------------


def test_a_report_says_who_checked_what(files):
    report = shown(Reader().row(), files)
    assert not report.valid
    assert report.problems == {files / "b.txt": (("reader", WRONG),)}
    assert report.checked == {"reader (1)": (files / "a.txt", files / "b.txt")}
    assert reasons(report) == {"c.png": "no official validator knows the format"}


UNBELIEVABLE = {
    "accepts everything": (lambda text: (), "accepts 2 of 2 files that are wrong"),
    "accepts some": (lambda text: (WRONG,) if text.startswith("wrong") else (), "accepts 1 of 2"),
    "only warns": (
        lambda text: (Problem("hm", severity=Severity.WARNING),) * ("wrong" in text),
        "accepts 2 of 2",
    ),
    "rejects everything": (lambda text: (WRONG,), "rejects a sound file (a wrong word)"),
    "does not come to an end": (lambda text: NoVerdict("it took too long"), "it took too long"),
}


@pytest.mark.parametrize("fault", UNBELIEVABLE)
def test_a_validator_that_fails_its_self_test_is_not_believed(files, fault):
    judgement, reason = UNBELIEVABLE[fault]
    cache = Memory()
    report = shown(Reader(judgement).row(), files, cache=cache)
    assert report.checked == {}
    assert reason in reasons(report)["a.txt"]
    assert reason in reasons(report)["b.txt"]
    assert all(isinstance(value, str) for value in cache.values()), "no verdict of it is remembered"


def test_what_is_absent_or_fails_later_is_told_as_unchecked(files):
    absent = shown(Reader().row(locate=lambda: Missing("it is not installed", "get it")), files)
    assert [(row.reason, row.advice) for row in absent.unchecked][:2] == [("it is not installed", "get it")] * 2

    breaks = Reader(lambda text: NoVerdict("it broke") if text.startswith("so") else (WRONG,) * ("wrong" in text))
    report = shown(breaks.row(), files)
    assert report.checked == {"reader (1)": (files / "a.txt",)}
    assert reasons(report)["b.txt"] == "it broke"

    silent = Reader()
    row = silent.row(run=lambda tool, paths: {p: v for p, v in silent.run(tool, paths).items() if p.stem != "a"})
    assert reasons(shown(row, files))["a.txt"] == "it said nothing of this file"


def test_a_slow_validator_runs_only_when_asked_but_is_remembered(files):
    reader, cache = Reader(), Memory()
    row = reader.row(in_process=False)

    assert set(reasons(shown(row, files, full=False, cache=cache))) == {"a.txt", "b.txt", "c.png"}
    assert reader.read == []

    first = shown(row, files, cache=cache)
    once = list(reader.read)
    assert shown(row, files, full=False, cache=cache) == shown(row, files, cache=cache) == first
    assert reader.read == once, "nothing is read twice"

    (files / "a.txt").write_text("now wrong")
    assert reasons(shown(row, files, full=False, cache=cache)).keys() == {"a.txt", "c.png"}
    assert len(shown(row, files, cache=cache).problems) == 2
    assert reader.read == [*once, "a.txt"], "the samples are remembered too"


def test_another_version_or_runtime_is_asked_again(files):
    reader, cache = Reader(), Memory()
    shown(reader.row(), files, cache=cache)
    known = len(reader.read)
    shown(reader.row(locate=lambda: Tool("1", Path("/"), "elsewhere")), files, cache=cache)
    assert len(reader.read) == known, "its verdicts on files are still good"
    shown(reader.row(locate=lambda: Tool("2", Path("/"), "here")), files, cache=cache)
    assert len(reader.read) == known + 5


def test_a_file_that_is_gone_is_not_valid(tmp_path):
    report = validate([tmp_path / "gone.epub"], full=True)
    assert reasons(report) == {"gone.epub": "it is not there"}


def test_findings_name_the_place_and_tell_each_gap_once(files):
    (files / "d.css").write_text("a style")
    inside = Problem("wrong inside", "", Severity.WARNING, part="x/ch1.xhtml", line=3, column=4)
    reader = Reader(lambda text: (WRONG, inside) if "wrong" in text else ())
    found = [(row.code, str(row.location), row.message) for row in findings(shown(reader.row(), files), files)]
    assert found == [
        ("O001", "b.txt:1", "reader says: a wrong word [W1]"),
        ("O002", "b.txt", "reader says: x/ch1.xhtml:3:4: wrong inside"),
        ("O003", "c.png", "1 .css and 1 .png files not checked: no official validator knows the format"),
    ]


# --- the real ones ------------------------------------------------------------------------------------------


@pytest.fixture
def dtds_only(monkeypatch):
    """The rules that no registry has are not looked at, wherever the tests run."""
    monkeypatch.delenv("PROCEEDINGS_SCHEMAS", raising=False)
    missing = [row for row in VALIDATORS if row.name in ("JATS4R", "the PMC style checker", "SciELO PS")]
    monkeypatch.setattr(validators, "VALIDATORS", tuple(row for row in VALIDATORS if row not in missing))


@pytest.mark.parametrize("name", BY_NAME)
def test_each_validator_proves_itself(name):
    assert self_test(BY_NAME[name], located(name), Forgetful()) == ""


def article(kind: str = "Publishing", **changes: str) -> str:
    located("JATS Publishing 1.3")
    text = BY_NAME[f"JATS {kind} 1.3"].samples().sound.decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def verdict(folder: Path, text: str):
    path = folder / "paper.jats.xml"
    path.write_text(text, encoding="utf-8")
    return path, validate([path], full=False)


def test_the_doctype_chooses_the_dtd(tmp_path, dtds_only):
    _, report = verdict(tmp_path, article("Archiving"))
    assert list(report.checked) == ["JATS Archiving 1.3 (@jats4r/dtds 0.0.10)"]
    assert report.valid

    archiving, publishing = (BY_NAME[f"JATS {kind} 1.3"].applies.args[0] for kind in ("Archiving", "Publishing"))
    _, report = verdict(tmp_path, article("Archiving").replace(archiving, publishing))
    assert not report.valid, "Publishing requires the journal"

    path, report = verdict(tmp_path, article().replace(" v1.3 ", " v9.9 "))
    assert (report.checked, reasons(report)) == ({}, {path.name: "no official validator knows the format"})


WRONG_JATS = {
    "IDREFS attribute rid references an unknown ID": ("DTD_UNKNOWN_ID", 5, {'rid="p1"': 'rid="p9"'}),
    "No declaration for element blink": ("DTD_UNKNOWN_ELEM", 5, {"xref rid": "blink rid", "/xref": "/blink"}),
    "Opening and ending tag mismatch": ("well-formed", 7, {"</body>": ""}),
    "No declaration for entity secret": ("DTD_UNKNOWN_ENTITY", 3, {"A sample": "&amp;&nbsp;&#160;&secret;"}),
}


@pytest.mark.parametrize("message", WRONG_JATS)
def test_jats_problems_have_their_line(tmp_path, message, dtds_only):
    rule, line, changes = WRONG_JATS[message]
    path, report = verdict(tmp_path, article(**changes))
    problems = [problem for _, problem in report.problems[path]]
    assert any((problem.rule, problem.line) == (rule, line) and message in problem.message for problem in problems), (
        problems
    )


def test_no_file_is_read_through_an_entity(tmp_path, dtds_only):
    (tmp_path / "secret.txt").write_text("secret words")
    text = article().replace('-mathml3.dtd">', "-mathml3.dtd\" [<!ENTITY s SYSTEM 'secret.txt'>]>")
    _, report = verdict(tmp_path, text.replace("A sample", "&s;"))
    assert "secret words" not in str(report)


def test_lines_of_long_files_and_long_content_models(tmp_path, dtds_only):
    path, report = verdict(tmp_path, article(**{"<body>": "<body>" + "<p>x</p>\n" * 70_000 + "<p><blink/></p>"}))
    problems = [problem for _, problem in report.problems[path]]
    assert {problem.line for problem in problems} == {None}, "no line rather than a wrong one"
    assert all(len(problem.message) < 700 for problem in problems)

    literal = "<!-- &a; -->\n<p><![CDATA[\n&b;]]></p>"
    assert verdict(tmp_path, article(**{"<body>": "<body>" + literal}))[1].valid


RULES = {
    # validator, what is changed in its sound sample, what it says, and at which line
    "JATS4R": ({"<copyright-year>2026</copyright-year>": ""}, "copyright-year", 8),
    "the PMC style checker": ({"<month>01</month>": "<month>13</month>"}, "month", 9),
    "SciELO PS": ({'pub-type="epub"': 'publication-format="electronic"'}, "issn with pub-type", 4),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_name_the_line(tmp_path, name):
    changes, message, line = RULES[name]
    tool = located(name)
    text = BY_NAME[name].samples().sound.decode()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "paper.xml"
    path.write_text(text, encoding="utf-8")
    [problem] = [item for item in BY_NAME[name].run(tool, [path])[path] if message in item.message]
    assert (problem.severity, problem.line) == (Severity.ERROR, line)


def test_each_profile_has_its_rules(tmp_path):
    """What says that it follows SciELO's schema is held against that alone, since the others contradict it."""
    path = tmp_path / "paper.xml"
    seen = []
    for name in ("JATS4R", "SciELO PS"):
        path.write_bytes(BY_NAME[name].samples().sound)
        seen.append([rule for rule in RULES if BY_NAME[rule].applies(path)])
    assert seen == [["JATS4R", "the PMC style checker"], ["SciELO PS"]]


def test_rules_that_cannot_be_used_stop_nothing(tmp_path):
    (tmp_path / "jats4r.sch").write_text("<schema/>")
    path = tmp_path / "paper.xml"
    path.write_bytes(BY_NAME["JATS4R"].samples().sound)
    for name in RULES:
        tool = Tool("0", tmp_path / "none.sch")
        [verdict] = BY_NAME[name].run(tool, [path]).values()
        assert isinstance(verdict, NoVerdict)
        assert "rules cannot be used" in verdict.reason


def test_ids_are_known_as_ids_and_lines_stay(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text("<!DOCTYPE a PUBLIC 'x'\n 'http://example.org/none.dtd'>\n<a><b id='i'/>\n<c rid='i'/></a>")
    tree = typed.tree(typed.source(path))
    assert [element.tag for element in tree.xpath("id('i')")] == ["b"]
    assert [element.sourceline for element in tree] == [3, 4]


@pytest.mark.parametrize("file", ["paper.jats.xml", "oped.jats.xml"])
def test_files_known_to_be_valid(file, dtds_only):
    if not (SHARED / "gold" / file).exists():
        pytest.skip(f"there is no {SHARED / 'gold'}")
    located("JATS Publishing 1.3")
    report = validate([SHARED / "gold" / file], full=False)
    assert (report.valid, report.unchecked) == (True, ())


def test_epubcheck_names_the_file_inside(tmp_path):
    tool = located("epubcheck")
    path = tmp_path / "volume.epub"
    path.write_bytes(BY_NAME["epubcheck"].samples().unsound[0])
    broken = tmp_path / "broken.epub"
    broken.write_bytes(b"no archive")
    verdicts = BY_NAME["epubcheck"].run(tool, [path, broken])
    assert [(problem.rule, problem.part) for problem in verdicts[path]] == [("RSC-007", "nav.xhtml")]
    assert verdicts[broken]
    assert all(problem.part == "" for problem in verdicts[broken])


def test_every_validator_is_tried(monkeypatch):
    lost = Reader().row(locate=lambda: Missing("it is not installed", "get it"))
    easy = Reader(lambda text: ()).row(name="easy")
    monkeypatch.setattr(validators, "VALIDATORS", (Reader().row(name="good"), easy, lost))
    states = {name: (state, why) for name, state, why in validators.trials()}
    assert [states[name][0] for name in ("good", "easy", "reader")] == ["proved", "doubted", "absent"]
    assert states["reader"][1] == "it is not installed (get it)"


def test_exports_keep_to_the_fields_of_csl(tmp_path):
    """What a library has besides them is kept, where CSL-JSON has a place for it."""
    import json

    from proceedings.bibliography.exports import csl_json

    tool = located("CSL-JSON")
    path = tmp_path / "a.json"
    path.write_text(csl_json([{"id": "a", "type": "book", "title": "T", "other-ids": {"arxiv": "1"}}]))
    assert BY_NAME["CSL-JSON"].run(tool, [path]) == {path: ()}
    assert json.loads(path.read_text())[0]["custom"] == {"other-ids": {"arxiv": "1"}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\ntitle: T\nkind: sonnet\n---\n", (3, "kind: 'sonnet' is not one of")),
        ("---\ntitle: T\nsupplements:\n  - {file: [a, b]}\n---\n", (4, "supplements")),
        ("---\ntitle: NO\nreceived: 2024-01-02\n---\n", None),  # text, as YAML 1.2 has it
    ],
)
def test_metadata_against_the_schema_of_editors_tools(tmp_path, text, told):
    path = tmp_path / "paper.md"
    path.write_text(text)
    verdict = BY_NAME["JSON Schema of a contribution"].run(located("JSON Schema of a contribution"), [path])[path]
    assert [(problem.line, told[1] in problem.message) for problem in verdict] == ([(told[0], True)] if told else [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [("---\ntitle: T\ntags: [a]\n---\n", "for other tools"), ("# T\n\nWords.\n", "no metadata")],
)
def test_other_metadata_are_not_called_valid(tmp_path, text, reason):
    path = tmp_path / "paper.md"
    path.write_text(text)
    verdict = BY_NAME["JSON Schema of a contribution"].run(located("JSON Schema of a contribution"), [path])[path]
    assert isinstance(verdict, NoVerdict) and reason in verdict.reason


@pytest.mark.parametrize(
    "text", ["x: " + "[" * 3000 + "]" * 3000, "x: " + "{a: " * 2000 + "1" + "}" * 2000, "[" * 9000]
)
def test_metadata_nested_without_measure_are_unreadable(text: str) -> None:
    with pytest.raises(json_schema._Unreadable):
        json_schema._read_yaml(text)
