"""Validation: every error at its line and in our words, and each costs no more than it must. tests/cases/records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proceedings import records
from proceedings.diagnostics import Location
from proceedings.model import Contribution, Record, Volume
from proceedings.source import Map, Scalar
from proceedings.yaml_reader import read_yaml

CASES = Path(__file__).parent / "cases" / "records"


def cases(name: str) -> list[Any]:
    data, problems = read_yaml((CASES / name).read_text("utf-8"), name)
    assert not problems, problems
    return [pytest.param(case, id=str(case["title"])) for case in data]


def judge(case: Map, kind: type[Record]) -> None:
    raw = Map.of(case["raw"], case["raw"].location)
    if kind is Contribution:
        raw[Scalar.of("slug", raw.location)] = "cloth"
    record, findings = records.validate(raw, kind, "paper.md")
    first = (raw.location.line or 0) - 1
    told = [f"{(item.location.line or 0) - first}: {item.code} {item.message}" for item in findings]
    assert sorted(told) == sorted(case.get("findings", []))
    assert all(item.hint for item in findings)
    kept = record and record.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"slug"})
    assert kept == (plain(case["kept"]) if "kept" in case else None)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else str(value)


@pytest.mark.parametrize("case", cases("contribution.yaml"))
def test_contribution(case: Map) -> None:
    judge(case, Contribution)


@pytest.mark.parametrize("case", cases("volume.yaml"))
def test_volume(case: Map) -> None:
    judge(case, Volume)


def test_a_value_without_a_place_is_told_at_the_file() -> None:
    record = Map.of({"slug": "cloth", "title": "Cloth", "kind": "opinion"}, Location("paper.md", 3, 1))
    _, findings = records.validate(record, Contribution, "paper.md")
    assert [str(item.location) for item in findings] == ["paper.md:3:1"]


@pytest.mark.parametrize(
    ("word", "meant"), [("keywrods", "keywords"), ("Short Title", "short-title"), ("zzz", ""), ("titel", "title")]
)
def test_closest(word: str, meant: str) -> None:
    assert records.closest(word, ["title", "keywords", "short-title"]) == meant
