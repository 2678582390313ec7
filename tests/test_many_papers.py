"""A volume of 200 papers: what did not change is neither parsed nor run, and costs no worker."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from pathlib import Path

import pytest
from conftest import Inline, request_for

from proceedings import pandoc, pipeline

PAPERS = 200
TEXT = "---\ntitle: Tides\nkind: editorial\nauthors: [{given: Aigul, family: Tolqyn}]\n---\n\nTides come twice a day.\n"


class Idle(Executor):
    """Workers that must not be asked."""

    def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        raise AssertionError(f"{args[0]} was run")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volume, checked once. pandoc is asked once for what is the same in all papers but the slug."""
    root = tmp_path_factory.mktemp("many") / "volume"
    for number in range(PAPERS):
        folder = root / "papers" / f"tides-{number:03}"
        folder.mkdir(parents=True)
        (folder / "paper.md").write_text(TEXT, encoding="utf-8")
    (root / "volume.yaml").write_text("title: Many Tides\n", encoding="utf-8")
    known: dict[str, tuple[str, list[str]]] = {}
    real = pandoc.run

    def remembered(text: str, arguments: list[str], **options: object) -> tuple[str, list[str]]:
        key = json.dumps([text, list(arguments), options], default=str)
        if key not in known:
            known[key] = real(text, arguments, **options)  # type: ignore[arg-type]
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pandoc, "run", remembered)
        report = pipeline.build(request_for(root, publish=False), executor=Inline())
    assert len(report.manuscripts) == PAPERS
    return root


def test_an_unchanged_volume_runs_nothing(many: Path) -> None:
    report = pipeline.build(request_for(many, publish=False), executor=Idle())
    assert report.outcome.made == []
    assert len(report.outcome.kept) >= 2 * PAPERS


def test_one_changed_paper_runs_alone(many: Path) -> None:
    (many / "papers/tides-007/paper.md").write_text(TEXT.replace("twice", "once"), encoding="utf-8")
    report = pipeline.build(request_for(many, publish=False), executor=Inline())
    assert set(report.outcome.made) == {"read/tides-007", "prepare/tides-007", "fragment/tides-007"}
