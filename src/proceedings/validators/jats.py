"""JATS: the official DTDs, in this process; the DOCTYPE of a file says which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from proceedings.installation import INSTALL_COMMAND, find, package
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict

LONGEST_LIST = 300  # characters: content models in messages are cut there
LAST_LINE = 65535  # libxml2 counts no further in its messages
_DTD_PACKAGE = "@jats4r/dtds"
_LITERAL = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_REFERENCE = re.compile(rb"&([^#;&\s][^;&\s]*);")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+[\w:.-]+\s+PUBLIC\s+(?:\"([^\"]*)\"|'([^']*)')")


def public_identifier(path: Path) -> str:
    """The public identifier of an XML file's DOCTYPE, by which its DTD is known, or ""."""
    with path.open("rb") as handle:
        found = _DOCTYPE.search(handle.read(4096))
    return (found[1] or found[2] or b"").decode("ascii", "replace") if found else ""


def has_doctype(public: str, path: Path) -> bool:
    """Whether a file is XML of the document type with that public identifier."""
    return path.suffix == ".xml" and public_identifier(path) == public


def _locate(file: str) -> Tool | Missing:
    row = package(_DTD_PACKAGE)
    folder = find(_DTD_PACKAGE)
    if folder is None:
        return Missing(f"the package {row.name} {row.version} is not installed", f"run `{INSTALL_COMMAND}`")
    from lxml import etree

    libxml2 = ".".join(map(str, etree.LIBXML_VERSION))
    return Tool(f"{row.name} {row.version}", folder / "schema" / "1.3" / file, f"libxml2 {libxml2}")


@cache
def _dtd(path: Path) -> Any:
    from lxml import etree

    return etree.DTD(str(path))


def run(tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    """Hold each file against the DTD that `tool` is."""
    return {path: _against_dtd(tool.path, path) for path in paths}


def _against_dtd(dtd_path: Path, path: Path) -> Verdict:
    """The document is read without its DTD and then held against it: lxml refuses external entities."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        tree = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        return (Problem(str(error.msg), "well-formed", line=line, column=column),)
    dtd = _dtd(dtd_path)
    dtd.validate(tree)
    entries = {(entry.line, _shortened(entry.message), entry.type_name) for entry in dtd.error_log}
    entries.update(_undeclared_entities(path.read_bytes(), dtd_path))
    return tuple(
        Problem(message, rule, line=line if line < LAST_LINE else None) for line, message, rule in sorted(entries)
    )


@cache
def _declared_entities(path: Path) -> frozenset[str]:
    return frozenset({"amp", "lt", "gt", "quot", "apos"}.union(entity.name for entity in _dtd(path).iterentities()))


def _undeclared_entities(content: bytes, dtd_path: Path) -> Iterator[tuple[int, str, str]]:
    """Named references that the DTD does not declare; a parser that does not load it passes over them."""
    declared = _declared_entities(dtd_path)
    bare = _LITERAL.sub(lambda found: b"\n" * found[0].count(b"\n"), content)
    for found in _REFERENCE.finditer(bare):
        name = found[1].decode("utf-8", "replace")
        if name not in declared:
            yield (
                bare.count(b"\n", 0, found.start()) + 1,
                f"No declaration for entity {name}",
                "DTD_UNKNOWN_ENTITY",
            )


def _shortened(message: str) -> str:
    """libxml2 prints whole content models, of up to several thousand characters."""
    return ", got ".join(
        part if len(part) <= LONGEST_LIST else part[: LONGEST_LIST - 1].rstrip() + "…"
        for part in message.split(", got ")
    )


_JOURNAL = (
    "<journal-meta><journal-id journal-id-type='publisher-id'>sample</journal-id><issn>1234-5679</issn></journal-meta>"
)


def _article(public: str, file: str, *, journal: str, target: str = "p1", maths: str = "mi") -> bytes:
    return f"""<!DOCTYPE article PUBLIC "{public}" "{file}">
<article xmlns:mml="http://www.w3.org/1998/Math/MathML" dtd-version="1.3" article-type="research-article">
<front>{journal}<article-meta><title-group><article-title>A sample</article-title></title-group>
<pub-date><year>2026</year></pub-date></article-meta></front>
<body><p id="p1">See <xref rid="{target}">this</xref>:
<inline-formula><mml:math><mml:{maths}>x</mml:{maths}></mml:math></inline-formula></p></body>
</article>
""".encode()


def _samples(public: str, file: str, journal: str) -> Samples:
    """Wrong are: a dangling reference, an element that MathML does not know, an article without a title, and
    one without its journal where the DTD requires that (so that one DTD is not taken for the other)."""
    article = partial(_article, public, file, journal=journal)
    unsound = [article(target="p2"), article(maths="mx"), article().replace(b"article-title", b"title")]
    if journal:
        unsound.append(article(journal=""))
    return Samples(".xml", article(), tuple(unsound))


def _validator(name: str, public: str, file: str, journal: str) -> Validator:
    return Validator(
        name=name,
        applies=partial(has_doctype, public),
        in_process=True,
        locate=partial(_locate, file),
        run=run,
        samples=partial(_samples, public, file, journal),
    )


_NLM = "-//NLM//DTD JATS (Z39.96) Journal {} DTD with MathML3 v1.3 20210610//EN"

PUBLISHING = _validator(
    "JATS Publishing 1.3", _NLM.format("Publishing"), "JATS-journalpublishing1-3-mathml3.dtd", _JOURNAL
)
ARCHIVING = _validator(
    "JATS Archiving 1.3", _NLM.format("Archiving and Interchange"), "JATS-archivearticle1-3-mathml3.dtd", ""
)
