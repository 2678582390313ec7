"""PMC: the style checker of the National Library of Medicine, a stylesheet that copies a document and puts its
complaints beside what they are about. PMC takes serials only, so that articles without an ISSN are not shown to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Severity
from proceedings.validators import jats, schemas, typed
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict
from proceedings.validators.schematron import article_sample, is_scielo

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING}


def _locate() -> Tool | Missing:
    found = schemas.locate("pmc", "nlm-stylechecker.xsl")
    if isinstance(found, Missing):
        return found
    version = re.search(r"Version\s+(\d+\.\d+)", found.read_text(encoding="utf-8", errors="replace")[:4000])
    return Tool(version[1] if version else "?", found.resolve(), schemas.libxml2())


@cache
def _checker(path: Path) -> Any:
    from lxml import etree

    return etree.XSLT(etree.parse(str(path)), access_control=typed.reading_only())


def _run(tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    try:
        checker = _checker(tool.path)
    except Exception as error:  # whatever else lies in a folder that somebody names
        return dict.fromkeys(paths, NoVerdict(f"its rules cannot be used: {str(error).splitlines()[0]}"))
    return {path: _verdict(checker, path) for path in paths}


def _verdict(checker: Any, path: Path) -> Verdict | NoVerdict:
    from lxml import etree

    try:
        tree = typed.tree(typed.source(path))
    except etree.XMLSyntaxError as error:
        return NoVerdict(f"it is not well-formed: {error.msg}")
    copy = checker(tree, style=etree.XSLT.strparam("article"))
    return tuple(sorted(set(_complaints(tree, copy)), key=lambda one: (one.line or 0, one.message)))


def _complaints(tree: Any, copy: Any) -> Iterator[Problem]:
    """Each complaint at the line of the last element of the document that the copy has before it."""
    elements = tree.iter("*")
    line = 1
    for element in copy.getroot().iter("*"):
        severity = _SEVERITIES.get(element.tag)
        if severity is not None:
            yield Problem(" ".join(" ".join(element.itertext()).split()), "", severity, line=line)
        elif element.tag != "ERR" and not any(above.tag in _SEVERITIES for above in element.iterancestors()):
            line = next(elements, element).sourceline or line


_JOURNAL = """<journal-id journal-id-type="publisher-id">sample</journal-id><journal-title-group>
<journal-title>Sample</journal-title></journal-title-group><issn publication-format="electronic">2049-3630</issn>
<publisher><publisher-name>The Press</publisher-name></publisher>"""
_META = """<article-id pub-id-type="publisher-id">a</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Paper</subject></subj-group></article-categories>
<title-group><article-title>A sample</article-title></title-group>
<pub-date date-type="pub" publication-format="electronic"><day>02</day><month>01</month><year>2026</year></pub-date>
<volume>1</volume><elocation-id>e1</elocation-id>
<permissions><copyright-statement>© 2026 Jo Doe</copyright-statement></permissions>"""


def _samples() -> Samples:
    """Wrong are: an ISSN that is none, an unknown kind of article, and a reference to the wrong kind of thing."""
    sound = article_sample(journal=_JOURNAL, meta=_META)
    wrong = '<p>See <xref ref-type="fig" rid="s">A</xref>.</p><sec id="s"><title>A</title><p>Words.</p></sec>'
    unsound = (
        sound.replace(b"2049-3630", b"20493630"),
        sound.replace(b"research-article", b"paper"),
        article_sample(journal=_JOURNAL, meta=_META, body=wrong),
    )
    return Samples(".xml", sound, unsound)


PMC = Validator(
    name="the PMC style checker",
    applies=lambda path: jats.PUBLISHING.applies(path) and not is_scielo(path),
    in_process=True,
    locate=_locate,
    run=_run,
    samples=_samples,
)
