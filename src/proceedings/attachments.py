"""Files that go with a contribution as they are: recordings that stand in its text, and supplements to it.

A recording is an image whose file is video or sound; a supplement is a file that the metadata declare, or that the text
links to. Both stay in the paper's folder, may be no larger than `LARGEST`, and are of a kind that runs nothing where a
reader opens it: a page of HTML or a drawing with scripts would run them in the name of the volume's site.
"""

from __future__ import annotations

import re
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Protocol

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, attributes, classes, identifier, inlines, nodes, span, text
from proceedings.edition import FILE, RECORDING, Digest, FileAsset, asset_name
from proceedings.model import Contribution

LARGEST = 50_000_000  # bytes of one file; what is larger belongs into a repository
MOST = 200_000_000  # bytes of all files of one contribution

RECORDINGS = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".oga": "audio/ogg", ".ogg": "audio/ogg", ".opus": "audio/ogg",
    ".wav": "audio/wav", ".flac": "audio/flac",
}  # fmt: skip
SUPPLEMENTS = RECORDINGS | {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".txt": "text/plain", ".json": "application/json",
    ".jsonl": "application/x-ndjson", ".geojson": "application/geo+json", ".pdf": "application/pdf",
    ".xls": "application/vnd.ms-excel", ".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet", ".odt": "application/vnd.oasis.opendocument.text",
    ".zip": "application/zip", ".gz": "application/gzip", ".tgz": "application/gzip", ".tar": "application/x-tar",
    ".bz2": "application/x-bzip2", ".xz": "application/x-xz", ".7z": "application/x-7z-compressed",
    ".parquet": "application/vnd.apache.parquet", ".nc": "application/x-netcdf", ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5", ".npy": "application/octet-stream", ".npz": "application/zip",
    ".rds": "application/octet-stream", ".rda": "application/octet-stream", ".rdata": "application/octet-stream",
    ".dta": "application/octet-stream", ".sav": "application/octet-stream", ".mat": "application/octet-stream",
    ".shp": "application/octet-stream", ".gpkg": "application/geopackage+sqlite3", ".stl": "model/stl",
    ".py": "text/plain", ".r": "text/plain", ".jl": "text/plain", ".do": "text/plain", ".m": "text/plain",
    ".ipynb": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".tif": "image/tiff", ".tiff": "image/tiff",
}  # fmt: skip
"""Suffix → media type, of what no program runs by itself."""


class Folder(Protocol):
    """The files that a paper may use, by their path relative to its own folder."""

    def keep_file(self, path: str, most: int) -> tuple[Digest, int]:
        """Put a file into the store: its digest and its size; no digest where it is larger than `most`.

        FileNotFoundError where there is none, PermissionError outside of the folder."""
        ...

    def list_names(self) -> Sequence[str]: ...


def collect(
    document: Document, contribution: Contribution, folder: Folder, path: str
) -> tuple[tuple[FileAsset, ...], list[Diagnostic]]:
    """The files of a contribution, and findings at `path`. In the document, in place, recordings become spans and links
    to files become links to assets; what cannot be had stays as it is."""
    work = _Collection(folder, contribution.slug, path)
    scope = [document["blocks"], document.get("meta", {})]
    figures = {id(image) for figure in nodes(scope, "Figure") for image in nodes(figure, "Image")}
    for image in list(nodes(scope, "Image")):
        if _suffix(image["c"][2][0]) in RECORDINGS and not _is_elsewhere(image["c"][2][0]):
            work.take_recording(image, id(image) in figures)
    for link in list(nodes(scope, "Link")):
        if _suffix(link["c"][2][0]) in SUPPLEMENTS and not _is_elsewhere(link["c"][2][0]):
            work.take_link(link)
    for supplement in contribution.supplements:
        if supplement.file:
            work.take_declared(supplement.file)
    return tuple(work.assets.values()), work.findings


def _is_elsewhere(target: str) -> bool:
    """Whether an address is none of a file beside the paper."""
    return bool(re.match(r"[a-z][a-z0-9+.-]+:|//|#", target, re.I))


def plain_path(target: str) -> str:
    """The path that a target means: 'data/a b.csv' for './data/a%20b.csv'."""
    return re.sub(r"^(?:\./)+", "", urllib.parse.unquote(target).strip())


