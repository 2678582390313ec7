"""The EPUB as a whole, read back: its container, its package, and the chapters in the order of reading."""

from __future__ import annotations

import hashlib
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from proceedings.agreement.of_jats import parse
from proceedings.agreement.reading import Reading, Unreadable

_DC = "{http://purl.org/dc/elements/1.1/}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_OPF = "{http://www.idpf.org/2007/opf}"
_STATED = {
    "title": "full title", "language": "language", "date": "published", "rights": "licence name",
    "publisher": "publisher",
}  # fmt: skip


class Book:
    """An open EPUB. Raises Unreadable where it is none."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
            broken = self.archive.testzip()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as error:
            raise Unreadable(f"it is not a ZIP file that can be opened: {error}") from None
        if broken:
            raise Unreadable(f"{broken} in it is damaged")
        self.names = self.archive.namelist()

    def whole(self) -> Reading:
        """The container and what the package says of the volume."""
        reading = Reading()
        first = self.archive.infolist()[0] if self.names else None
        is_typed = first is not None and first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        if not is_typed or self.archive.read("mimetype") != b"application/epub+zip":
            reading.faults.append("its first file is not `mimetype`, uncompressed, by which EPUB is known")
        package = self._package()
        for name, fact in _STATED.items():
            values = [element.text for element in package.iter(f"{_DC}{name}")]
            reading.say(fact, f"dc:{name}", *(values[:1] if name == "language" else values))
        reading.say("identifier", "dc:identifier", *(element.text for element in package.iter(f"{_DC}identifier")))
        reading.say("editors", "dc:creator", *(element.text for element in package.iter(f"{_DC}creator")))
        reading.say("all authors", "dc:contributor", *(element.text for element in package.iter(f"{_DC}contributor")))
        reading.say("contributions", "the spine", *(slug for slug, _ in self.chapters()))
        reading.say("contents", "nav", *(f"{slug}: {words}" for slug, words in self._contents()))
        reading.faults += [f"{name} is named in the package and not there" for name in self._lost(package)]
        return reading

    def chapters(self) -> Iterator[tuple[str, str]]:
        """Slug and file of every chapter, as the spine has them."""
        package, folder = self._package(), posixpath.dirname(self._package_path())
        files = {
            item.get("id"): posixpath.join(folder, unquote(item.get("href") or ""))
            for item in package.iter(f"{_OPF}item")
        }
        for reference in package.iter(f"{_OPF}itemref"):
            path = files.get(reference.get("idref"), "")
            slug = posixpath.basename(path).removesuffix(".xhtml")
            if slug not in ("cover.page", "title", "nav") and path:
                yield slug, path

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Slug and title of every contribution that the navigation leads to."""
        package, folder = self._package(), posixpath.dirname(self._package_path())
        slugs = {path: slug for slug, path in self.chapters()}
        for item in package.iter(f"{_OPF}item"):
            path = posixpath.join(folder, unquote(item.get("href") or ""))
            if "nav" in (item.get("properties") or "").split() and path in self.names:
                navigation = parse(self.archive.read(path)).iter("{*}nav")
                for link in (link for nav in navigation if nav.get(_TYPE) == "toc" for link in nav.iter("{*}a")):
                    target = posixpath.join(posixpath.dirname(path), unquote(link.get("href") or ""))
                    if target in slugs:
                        yield slugs[target], " ".join("".join(link.itertext()).split())

    def pictures(self, slug: str) -> Iterator[tuple[str, str]]:
        """Name and digest (SHA-256) of every file that a chapter has in a folder of its own."""
        for name in self.names:
            if posixpath.basename(posixpath.dirname(name)) == slug and not name.endswith("/"):
                yield posixpath.basename(name), hashlib.sha256(self.archive.read(name)).hexdigest()

    def chapter(self, path: str) -> bytes:
        """The bytes of a chapter; empty where it is not there."""
        return self.archive.read(path) if path in self.names else b""

    def _package_path(self) -> str:
        if "META-INF/container.xml" not in self.names:
            raise Unreadable("it has no container.xml")
        container = parse(self.archive.read("META-INF/container.xml"))
        return next((str(item.get("full-path")) for item in container.iter() if item.get("full-path")), "")

    def _package(self) -> Any:
        path = self._package_path()
        if path not in self.names:
            raise Unreadable("it has no package")
        return parse(self.archive.read(path))

    def _lost(self, package: Any) -> Iterator[str]:
        folder = posixpath.dirname(self._package_path())
        for item in package.iter(f"{_OPF}item"):
            if posixpath.join(folder, unquote(item.get("href") or "")) not in self.names:
                yield str(item.get("href"))
