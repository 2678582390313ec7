"""Metadata of a PDF file as an XMP packet and as the document information dictionary.

PDF/A allows a property only if its schema is predefined (Dublin Core, XMP basic, XMP rights, Adobe PDF) or
described in the packet (ISO 19005-2, 6.6.2.3): PRISM and the PDF/UA identification are described here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

PRISM = "http://prismstandard.org/namespaces/basic/3.0/"
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "prism": PRISM,
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
# PRISM properties, in the order of writing: name, XMP value type, description (PRISM Basic 3.0).
PRISM_PROPERTIES = (
    ("doi", "Text", "Digital Object Identifier of the publication"),
    ("isbn", "Text", "International Standard Book Number"),
    ("issn", "Text", "International Standard Serial Number of the printed serial"),
    ("eIssn", "Text", "International Standard Serial Number of the electronic serial"),
    ("publicationName", "Text", "Title of the volume in which the resource appears"),
    ("volume", "Text", "Number of the volume in its series"),
    ("startingPage", "Text", "First page of the resource"),
    ("endingPage", "Text", "Last page of the resource"),
    ("pageRange", "Text", "Pages of the resource"),
    ("url", "URL", "Address of the resource"),
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a PDF file says about itself. Empty values are left out; dates are ISO 8601 and given, never taken
    from a clock."""

    title: str
    language: str  # BCP 47
    authors: tuple[str, ...] = ()
    subject: str = ""
    keywords: tuple[str, ...] = ()
    publisher: str = ""
    doi: str = ""  # 10.1234/abc
    isbn: str = ""
    issn: str = ""  # of the printed serial
    eissn: str = ""
    publication: str = ""
    volume: str = ""
    first_page: str = ""
    last_page: str = ""
    url: str = ""
    licence: str = ""  # address of the licence
    rights: str = ""
    created: str = ""
    modified: str = ""
    producer: str = "proceedings"


def packet(metadata: Metadata, *, attachments: bool = False) -> bytes:
    """The XMP packet of a file that is PDF/UA-1 and PDF/A-2a, or PDF/A-3a where it has attachments."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    properties = [
        f"<pdfaid:part>{3 if attachments else 2}</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        *_dublin_core(metadata),
        *_elements("pdf", {"Producer": metadata.producer, "Keywords": ", ".join(metadata.keywords)}),
        *_elements("xmp", {"CreateDate": metadata.created, "ModifyDate": metadata.modified}),
        *_elements("xmpRights", {"WebStatement": metadata.licence}),
        *_elements("prism", _prism(metadata)),
    ]
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'<rdf:Description rdf:about="" {declared}>\n' + "\n".join(properties) + "\n</rdf:Description>\n"
        f"{_extensions()}\n</rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()


def information(metadata: Metadata) -> dict[str, str]:
    """The document information dictionary: the same facts for old readers."""
    rows = {
        "/Title": metadata.title,
        "/Author": ", ".join(metadata.authors),
        "/Subject": metadata.subject,
        "/Keywords": ", ".join(metadata.keywords),
        "/Producer": metadata.producer,
        "/CreationDate": pdf_date(metadata.created),
        "/ModDate": pdf_date(metadata.modified),
    }
    return {name: value for name, value in rows.items() if value}


def pdf_date(iso: str) -> str:
    """An ISO 8601 date or time as PDF writes it (ISO 32000-1, 7.9.4): 2026-05-01T10:00:00+02:00 →
    D:20260501100000+02'00."""
    if not iso:
        return ""
    date, _, clock = iso.partition("T")
    zone = ""
    for sign in "+-":
        if sign in clock:
            clock, offset = clock.split(sign)
            zone = sign + offset.replace(":", "'")
    if clock.endswith("Z"):
        clock, zone = clock[:-1], "Z"
    return "D:" + date.replace("-", "") + clock.partition(".")[0].replace(":", "") + zone


def _dublin_core(metadata: Metadata) -> Iterable[str]:
    identifier = f"doi:{metadata.doi}" if metadata.doi else ""
    yield from _elements("dc", {"format": "application/pdf", "identifier": identifier})
    texts = {"title": metadata.title, "description": metadata.subject, "rights": metadata.rights}
    for name, text in texts.items():
        if text:
            item = f'<rdf:li xml:lang="x-default">{escape(text)}</rdf:li>'
            yield f"<dc:{name}><rdf:Alt>{item}</rdf:Alt></dc:{name}>"
    date = metadata.modified or metadata.created
    containers = (
        ("creator", "Seq", metadata.authors),
        ("subject", "Bag", metadata.keywords),
        ("publisher", "Bag", (metadata.publisher,) if metadata.publisher else ()),
        ("language", "Bag", (metadata.language,)),
        ("date", "Seq", (date,) if date else ()),
    )
    for name, container, values in containers:
        if values:
            items = "".join(f"<rdf:li>{escape(value)}</rdf:li>" for value in values)
            yield f"<dc:{name}><rdf:{container}>{items}</rdf:{container}></dc:{name}>"


def _prism(metadata: Metadata) -> Mapping[str, str]:
    ends = (metadata.first_page, metadata.last_page)
    return {
        "doi": metadata.doi,
        "isbn": metadata.isbn,
        "issn": metadata.issn,
        "eIssn": metadata.eissn,
        "publicationName": metadata.publication,
        "volume": metadata.volume,
        "startingPage": metadata.first_page,
        "endingPage": metadata.last_page,
        "pageRange": "-".join(dict.fromkeys(end for end in ends if end)),
        "url": metadata.url,
    }


def _elements(prefix: str, values: Mapping[str, str]) -> Iterable[str]:
    return (f"<{prefix}:{name}>{escape(value)}</{prefix}:{name}>" for name, value in values.items() if value)


def _extensions() -> str:
    """Descriptions of the two schemas that PDF/A does not predefine."""
    part = (("part", "Integer", "Part of ISO 14289"),)
    schemas = _schema("PDF/UA identification", "pdfuaid", part) + _schema("PRISM", "prism", PRISM_PROPERTIES)
    return (
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
        'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
        'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{schemas}</rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )


def _schema(title: str, prefix: str, properties: Iterable[tuple[str, str, str]]) -> str:
    category = "internal" if prefix == "pdfuaid" else "external"
    rows = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        for name, kind, meaning in properties
    )
    return (
        f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{title}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{NAMESPACES[prefix]}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{rows}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