def _suffix(target: str) -> str:
    return PurePosixPath(plain_path(target)).suffix.lower()


@dataclass
class _Collection:
    folder: Folder
    slug: str
    path: str
    assets: dict[str, FileAsset] = field(default_factory=dict)  # by the author's path
    refused: set[str] = field(default_factory=set)
    findings: list[Diagnostic] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def take_recording(self, image: Node, in_figure: bool) -> None:
        """Turn an Image into a span that names the recording; one that cannot be had becomes marked text. Its
        description is what stands in the brackets, but in a figure, where that is the caption."""
        target, (_, names, _) = image["c"][2][0], image["c"][0]
        asset = self._asset(target, RECORDINGS, shown=True)
        alt = attributes(image).get("alt") or attributes(image).get("fig-alt") or ""
        alt = alt or ("" if in_figure else text(image["c"][1]).strip())
        if asset is None:
            content = image["c"][1] or inlines(target[:80])
            made = span(content, id=identifier(image), classes=["missing-image"], recording=target[:200])
        else:
            given = {"file": asset.name, "alt": alt} if alt else {"file": asset.name}
            made = span([], id=identifier(image), classes=[RECORDING, *names], **given)
            if not alt:
                message = f"the recording has no description, for those who cannot see or hear it: {target[:80]}"
                self._tell("A001", message, target, 'Describe what it shows: ![…](…){alt="…"}.')
        image.clear()
        image.update(made)

    def take_link(self, link: Node) -> None:
        """Point a Link at the file that outputs have. One that is not there is told as a link to a file (X207)."""
        target = link["c"][2][0]
        asset = self._asset(target, SUPPLEMENTS, told=False)
        if asset is not None:
            link["c"][2][0] = asset.target
            if FILE not in classes(link):
                link["c"][0][1].append(FILE)
        elif self.seen[target]:  # it is told already
            made = span(link["c"][1], id=identifier(link))
            link.clear()
            link.update(made)

    def take_declared(self, name: str) -> None:
        """A file that the metadata name."""
        if _suffix(name) in SUPPLEMENTS and not _is_elsewhere(name):
            self._asset(name, SUPPLEMENTS)
        else:
            self._tell("X215", f"{name!r} is of a kind that no output carries", name, "Put it into a .zip.")

    def _asset(self, target: str, kinds: dict[str, str], *, shown: bool = False, told: bool = True) -> FileAsset | None:
        """The file that a target means; None where there is none that may be used. `told`: a missing one is told."""
        wanted = plain_path(target)
        known = self.assets.get(wanted)
        if known is None and wanted not in self.refused:
            known = self._kept(wanted, target, kinds[_suffix(wanted)], told)
        if known is None:
            self.refused.add(wanted)
            return None
        if shown and not known.shown:
            known = known.model_copy(update={"shown": True})
        self.assets[wanted] = known
        return known

    def _kept(self, wanted: str, target: str, media_type: str, told: bool) -> FileAsset | None:
        try:
            digest, size = self.folder.keep_file(wanted, LARGEST)
        except PermissionError:
            message = f"the file {wanted!r} is outside of the paper's folder, where nothing is read"
            self._tell("X213", message, target, "Copy it into the paper's folder.")
            return None
        except (OSError, ValueError):
            if told:
                near = get_close_matches(wanted, self.folder.list_names(), n=1, cutoff=0.6)
                hint = f"Did you mean {near[0]!r}?" if near else "Put it into the paper's folder."
                self._tell("X212", f"there is no file {wanted!r}", target, hint)
            return None
        taken = sum(asset.size for asset in self.assets.values())
        if not digest or taken + size > MOST:
            whole = f"the file {wanted!r} has {size // 1_000_000} MB"
            others = f", with the others {(taken + size) // 1_000_000} MB" if digest else ""
            hint = "Deposit it in a repository, and give its DOI."
            self._tell("X214", f"{whole}{others}; it is not carried into any output", target, hint)
            return None
        name = asset_name(self.slug, wanted, digest, _suffix(wanted), "file")
        return FileAsset(name=name, file=wanted, digest=digest, media_type=media_type, size=size)

    def _tell(self, code: str, message: str, target: str, hint: str) -> None:
        self.seen[target] += 1
        self.findings.append(finding(code, message, Location(self.path, token=target, nth=self.seen[target]), hint))
