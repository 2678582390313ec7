"""Schematron rules for JATS: the recommendations of JATS4R, and SciELO's Publishing Schema.

Schematron is compiled to XSLT by the ISO skeleton that lxml carries. SciELO's rules are XSLT 1.0 and run in lxml;
JATS4R's are XPath 2.0 and run in Saxon (the package saxonche).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Severity
from proceedings.validators import jats, schemas, typed
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_XSLT = "{http://www.w3.org/1999/XSL/Transform}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_SEVERITIES = {"warning": Severity.WARNING, "warn": Severity.WARNING, "info": Severity.NOTE}
_SPS = re.compile(rb"<article\s[^>]*\bspecific-use=[\"']sps-")

Report = Callable[[bytes], Any]  # the source of a document → the SVRL that says what it breaks


def run(report_of: Callable[[Path], Report], tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    """Hold each file against the rules that `tool` is."""
    try:
        report = report_of(tool.path)
    except Exception as error:  # whatever else lies in a folder that somebody names
        return dict.fromkeys(paths, NoVerdict(f"its rules cannot be used: {str(error).splitlines()[0]}"))
    return {path: _verdict(report, path) for path in paths}


def _verdict(report: Report, path: Path) -> Verdict | NoVerdict:
    from lxml import etree

    try:
        data = typed.source(path)
        tree = typed.tree(data)
    except etree.XMLSyntaxError as error:
        return NoVerdict(f"it is not well-formed: {error.msg}")
    found = {_problem(tree, row) for row in report(data).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")}
    grave = (one for one in found if one.severity > Severity.NOTE)
    return tuple(sorted(grave, key=lambda one: (one.line or 0, one.message)))


def _problem(tree: Any, row: Any) -> Problem:
    """One message of a report, at the line of the element that it is about."""
    message = " ".join(" ".join(row.itertext()).split())
    severity = _SEVERITIES.get((row.get("role") or "").lower(), Severity.ERROR)
    found = tree.xpath(row.get("location") or "/*")
    element = found[0] if isinstance(found, list) and found else tree
    element = element if hasattr(element, "sourceline") else element.getparent()
    return Problem(message, row.get("id") or "", severity, line=element.sourceline)


def _compiled(path: Path) -> Any:
    """A Schematron schema as the root of an XSLT stylesheet. The skeleton knows XSLT 1.0 only, so that a later query
    language is renamed before; functions, which it passes over, are put back."""
    from lxml import etree, isoschematron  # type: ignore[attr-defined]  # the stubs lack it

    schema = etree.parse(str(path))
    binding = schema.getroot().get("queryBinding", "xslt")
    schema.getroot().set("queryBinding", binding.removesuffix("2"))
    expanded = isoschematron.iso_abstract_expand(isoschematron.iso_dsdl_include(schema))
    sheet = isoschematron.iso_svrl_for_xslt1(expanded).getroot()
    if not binding.endswith("2"):
        return sheet
    schema_types = "http://www.w3.org/2001/XMLSchema"
    names = {**schema.getroot().nsmap, "xs": schema_types, "xsd": schema_types}
    whole = etree.Element(sheet.tag, {"version": "2.0", _BASE: path.as_uri()}, nsmap=_named({**names, **sheet.nsmap}))
    whole.extend([*sheet, *schema.getroot().iterfind(f"{_XSLT}function")])
    return whole


def _named(spaces: Mapping[str | None, str]) -> dict[str, str]:
    return {prefix: uri for prefix, uri in spaces.items() if prefix}


@cache
def _by_lxml(path: Path) -> Report:
    from lxml import etree

    transform = etree.XSLT(_compiled(path), access_control=typed.reading_only())
    return lambda data: transform(typed.tree(data)).getroot()


# JATS4R's rules ask of what kind "the" target of an xref is: of several ids (which the DTD checks) they get the first.
_SEVERAL = re.compile(rb"(<xref\b[^<>]*\brid=[\"'][^\s\"'<>]+)\s[^\"'<>]*([\"'])")


@cache
def _by_saxon(path: Path) -> Report:
    from lxml import etree
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    sheet = etree.tostring(_compiled(path), encoding="unicode")
    transform = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet)

    def report(data: bytes) -> Any:
        node = processor.parse_xml(xml_text=_SEVERAL.sub(rb"\1\2", data).decode())
        return etree.fromstring(transform.transform_to_string(xdm_node=node).encode())

    return report


# --- JATS4R ---------------------------------------------------------------------------------------------------


def _is_article(path: Path) -> bool:
    return any(validator.applies(path) for validator in (jats.PUBLISHING, jats.ARCHIVING))


def is_scielo(path: Path) -> bool:
    """Whether an article says that it follows SciELO's Publishing Schema, which contradicts the others' rules."""
    with path.open("rb") as handle:
        return _SPS.search(handle.read(8192)) is not None


def _locate_jats4r() -> Tool | Missing:
    from importlib import metadata

    found = schemas.locate("jats4r", "jats4r.sch")
    if isinstance(found, Missing):
        return found
    try:
        saxon = metadata.version("saxonche")
    except metadata.PackageNotFoundError:
        return Missing("saxonche is not installed", "pip install saxonche")
    content = b"".join(file.read_bytes() for file in sorted(found.parent.iterdir()) if file.is_file())
    return Tool(f"rules {hashlib.sha256(content).hexdigest()[:8]}", found.resolve(), f"saxonche {saxon}")


_NLM = "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD with MathML3 v1.3 20210610//EN"


def article_sample(*, use: str = "", journal: str = "", meta: str = "", body: str = "<p>Words.</p>") -> bytes:
    """A small article of our own."""
    profile = f' specific-use="{use}"' if use else ""
    return f"""<!DOCTYPE article PUBLIC "{_NLM}" "sample.dtd">
