"""Metadata in the shapes people write → our own form: tests/cases/frontmatter and tests/cases/volume.

A case has `raw`, `normalized` (the whole record) and `findings` (code and message); `bibliography`, `references`,
`nocite` and `extras` where there are any.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proceedings import frontmatter, records, source
from proceedings.diagnostics import Location
from proceedings.model import Contribution, Volume
from proceedings.source import Map, Scalar, Seq
from proceedings.yaml_reader import read_yaml

CASES = Path(__file__).parent / "cases"
CORPUS = Path(os.environ.get("PROCEEDINGS_SHARED", Path(__file__).parents[2] / "shared")) / "corpus"


def cases(folder: str) -> list[Any]:
    found = []
    for path in sorted((CASES / folder).glob("*.yaml")):
        data, problems = read_yaml(path.read_text("utf-8"), path.name)
        assert not problems, problems
        found += [pytest.param(case, id=f"{path.stem}: {case['title']}") for case in data]
    return found


def bare(value: Any) -> Any:
    """Positioned data as plain data."""
    if isinstance(value, dict):
        return {str(key): bare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    return None if value is None else str(value)


def told(findings: Any) -> list[str]:
    """Codes and messages, without the numbers of lines."""
    return [re.sub(r"\bline \d+", "line N", " ".join(f"{item.code} {item.message}".split())) for item in findings]


def expected(case: Map) -> list[str]:
    return [" ".join(text.split()) for text in case.get("findings", [])]


@pytest.mark.parametrize("case", cases("frontmatter"))
def test_frontmatter(case: Map) -> None:
    head = frontmatter.normalise(case["raw"], "paper.md")
    assert bare(head.record) == bare(case["normalized"])
    assert told(head.findings) == expected(case)
    assert bare(head.bibliography) == bare(case.get("bibliography", ()))
    assert bare(head.nocite) == bare(case.get("nocite", ()))
    assert bare(head.references) == bare(case.get("references", ()))
    settings = {key: value for key, value in head.extras.items() if key != "date"}
    assert bare(settings) == bare(case.get("extras", {}))


@pytest.mark.parametrize("case", cases("volume"))
def test_volume(case: Map) -> None:
    record, findings = frontmatter.of_volume(case["raw"], "volume.yaml")
    assert bare(record) == bare(case["normalized"])
    assert told(findings) == expected(case)


@pytest.mark.parametrize("case", cases("frontmatter"))
def test_every_value_keeps_its_place(case: Map) -> None:
    """Every value of the record, made by splitting or not, points into the file that it was read from."""
    raw = case["raw"]
    todo = [frontmatter.normalise(raw, "elsewhere.md").record]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            assert isinstance(value, Map)
            todo += value.values()
        elif isinstance(value, list):
            todo += value
        if value is not None and not (isinstance(value, str) and value.startswith(("**", "_"))):
            assert value.location.path == raw.location.path
            assert value.location.line >= raw.location.line


def test_a_finding_points_at_the_value() -> None:
    text = "title: Cloth\nauthors:\n  - name: Ada Loom\n    orcid: 0000-0002-1825-0098\n    colour: red\n"
    head, findings = validated(text)
    assert head is not None and head.contributors[0].name == "Ada Loom" and head.contributors[0].orcid is None
    assert [(str(item.location), item.code) for item in findings] == [
        ("paper.md:4:12", "I003"),
        ("paper.md:5:5", "M001"),
    ]
    assert findings[0].message.startswith("authors.0.orcid: '0000-0002-1825-0098' is not an ORCID iD")


def validated(text: str, path: str = "paper.md") -> tuple[Contribution | None, list[Any]]:
    data, problems = read_yaml(text, path)
    head = frontmatter.normalise(data if isinstance(data, Map) else Map.of({}, Location(path, 1, 1)), path)
    head.record["slug"] = Scalar.of("cloth", head.record.location)
    head.record.setdefault("title", Scalar.of("From the first heading", head.record.location))
    record, findings = records.validate(head.record, Contribution, path)
    return record, [*problems, *head.findings, *findings]


TEXTS = st.sampled_from(
    ["", "1", "a, 2", "Ada Loom", "true", "x@example.org", "10.5555/x", "{", "^[", "2024-01-02", "en", "\\\\"]
)
FIELDS = st.sampled_from(
    (
        "title abstract author authors name given affiliation affiliations id ref institute funding awards source "
        "statement license content parts keywords tags translations en kk contributors role roles credit email "
        "correspondence published date bibliography nocite references related corrects plain short text attributes "
        "num address Publication copyright "
    ).split()
)
PLACE = Location("paper.md", 1, 1)
KEYS = FIELDS.map(lambda text: Scalar.of(text, PLACE))
VALUES = st.recursive(
    st.none() | TEXTS.map(lambda text: Scalar.of(text, PLACE)),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: Seq.of(items, PLACE))
        | st.dictionaries(KEYS, inner, max_size=4).map(lambda items: Map.of(items, PLACE))
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_shape_is_a_failure(fields: dict[str, Any]) -> None:
    """Whatever is written, a record comes of it, and it can be validated."""
    head = frontmatter.normalise(Map.of(fields, PLACE), "paper.md")
    head.record["slug"] = head.record["title"] = Scalar.of("cloth", PLACE)
    record, _ = records.validate(head.record, Contribution, "paper.md")
    assert record is not None
    volume, _ = frontmatter.of_volume(Map.of(fields, PLACE), "volume.yaml")
    volume["title"] = Scalar.of("Cloth", PLACE)
    assert records.validate(volume, Volume, "volume.yaml")[0] is not None


AUTHORS = {
    "anywidget": 3, "basix": 4, "exotic-ld": 2, "forecasting-course": 3, "habitual-goal": 3, "inara-example": 3,
    "manopt": 1, "microphysics": 18,
    "rusergroups-ar": 1, "spatial-en": 1, "spatial-es": 1, "ssalib": 5, "tidyverse": 24,
    "timeseriesflattener": 5, "wikidata-subsetting": 18,
}  # fmt: skip


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the real papers are not at {CORPUS}")
@pytest.mark.parametrize("slug", AUTHORS)
def test_real_papers(slug: str) -> None:
    """Every author of a real paper is read, with every affiliation, and only true defects are errors."""
    text = source.decode((CORPUS / slug / "paper.md").read_bytes(), f"{slug}/paper.md")
    block, first_line = text.metadata
    record, findings = validated("\n" * (first_line - 1) + block, text.path)
    assert record is not None
    assert len(record.authors) == AUTHORS[slug]
    listed = {item.id for item in record.affiliations}
    assert {name for person in record.contributors for name in person.affiliations} == listed
    assert [item.code for item in findings if item.severity >= 2] == []
