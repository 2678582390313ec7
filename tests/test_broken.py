"""What people, editors and programs break: a clear finding each, no traceback, bounded time, and the rest is made.

`PAPERS` are files of one paper each; `VOLUMES` are faults of volume.yaml. A test reads each alone; another builds a
volume of all of them.
"""

from __future__ import annotations

import os
import resource
import shutil
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import run

from proceedings import pandoc, pipeline, report
from proceedings.diagnostics import MANY, Severity, UsageFailure

BOUND = 20  # seconds of processor time that one broken file may cost
Content = str | bytes | Callable[[Path], None]


@dataclass(frozen=True)
class Broken:
    """Files by their path in the paper's folder (or the whole volume's), and the codes that must be told."""

    codes: str  # separated by spaces; '' where nothing is wrong after all
    files: dict[str, Content] = field(default_factory=dict)


def head(fields: str = "", body: str = "Tides come twice a day.\n") -> str:
    return f"---\ntitle: Tides\nkind: editorial\nauthors: [{{given: Aigul, family: Tolqyn}}]\n{fields}---\n\n{body}"


def paper(codes: str, text: str | bytes, **files: Content) -> Broken:
    return Broken(codes, {"paper.md": text, **{name.replace("__", "."): data for name, data in files.items()}})


def body(codes: str, text: str, **files: Content) -> Broken:
    return paper(codes, head(body=text), **files)


def figure(codes: str, target: str, **files: Content) -> Broken:
    return body(codes, f'![The sea.]({target}){{alt="Waves that break on a beach"}}\n', **files)


def library(codes: str, data: str | bytes, cited: str = "Tides come twice a day.\n") -> Broken:
    return paper(codes, head("bibliography: tides.bib\n", cited), tides__bib=data)


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def unreadable(path: Path) -> None:
    path.write_text(head(), encoding="utf-8")
    path.chmod(0)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims a size, with whatever follows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def entry(key: str, author: str = "Moon, Cy") -> str:
    fields = {"author": author, "title": f"Book {key}", "publisher": "P", "year": "2011"}
    return f"@book{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items()) + "}\n"


def indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def aliases() -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(rows) + "\n"


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40">{}<path d="M0 20 Q15 0 30 20"/></svg>'
BOMB = "".join(
    f"\\newcommand{{\\{b}}}{{{f'{chr(92)}{a}' * 10}}}\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

PAPERS: dict[str, Broken] = {
    # metadata
    "yaml-tab": paper("S010", "---\ntitle: Tides\nauthors:\n\t- Aigul Tolqyn\n---\n\nText.\n"),
    "yaml-colon": paper("S010", head("disclaimer: Mine: alone\n")),
    "yaml-quote": paper("S010", head('disclaimer: "Mine\n')),
    "yaml-alias-bomb": paper("S010", head(aliases())),
    "yaml-alias-of-itself": paper("S010", head("note: &note [*note]\n")),
    "yaml-undefined-alias": paper("S010", head("note: *nobody\n")),
    "yaml-deep": paper("S010", head("note: " + "[" * 3000 + "]" * 3000 + "\n")),
    "yaml-unending": paper("S010", head("note: " + "[" * 300_000 + "\n")),
    "yaml-list": paper("S010", "---\n- title: Tides\n- kind: editorial\n---\n\nText.\n"),
    "yaml-scalar": paper("M009", "---\nTides\n---\n\nText.\n"),
    "yaml-empty": paper("M003", "---\n---\n\nText.\n"),
    "yaml-unclosed": paper("S010", "---\ntitle: Tides\nkind: editorial\n\nTides come twice a day.\n"),
    "yaml-python-tag": paper("M001", head("note: !!python/object/apply:os.system ['true']\n")),
    "yaml-binary-key": paper("S010", head("? [a, b]\n: c\n")),
    "yaml-duplicate-key": paper("S011", head("lang: en\nlang: kk\n")),
    "yaml-every-type-wrong": paper(
        "M004", "---\ntitle: {a: b}\nauthors: 7\nabstract: [[x]]\naffiliations: [[1]]\n---\n\n# Tides\n\nText.\n"
    ),
    "yaml-null-everywhere": paper("", head("abstract:\nkeywords: []\naffiliations: ~\nfunding: {}\nlang: ''\n")),
    # the file
    "bom": paper("", "\ufeff" + head()),
    "crlf": paper("", head().replace("\n", "\r\n")),
    "old-mac": paper("", head().replace("\n", "\r")),
    "utf-16": paper("S001", head().encode("utf-16")),
    "latin-1": paper("S001", head(body="Caf\u00e9.\n").encode("latin-1")),
    "nul-bytes": paper("S003", head(body="Tides\x00 come\x00.\n")),
    "binary": paper("S001", bytes(range(256)) * 40),
    "empty": paper("M003", ""),
    "only-spaces": paper("M003", " \n\n \n"),
    "ten-megabytes": paper("S002", b"tide " * 2_000_000),
    "folder-as-file": Broken("S005", {"paper.md/why.txt": "?"}),
    "link-out": Broken("S005", {"paper.md": link_to("/etc/passwd")}),
    "link-loop": Broken("S005", {"paper.md": link_to("paper.md")}),
    "pipe": Broken("S005", {"paper.md": os.mkfifo}),
    "link-broken": Broken("S005", {"paper.md": link_to("nothing.md")}),
    "nfd": paper("S004", unicodedata.normalize("NFD", head(body="Tol\u0301qyn, Caf\u00e9.\n"))),
    # structure
    "lists-500-deep": body("S006", "".join("  " * n + "- tide\n" for n in range(500))),
    "quotes-500-deep": body("S006", "> " * 500 + "Tide.\n"),
    "quotes-60-deep": body("X001", "> " * 95 + "Tide.\n"),
    "brackets": body("S006", "[" * 5000),
    "divs-unclosed": body("S006", "<div>" * 3000),
    "emphasis": body("", "*a **b " * 500 + "\n"),
    "table-of-3000-rows": body("", "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 3000),
    "table-of-300-columns": body("", "|" + " a |" * 300 + "\n|" + "---|" * 300 + "\n|" + " 1 |" * 300 + "\n"),
    "long-word": body("", "tide" * 5000 + "\n"),
    "emoji": body("", "Tides \U0001f30a\U0001f468\u200d\U0001f469\u200d\U0001f467 come.\n"),
    "bidi-override": body("", "Tides \u202eecivt\u202c come.\n"),
    "fence-unclosed": body("X204", "```\nTides\n"),
    "directive-unclosed": body("X017", "```{figure} sea.png\nTides\n"),
    "html-soup": body("X020", "<b><i>Tides</b> come</i> <table><tr><td>twice\n\n</div></p>\n"),
    "script": body("X006", "<script>while(1);</script>\n\n<iframe src='//example.org'></iframe> Tides.\n"),
    "include": body("X009", "\\input{/etc/passwd}\n\n```{include} /etc/passwd\n```\n"),
    "labels": body("X002 X003", "# A {#sec:a}\n\nText @fig:none.\n\n# B {#sec:a}\n\nText.\n"),
    "notes-in-circles": body("", "Tides.[^a]\n\n[^a]: See.[^b]\n\n[^b]: See.[^a]\n"),
    "note-undefined": body("", "Tides.[^nowhere]\n"),
    # maths
    "maths-unclosed": body("X203", "Tides weigh $$ x + 1\n\nmuch, and \\begin{align} x\n"),
    "maths-bomb": body("S006", "\\newcommand{\\a}{xxxxxxxxxx}\n" + BOMB + "\nTides weigh $\\i$.\n"),
    "maths-small-bomb": body("X151", "\\newcommand{\\a}{xxxxxxxxxx}\n" + BOMB + "\nTides weigh $\\e$.\n"),
    "maths-recursive": body("S006", "\\newcommand{\\a}{\\a\\a}\n\nTides weigh $\\a$.\n"),
    "maths-unknown": body("X150", "Tides weigh $\\tidal{2}$ and ${{{$.\n"),
    "maths-deep": body("", "Tides weigh $" + "\\sqrt{" * 40 + "x" + "}" * 40 + "$.\n"),
    # references
    "bib-unbalanced": library("C003", "@book{moon2011,\n  title = {Water,\n" + entry("sun2011"), "See @sun2011.\n"),
    "bib-binary": library("C019", bytes(range(128, 256)) * 9),
    "bib-empty": library("", ""),
    "bib-duplicate": library("C004", entry("moon2011") * 2, "See @moon2011.\n"),
    "bib-of-10000": library("", "".join(entry(f"k{n}", f"Author{n}, A.") for n in range(10_000)), "See @k7.\n"),
    "bib-is-html": library("", "<!DOCTYPE html><title>Sign in</title>\n"),
    "bib-nfd-key": library("S004", entry("M\u00fcller2011"), unicodedata.normalize("NFD", "See @M\u00fcller2011.\n")),
    "bib-missing": paper("S008", head("bibliography: none.bib\n")),
    "bib-outside": paper("S007", head("bibliography: ../../../../../etc/passwd\n")),
    "bib-is-a-folder": Broken("S008", {"paper.md": head("bibliography: more\n"), "more/refs.txt": "?"}),
    "bib-undefined-key": body("C001", "See [@nobody; @{no body}].\n"),
    "csl-json-broken": paper("C003", head("bibliography: tides.json\n"), tides__json='[{"id": "a", "title": '),
    "csl-yaml-deep": paper(
        "C003", head("bibliography: tides.yaml\n"), tides__yaml="references:\n- {id: a, author: " + "[" * 90_000 + "\n"
    ),
    "csl-yaml-of-itself": paper(
        "C003", head("bibliography: tides.yaml\n"), tides__yaml="references:\n- &a {id: a, author: *a}\n"
    ),
    "csl-yaml-bomb": paper(
        "C003", head("bibliography: tides.yaml\n"), tides__yaml="references:\n- " + indented(aliases())
    ),
    # figures
    "png-truncated": figure("X104", "sea.png", sea__png=png(600, 400, bytes(600 * 400 * 3 + 400))[:200]),
    "png-bomb": figure("X110", "sea.png", sea__png=png(60000, 60000, bytes(1000))),
    "png-empty": figure("X103", "sea.png", sea__png=b""),
    "png-is-html": figure("X103", "sea.png", sea__png="<!DOCTYPE html>"),
    "svg-script": figure("X113", "sea.svg", sea__svg=SVG.format("<script>alert(1)</script>")),
    "svg-entities": figure(
        "X104",
        "sea.svg",
        sea__svg='<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "]>"
        + SVG.format("<text>&i;</text>"),
    ),
    "svg-file-entity": figure(
        "X114",
        "sea.svg",
        sea__svg='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG.format("<text>&a;</text>"),
    ),
    "svg-deep": figure("X104", "sea.svg", sea__svg=SVG.format("<g>" * 5000 + "</g>" * 5000)),
    "image-missing": figure("X100", "sea.png"),
    "image-outside": figure("X101", "../../../../../etc/hostname.png"),
    "image-absolute": figure("X101", "/etc/passwd"),
    "image-remote": figure("X102", "https://example.org/sea.png"),
    "image-file-address": figure("X102", "file:///etc/passwd"),
    "image-link-out": figure("X101", "sea.png", sea__png=link_to("/etc/passwd")),
    "image-link-loop": figure("X100", "sea.png", sea__png=link_to("sea.png")),
    "image-is-a-folder": figure("X100", "sea", **{"sea/x.txt": "?"}),
    "image-of-no-name": figure("X100", "sea%00.png"),
    "image-is-a-pipe": figure("X100", "sea.png", sea__png=os.mkfifo),
    "many-of-a-kind": paper("M001", head("".join(f"k{n}: v\n" for n in range(2000)))),
    "image-data": figure("X120", "data:image/png;base64,iVBOR"),
    "pdf-broken": figure("X104", "sea.pdf", sea__pdf=b"%PDF-1.7\nnothing\n"),
    "tiff-broken": figure("X104", "sea.tif", sea__tif=b"II*\x00\xff\xff\xff\xff"),
}  # fmt: skip


def put(folder: Path, files: dict[str, Content]) -> None:
    """Write a case's files into a folder."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        if callable(content):
            content(target)
        elif isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_bytes(content.encode())


def seconds() -> float:
    """Processor time of this process and of those that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def assert_told(made: pipeline.Report, wanted: str, inside: str) -> None:
    """The codes are told at the file, nothing is a bug, and the exit status says whether there are errors."""
    codes = {item.code for item in made.findings if item.location.path.startswith(inside)}
    assert set(wanted.split()) <= codes, [f"{item.location}: {item.code} {item.message}" for item in made.findings]
    assert not {"O901", "O902"} & {item.code for item in made.findings}, [item.message for item in made.findings]
    bad = any(item.severity >= Severity.ERROR for item in made.findings)
    assert report.exit_status(made.findings) == int(bad)
    for format_ in report.FORMATS.values():
        assert format_(made.findings, report.source_lines(made.root)) is not None


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "seconds_for", lambda text: 3 + len(text) // 50_000)


@pytest.mark.parametrize("name", PAPERS)
def test_paper(name: str, volume: Path) -> None:
    case = PAPERS[name]
    shutil.rmtree(volume / "papers/tides")
    put(volume / "papers/tides", case.files)
    before = seconds()
    made = run(volume, publish=False)
    assert seconds() - before < BOUND
    assert_told(made, case.codes, "papers/tides")
    assert {"loom", "note", "welcome"} <= set(made.edition.prepared)
    assert len(made.findings) <= 2 * MANY
    if not case.codes:
        assert "tides" in made.edition.prepared


@pytest.mark.parametrize("more", [1, 2, 100])
def test_what_is_found_too_often_is_counted(more: int, volume: Path) -> None:
    record = "TY  - JOUR\nTI  - Tides\nAU  - Moon, C.\nER  - \n"
    shutil.rmtree(volume / "papers/tides")
    put(volume / "papers/tides", {"paper.md": head("bibliography: a.ris\n"), "a.ris": record * (MANY + more)})
    made = run(volume, publish=False, only=("tides",))
    told = [item.message for item in made.findings if item.code == "C018"]
    without_key = [message for message in told if "no ID" in message]
    assert told[len(without_key) :] == ([] if more == 1 else [f"from here on the same is found {more} times more"])
    assert len(without_key) == MANY + (more == 1)


# --- the volume -----------------------------------------------------------------------------------------------------

GOOD = (Path(__file__).parent / "volume" / "volume.yaml").read_text(encoding="utf-8")


def without(*fields: str) -> str:
    """The sound volume.yaml without some of its top-level fields."""
    return "\n".join(line for line in GOOD.split("\n") if not line.startswith(fields))


VOLUMES: dict[str, Broken] = {
    "missing": Broken("V001"),
    "empty": Broken("V001", {"volume.yaml": ""}),
    "only-a-comment": Broken("V001", {"volume.yaml": "# nothing\n"}),
    "list": Broken("V001", {"volume.yaml": "- title: Things\n"}),
    "tab": Broken("S010", {"volume.yaml": "title: Things\nevent:\n\tname: Meeting\n"}),
    "utf-16": Broken("S001", {"volume.yaml": GOOD.encode("utf-16")}),
    "folder": Broken("V001", {"volume.yaml/x.txt": "?"}),
    "link-loop": Broken("V001", {"volume.yaml": link_to("volume.yaml")}),
    "alias-bomb": Broken("S010", {"volume.yaml": GOOD + aliases()}),
    "no-title": Broken("M003", {"volume.yaml": without("title:")}),
    "title-only": Broken("V026 V027 V028", {"volume.yaml": "title: Things\n"}),
    "sections-as-text": Broken("M004", {"volume.yaml": without("sections:", "  ") + "\nsections: all of them\n"}),
    "wrong-types": Broken("M004", {"volume.yaml": "title: [a, b]\npublisher: [x]\nevent: 7\neditors: {a: b}\n"}),
    "wrong-dates": Broken("M006", {"volume.yaml": without("published:") + "published: 31.02.2025\n"}),
    "misspelt-field": Broken("M002", {"volume.yaml": GOOD + "publishr: {name: X}\n"}),
    "unknown-field": Broken("M001", {"volume.yaml": GOOD + "colour: blue\n"}),
    "unknown-paper": Broken("V015", {"volume.yaml": GOOD.replace("[tides, note]", "[tides, note, nobody]")}),
    "twice-listed": Broken("V013", {"volume.yaml": GOOD.replace("[tides, note]", "[tides, note, tides]")}),
    "unlisted": Broken("V014", {"volume.yaml": GOOD.replace("[tides, note]", "[note]")}),
    "path-as-slug": Broken("M008", {"volume.yaml": GOOD.replace("[tides, note]", "[tides, ../../etc/passwd]")}),
    "bad-doi-rule": Broken("I001", {"volume.yaml": without("doi-rule:") + "doi-rule: '{slug}'\n"}),
    "unknown-style": Broken("C020", {"volume.yaml": without("style:") + "style: house\n"}),
    "broken-style": Broken("C021", {"volume.yaml": without("style:") + "style: h.csl\n", "styles/h.csl": "<style"}),
    "missing-library": Broken("S008", {"volume.yaml": GOOD + "bibliography: [bibliography/none.bib]\n"}),
    "library-outside": Broken("S007", {"volume.yaml": GOOD + "bibliography: [../../etc/passwd]\n"}),
    "library-unbalanced": Broken("C003", {"bibliography/more.bib": "@book{a, title = {x\n"}),
    "name-of-the-volume": Broken("V011", {"papers/volume.md": head()}),
    "name-without-utf-8": Broken("V014", {"papers/tide\udcff/paper.md": head()}),
    "two-papers-one-slug": Broken("V012", {"papers/Tides.md": head()}),
    "odd-file-name": Broken("V011", {'papers/my "tide"\n$(touch x) #1.md': head().replace("Tides", "Other tides")}),
    "slug-of-nothing": Broken("V011", {"papers/潮.md": head().replace("Tides", "Other tides")}),
}  # fmt: skip
FATAL = {"missing", "empty", "only-a-comment", "list", "tab", "utf-16", "folder", "link-loop", "alias-bomb", "no-title",
         "wrong-types"}  # fmt: skip


@pytest.mark.parametrize("name", VOLUMES)
def test_volume(name: str, volume: Path) -> None:
    if name in ("missing", "folder"):
        (volume / "volume.yaml").unlink()
    put(volume, VOLUMES[name].files)
    before = seconds()
    made = run(volume, publish=False)
    assert seconds() - before < BOUND
    assert_told(made, VOLUMES[name].codes, "")
    if name not in FATAL:
        assert {"loom", "welcome"} <= set(made.edition.prepared)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"volume.yaml": without("style:") + "style: h.csl\n"}, "not in styles/"),
        ({"volume.yaml": without("style:") + "style: h.csl\n", "styles/h.csl": b"<style>\xe9"}, "not UTF-8"),
        ({"volume.yaml": GOOD + "stylesheets: [none.css]\n"}, "not in styles/"),
        ({"volume.yaml": GOOD + "stylesheets: [../../etc/passwd]\n"}, "not in styles/"),
    ],
)
def test_a_style_that_cannot_be_had_stops_the_run(files: dict[str, Content], told: str, volume: Path) -> None:
    put(volume, files)
    with pytest.raises(UsageFailure, match=told):
        run(volume)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(volume: Path) -> None:
    put(volume / "papers/tides", {"paper.md": unreadable})
    assert_told(run(volume, publish=False), "S005", "papers/tides")