<article article-type="research-article" dtd-version="1.3" xml:lang="en"{profile}
 xmlns:xlink="http://www.w3.org/1999/xlink">
<front><journal-meta>{journal}</journal-meta><article-meta>{meta}</article-meta></front>
<body>{body}</body></article>
""".encode()


_META = """<article-categories><subj-group subj-group-type="heading"><subject>Paper</subject></subj-group>
</article-categories><title-group><article-title>A sample</article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Doe</surname><given-names>Jo</given-names></name></contrib>
</contrib-group><pub-date date-type="pub" publication-format="electronic" iso-8601-date="2026-01-02"><day>02</day>
<month>01</month><year>2026</year></pub-date><permissions><copyright-statement>© 2026 Jo Doe</copyright-statement>
<copyright-year>2026</copyright-year><copyright-holder>Jo Doe</copyright-holder></permissions>"""


def _samples_of_jats4r() -> Samples:
    """Wrong are: an article without its rights, and a picture without a description."""
    picture = '<fig id="f"><label>Figure 1</label><graphic xlink:href="f.png"/></fig>'
    rights = _META.index("<permissions>")
    unsound = (article_sample(meta=_META[:rights]), article_sample(meta=_META, body=picture))
    return Samples(".xml", article_sample(meta=_META), unsound)


JATS4R = Validator(
    name="JATS4R",
    applies=lambda path: _is_article(path) and not is_scielo(path),
    in_process=True,
    locate=_locate_jats4r,
    run=partial(run, _by_saxon),
    samples=_samples_of_jats4r,
)

# --- SciELO ---------------------------------------------------------------------------------------------------


def _locate_scielo() -> Tool | Missing:
    found = schemas.locate("scielo", "scielo-style-1.10.sch")
    return found if isinstance(found, Missing) else Tool("1.10", found.resolve(), schemas.libxml2())


_JOURNAL = """<journal-id journal-id-type="publisher-id">sample</journal-id><journal-title-group>
<journal-title>Sample</journal-title><abbrev-journal-title abbrev-type="publisher">Sample</abbrev-journal-title>
</journal-title-group><issn pub-type="epub">2049-3630</issn><publisher><publisher-name>P</publisher-name></publisher>"""
_SCIELO_META = """<article-id pub-id-type="doi">10.1000/sample</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Paper</subject></subj-group></article-categories>
<title-group><article-title>A sample</article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Doe</surname><given-names>Jo</given-names></name>
<xref ref-type="aff" rid="aff1"/></contrib></contrib-group>
<aff id="aff1"><institution content-type="original">Sample, Brazil</institution>
<institution content-type="orgname">Sample</institution><country country="BR">Brazil</country></aff>
<pub-date date-type="pub" publication-format="electronic"><day>02</day><month>01</month><year>2026</year></pub-date>
<volume>1</volume><elocation-id>e1</elocation-id>
<permissions><license license-type="open-access" xml:lang="en"
 xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>CC BY</license-p></license></permissions>
<abstract><p>Short.</p></abstract><kwd-group xml:lang="en"><kwd>sample</kwd></kwd-group>
<counts><fig-count count="0"/><table-count count="0"/><equation-count count="0"/><ref-count count="0"/>
<page-count count="1"/></counts>"""


def _samples_of_scielo() -> Samples:
    """Wrong are: a version of the schema that there is not, and keywords in no language."""
    sample = partial(article_sample, journal=_JOURNAL)
    unsound = (
        sample(use="sps-0.1", meta=_SCIELO_META),
        sample(use="sps-1.10", meta=_SCIELO_META.replace('<kwd-group xml:lang="en">', "<kwd-group>")),
    )
    return Samples(".xml", sample(use="sps-1.10", meta=_SCIELO_META), unsound)


SCIELO = Validator(
    name="SciELO PS",
    applies=lambda path: _is_article(path) and is_scielo(path),
    in_process=True,
    locate=_locate_scielo,
    run=partial(run, _by_lxml),
    samples=_samples_of_scielo,
)
