"""The builder's promises: nothing runs twice, only what sees a change runs, nothing is lost or left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from conftest import VOLUME, run

from proceedings import pipeline
from proceedings.build import Builder, Job, Result, Workshop, builder
from proceedings.diagnostics import Severity, UsageFailure
from proceedings.model import Record


def artifacts(root: Path) -> dict[str, bytes]:
    build = root / "build"
    files = (path for path in build.rglob("*") if path.is_file() and ".cache" not in path.parts)
    return {path.relative_to(build).as_posix(): path.read_bytes() for path in files}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def stages(report: pipeline.Report) -> set[str]:
    return set(report.outcome.made)


def test_everything_is_made(sound: Path) -> None:
    made = set(artifacts(sound))
    slugs = {"loom", "note", "tides", "welcome"}
    assert {f"html/{slug}/index.html" for slug in slugs} <= made
    assert {f"pdf/{slug}.pdf" for slug in slugs} <= made
    assert {f"jats/{slug}.xml" for slug in slugs} <= made
    assert {"pdf/volume.pdf", "epub/volume.epub", "html/index.html", "html/style.css"} <= made


def test_pages_of_the_site_lead_to_their_neighbours(sound: Path) -> None:
    site = sound / "build/html"
    listed = re.findall(r'<li[^>]*><a href="([\w-]+)/index.html"', (site / "index.html").read_text("utf-8"))
    assert len(listed) == 4
    for before, slug, behind in zip(["", *listed], listed, [*listed[1:], ""], strict=False):
        page = (site / slug / "index.html").read_text("utf-8")
        found = dict(re.findall(r'<a rel="(prev|next)" href="\.\./([\w-]+)/index.html"', page))
        assert found == {rel: to for rel, to in (("prev", before), ("next", behind)) if to}


def test_second_run_makes_nothing(volume: Path) -> None:
    before = artifacts(volume)
    report = run(volume)
    assert report.outcome.made == []
    assert artifacts(volume) == before


def test_touched_files_are_not_read_again(volume: Path) -> None:
    for path in (volume / "papers").rglob("*.*"):
        os.utime(path)
    assert run(volume).outcome.made == []


def test_same_bytes_from_nothing(volume: Path, tmp_path: Path) -> None:
    """Two builds of the same sources in different places, one by two processes, agree in every byte."""
    import shutil

    other = tmp_path / "elsewhere"
    shutil.copytree(VOLUME, other)
    pipeline.build(pipeline.Request(root=other, out=other / "build", jobs=2))
    assert artifacts(other) == artifacts(volume)


def test_a_changed_word_runs_only_what_sees_it(volume: Path) -> None:
    edit(volume / "papers/tides/paper.md", "Once would do", "Once may do")
    made = stages(run(volume))
    seen = {"read/tides", "prepare/tides", "fragment/tides", "layout/tides", "html/tides", "epub/volume", "pdf/volume"}
    assert seen <= made
    assert not {name for name in made if name.endswith(("/loom", "/note", "/welcome"))}


def test_a_change_without_effect_stops(volume: Path) -> None:
    """A comment is no part of the tree: the paper is read again, and nothing else happens."""
    with (volume / "papers/tides/paper.md").open("a", encoding="utf-8") as text:
        text.write("\n<!-- seen by nobody -->\n")
    assert stages(run(volume)) == {"read/tides"}


def test_an_uncited_reference_changes_nothing(volume: Path) -> None:
    with (volume / "bibliography/shared.bib").open("a", encoding="utf-8") as library:
        library.write("\n@book{new2020, author={New, A.}, title={New}, publisher={P}, year={2020}}\n")
    made = stages(run(volume))
    assert not {name for name in made if not name.startswith(("read/", "library/"))}


def test_a_changed_reference_is_seen(volume: Path) -> None:
    edit(volume / "papers/loom/loom.bib", "A History of Thread", "The History of Thread")
    made = stages(run(volume))
    assert {"read/loom", "prepare/loom", "html/loom", "jats/loom"} <= made
    assert b"the history of thread" in artifacts(volume)["jats/loom.xml"].lower()
    assert "html/tides" not in made


def test_a_changed_figure_is_seen(volume: Path) -> None:
    edit(volume / "papers/loom/loom.svg", 'stroke-width="6"', 'stroke-width="9"')
    assert {"html/loom", "layout/loom"} <= stages(run(volume))


def test_a_file_that_appears_is_seen(volume: Path) -> None:
    """A paper that names a missing image is read again when the image comes."""
    with (volume / "papers/tides/paper.md").open("a", encoding="utf-8") as text:
        text.write('\n![The sea](sea.svg){alt="Waves"}\n')
    assert "X100" in {item.code for item in run(volume).findings}
    (volume / "papers/tides/sea.svg").write_bytes((volume / "papers/loom/loom.svg").read_bytes())
    report = run(volume)
    assert "read/tides" in report.outcome.made
    assert report.findings == []


def test_findings_are_told_again(volume: Path) -> None:
    edit(volume / "papers/tides/paper.md", "@moon2010", "@moon1910")
    first, second = run(volume), run(volume)
    assert second.outcome.made == []
    assert [str(item.location) + item.code for item in first.findings] == ["papers/tides/paper.md:12:40C001"]
    assert first.findings == second.findings


def test_lines_that_move_move_the_findings_only(volume: Path) -> None:
    path = volume / "papers/tides/paper.md"
    edit(path, "@moon2010", "@moon1910")
    run(volume)
    edit(path, "Tides come", "\n\nTides come")
    report = run(volume)
    assert stages(report) == {"read/tides"}
    assert [item.location.line for item in report.findings] == [14]


def test_a_broken_paper_does_not_stop_the_others(volume: Path) -> None:
    (volume / "papers/tides/paper.md").write_text("---\ntitle: [\n---\nText\n", encoding="utf-8")
    report = run(volume)
    assert [item.code for item in report.findings if item.severity is Severity.FATAL] == ["S010"]
    made = artifacts(volume)
    assert "html/tides/index.html" not in made and "stale/html/tides/index.html" in made
    assert "pdf/loom.pdf" in made
    assert "tides" in made["html/index.html"].decode(), "the contents say what is missing"
    again = run(volume)
    assert again.outcome.made == []
    assert again.findings == report.findings


def test_a_mended_paper_comes_back(volume: Path) -> None:
    path = volume / "papers/tides/paper.md"
    good = path.read_text(encoding="utf-8")
    path.write_text("---\ntitle: [\n---\nText\n", encoding="utf-8")
    run(volume)
    path.write_text(good, encoding="utf-8")
    report = run(volume)
    assert report.findings == []
    assert "html/tides/index.html" in artifacts(volume)


def test_a_deleted_paper_leaves_nothing(volume: Path) -> None:
    import shutil

    shutil.rmtree(volume / "papers/tides")
    edit(volume / "volume.yaml", "papers: [tides, note]", "papers: [note]")
    run(volume)
    assert not [name for name in artifacts(volume) if "tides" in name]


def test_files_of_others_stay(volume: Path) -> None:
    """Only files that the ledger wrote, and that are as it wrote them, are ever removed."""
    import shutil

    (volume / "build/html/mine.txt").write_text("mine")
    (volume / "build/html/tides/index.html").write_text("changed by hand")
    shutil.rmtree(volume / "papers/tides")
    edit(volume / "volume.yaml", "papers: [tides, note]", "papers: [note]")
    run(volume)
    assert artifacts(volume)["html/mine.txt"] == b"mine"
    assert artifacts(volume)["html/tides/index.html"] == b"changed by hand"


def test_a_lost_artifact_comes_back_without_work(volume: Path) -> None:
    before = artifacts(volume)
    (volume / "build/pdf/loom.pdf").unlink()
    (volume / "build/jats/loom.xml").write_text("tampered")
    report = run(volume)
    assert report.outcome.made == []
    assert artifacts(volume) == before


def test_only_and_to_limit_what_is_published(volume: Path) -> None:
    import shutil

    shutil.rmtree(volume / "build")
    whole = dict(artifacts(volume))
    assert whole == {}
    run(volume, only=("loom",), to=("jats",))
    assert [name for name in artifacts(volume) if not name.startswith("jats/loom")] == []
    assert b"<fpage>1</fpage>" in artifacts(volume)["jats/loom.xml"]


def test_only_names_a_paper(volume: Path) -> None:
    with pytest.raises(UsageFailure, match="no contribution"):
        run(volume, only=("nobody",))


def test_one_build_at_a_time(volume: Path) -> None:
    with Builder(volume, volume / "build"), pytest.raises(UsageFailure, match="another build"):
        run(volume)


def test_a_damaged_ledger_is_a_build_from_nothing(volume: Path) -> None:
    before = artifacts(volume)
    for path in (volume / "build/.cache").glob("ledger.sqlite*"):
        path.write_bytes(b"not a database" * 100)
    report = run(volume)
    assert report.outcome.kept == []
    assert artifacts(volume) == before

    assert {path.name for path in (volume / "build/.cache").glob("ledger*")} == {"ledger.sqlite"}


def test_nothing_is_put_among_the_sources(volume: Path) -> None:
    for out in ("papers/tides", "papers", "styles/../bibliography/made"):
        with pytest.raises(UsageFailure, match="among the sources"):
            pipeline.build(pipeline.Request(root=volume, out=volume / out))
    assert not (volume / "papers/tides/.cache").exists()


def test_what_is_no_longer_used_leaves_the_store(volume: Path) -> None:
    """Bytes, memos and verdicts of an earlier text go with the next whole build, and the others stay."""
    store = volume / "build/.cache/store"
    before = {path.name for path in store.glob("*/*")}
    edit(volume / "papers/tides/paper.md", "Once would do", "Once may do")
    run(volume)
    edit(volume / "papers/tides/paper.md", "Once may do", "Once would do")
    run(volume)
    assert {path.name for path in store.glob("*/*")} == before


def test_a_change_within_one_moment_is_seen(volume: Path) -> None:
    """Of the same size and with the same time stamp, as an editor's or a program's `touch -r` leaves it."""
    path = volume / "papers/tides/paper.md"
    stamp = path.stat()
    edit(path, "Once would do", "Once could d0")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert "read/tides" in stages(run(volume))


def test_a_kill_leaves_no_lie(tmp_path: Path) -> None:
    """Killed at several moments, the next build ends with the same bytes as an undisturbed one."""
    import shutil

    root = tmp_path / "volume"
    shutil.copytree(VOLUME, root)
    command = [sys.executable, "-m", "proceedings.cli", "build", "-q", "-C", str(root)]
    for delay in (1.0, 2.5, 4.0):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, start_new_session=True, **quiet)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for name, data in artifacts(root).items():
            assert data, f"{name} is half-written"
    assert run(root).findings == []
    disturbed = artifacts(root)
    shutil.rmtree(root / "build")
    run(root)
    assert disturbed == artifacts(root)


def test_an_unchanged_volume_is_told_without_the_model(volume: Path) -> None:
    """Neither records nor trees nor renderers are loaded, and the report is the same in every word."""
    code = (
        "import sys; from pathlib import Path; from proceedings import pipeline; root = Path(sys.argv[1]);"
        " report = pipeline.build(pipeline.Request(root=root, out=root / 'build'));"
        " print(sorted({'pydantic', 'lxml', 'pikepdf', 'weasyprint', 'yaml'} & set(sys.modules)), report.checked)"
    )
    first = run(volume)
    told = subprocess.run([sys.executable, "-c", code, str(volume)], capture_output=True, text=True, check=True).stdout
    assert told == f"[] {first.checked}\n"
    again = run(volume)
    assert (again.artifacts, again.findings, again.unchecked) == (first.artifacts, first.findings, first.unchecked)
    assert {*again.outcome.kept} == {*first.outcome.kept}


@pytest.mark.parametrize("name", ["papers/tides/new.png", "bibliography/new.bib", "styles/new.css"])
def test_a_new_file_beside_the_others_is_looked_at(name: str, volume: Path) -> None:
    """The last report is not told again where something was added to the sources."""
    run(volume)
    assert run(volume).plan is None
    path = volume / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    assert run(volume).plan is not None


def test_a_bug_is_met_again_until_it_is_mended(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from proceedings import citations

    with monkeypatch.context() as patch:
        patch.setattr(citations, "cite", lambda *_args, **_options: 1 / 0)
        edit(volume / "papers/tides/paper.md", "Once would do", "Once may do")
        assert [item.code for item in run(volume).findings] == ["O902"]
        assert [item.code for item in run(volume).findings] == ["O902"]
    assert run(volume).findings == []


def test_the_longest_way_is_begun_first() -> None:
    """Milestones are reached when all have ended that they wait for; a job that leads to long ones goes first."""
    from proceedings.build import Milestone
    from proceedings.build.agenda import Agenda

    def job(name: str, *after: str, weight: int = 1) -> Job:
        return Job(name, "", Record, Record, after=after, weight=weight)

    agenda = Agenda([job("a"), job("b"), Milestone("all", ("a", "b"), dict), job("c"), job("d", "c", weight=9)])
    order = []
    while agenda:
        found = agenda.next()
        assert found is not None
        order.append(found.name)
        agenda.ended(found.name)
    assert order == ["c", "d", "a", "b", "all"]
    assert agenda.total == 4


def test_a_bug_in_one_step_is_told(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from proceedings import citations

    def fail(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("never")

    monkeypatch.setattr(citations, "cite", fail)
    edit(volume / "papers/tides/paper.md", "Once would do", "Once may do")
    report = run(volume)
    assert [item.code for item in report.findings] == ["O902"]
    assert "pdf/loom.pdf" in artifacts(volume)


class Number(Record):
    number: int


def process(view: Number, _shop: Workshop) -> Result:
    """A step that tells in which process it ran."""
    return Result(Number(number=os.getpid()))


def test_workers_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that sets many documents grows, whatever they are: others take its place, and nothing is lost."""
    monkeypatch.setattr(builder, "_JOBS_OF_A_WORKER", 3)
    found: dict[str, int] = {}
    jobs = [
        Job(f"job-{number}", "test_build:process", partial(Number, number=number), Number,
            receive=lambda made, number=number: found.update({number: made.number}))
        for number in range(10)
    ]  # fmt: skip
    with Builder(tmp_path, tmp_path / "build", jobs=1) as made:
        made.run(jobs)
    assert len(found) == 10
    assert len(set(found.values())) == 4