def together(volume: Path, names: Iterable[str]) -> None:
    """Put papers beside the sound ones, into a volume that lists none."""
    (volume / "volume.yaml").write_text(without("sections:", "  "), encoding="utf-8")
    for name in names:
        put(volume / "papers" / name, PAPERS[name].files)


def lost(made: pipeline.Report) -> set[str]:
    return {item.location.path.split("/")[1] for item in made.findings if item.severity is Severity.FATAL}


SLOW = {"bib-of-10000", "table-of-3000-rows", "brackets", "lists-500-deep", "maths-bomb"}


def test_all_at_once(volume: Path) -> None:
    """Nearly every paper of a volume is broken; it says what it lacks, and why, and the others are read."""
    together(volume, PAPERS.keys() - SLOW)
    made = run(volume, publish=False)
    assert not {"O901", "O902"} & {item.code for item in made.findings}
    assert lost(made) == {missing.slug for missing in made.edition.missing}
    assert set(made.edition.prepared) == {"loom", "tides", "note", "welcome", *PAPERS} - SLOW - lost(made)


PUBLISHED = ("yaml-colon", "utf-16", "empty", "folder-as-file", "link-loop", "nul-bytes", "quotes-60-deep", "html-soup",
             "labels", "emoji", "long-word", "maths-unclosed", "maths-unknown", "bib-unbalanced", "bib-undefined-key",
             "image-missing", "image-of-no-name", "image-remote", "png-truncated", "table-of-300-columns")  # fmt: skip


def test_a_volume_of_broken_papers_is_published(volume: Path) -> None:
    together(volume, PUBLISHED)
    made = run(volume)
    assert [item for item in made.findings if item.code.startswith(("O001", "O2", "O9"))] == []
    assert lost(made) == {"yaml-colon", "utf-16", "empty", "folder-as-file", "link-loop", "quotes-60-deep"}
    for slug in {"loom", "tides", *PUBLISHED} - lost(made):
        for path in (f"html/{slug}/index.html", f"pdf/{slug}.pdf", f"jats/{slug}.xml"):
            assert (volume / "build" / path).exists(), path
    contents = (volume / "build/html/index.html").read_text(encoding="utf-8")
    assert all(slug in contents for slug in lost(made))
