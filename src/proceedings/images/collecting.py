"""Every image of a document: found in the paper's folder, converted, named by its content; or said to be missing."""

from __future__ import annotations

import copy
import hashlib
import re
import unicodedata
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Protocol

from proceedings.diagnostics import Diagnostic, Location, Problem
from proceedings.document import Document, Node, attributes, classes, inlines, nodes, span, text
from proceedings.edition import ImageAsset, asset_name
from proceedings.images.conversion import Picture, convert
from proceedings.images.refusal import Refused
from proceedings.source import CONTROL

GUESSED_SUFFIXES = (".pdf", ".svg", ".png", ".jpg", ".jpeg", ".eps")  # for \includegraphics{fig}, in LaTeX's order
PRINT_WIDTH = 600  # pixels that a figure as wide as the text needs at the least: 95 dpi


class Folder(Protocol):
    """The files that a paper may use, by their path relative to its own folder."""

    def open_file(self, path: str) -> bytes:
        """FileNotFoundError where there is none, PermissionError outside of the folder."""
        ...

    def list_names(self) -> Sequence[str]: ...


def collect(
    document: Document, folder: Folder, slug: str, path: str
) -> tuple[Document, list[tuple[ImageAsset, bytes]], list[Diagnostic]]:
    """A copy of `document` whose images point at assets, the assets with their bytes, and findings at `path`.

    An image that cannot be had becomes marked text (class `missing-image`) that keeps its description and its address.
    """
    document = copy.deepcopy(document)
    work = _Collection(folder, slug, path)
    figures = {id(image) for figure in nodes(document, "Figure") for image in nodes(figure, "Image")}
    for image in list(nodes(document, "Image")):
        work.take(image, id(image) in figures)
    return document, list(work.assets.values()), work.findings


@dataclass
class _Collection:
    folder: Folder
    slug: str
    path: str
    assets: dict[str, tuple[ImageAsset, bytes]] = field(default_factory=dict)  # by asset name
    findings: list[Diagnostic] = field(default_factory=list)
    done: dict[str, tuple[ImageAsset, Picture] | None] = field(default_factory=dict)  # by target as written
    seen: Counter[str] = field(default_factory=Counter)

    def take(self, image: Node, in_figure: bool) -> None:
        """Give one Image node its asset, or replace it by marked text, in place."""
        target: str = image["c"][2][0]
        self.seen[target] += 1
        place = Location(self.path, token=_token(target), nth=self.seen[target])
        if target not in self.done:
            problems: list[Problem] = []
            self.done[target] = self._asset(target, problems)
            self.findings += [problem.at(place) for problem in problems]
        found = self.done[target]
        if found is None:
            _replace(image, target)
            return
        asset, picture = found
        image["c"][2][0] = asset.name
        if picture.dots > picture.width and not {"width", "height"} & attributes(image).keys():
            image["c"][0][2].append(["width", f"{picture.width}px"])  # the size of the drawing that became dots
        self.findings += [problem.at(place) for problem in _described(image, in_figure, target)]
        if in_figure and picture.dots and self.seen[target] == 1:
            self.findings += [problem.at(place) for problem in _too_coarse(image, picture)]

    def _asset(self, target: str, problems: list[Problem]) -> tuple[ImageAsset, Picture] | None:
        try:
            name, data = self._file(target, problems)
        except Refused as refusal:
            problems.append(refusal.problem)
            return None
        picture, met = convert(name, data)
        problems += met
        if picture is None:
            return None
        digest = hashlib.sha256(picture.data).hexdigest()
        asset = ImageAsset(
            name=asset_name(self.slug, name, digest, picture.suffix, "image"),
            digest=digest,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
        )
        self.assets.setdefault(asset.name, (asset, picture.data))
        return asset, picture

    def _file(self, target: str, problems: list[Problem]) -> tuple[str, bytes]:
        """The name and bytes of the file that a target means. Refused where there is none that may be used."""
        scheme = re.match(r"([a-z][a-z0-9+.-]+):|(//)", target, re.I)
        if scheme and (scheme[1] or "").lower() == "data":
            return _from_data_uri(target)
        if scheme:
            where = "a file of one computer only" if scheme[1] == "file" else "on another computer"
            message = f"the image {target} is {where}; nothing is fetched"
            raise Refused("X102", message, "Save it beside the paper, and use its path.")
        wanted = urllib.parse.unquote(target)
        if "\\" in wanted:
            wanted = wanted.replace("\\", "/")
            problems.append(
                Problem("X106", f"the image's path {target!r} is written with backslashes", "Write / between folders.")
            )
        for candidate in _candidates(wanted):
            try:
                return candidate, self.folder.open_file(candidate)
            except PermissionError as error:
                message = f"the image {wanted!r} is outside of the paper's folder, where nothing is read"
                raise Refused("X101", message, "Copy it into the paper's folder.") from error
            except (OSError, ValueError):  # none of this name, a folder, or a name that no file can have
                continue
        return self._file_of_other_name(wanted, problems)

    def _file_of_other_name(self, wanted: str, problems: list[Problem]) -> tuple[str, bytes]:
        """The file whose name differs only by case or Unicode form; else Refused, with near names."""
        names = self.folder.list_names()
        by_form = {_form(name): name for name in reversed(names)}
        for candidate in _candidates(wanted):
            name = by_form.get(_form(candidate))
            if name == candidate:
                hint = "Put the file itself there, not a link."
                raise Refused("X100", f"the image {wanted!r} cannot be opened", hint)
            if name is not None:
                message = f"the image {wanted!r} is called {name!r}; on most computers these are two files"
                problems.append(Problem("X106", message, f"Write {name!r}."))
                return name, self.folder.open_file(name)
        basename = PurePosixPath(wanted).name
        near = [name for name in names if PurePosixPath(name).name == basename]
        near += [name for name in get_close_matches(wanted, names, n=3, cutoff=0.6) if name not in near]
        hint = f"Did you mean {' or '.join(map(repr, near[:3]))}?" if near else "Put it into the paper's folder."
        raise Refused("X100", f"there is no image {wanted!r}", hint)


def _token(target: str) -> str:
    """What to look for in the source: the target, or the beginning of one that holds its own data."""
    return target[:60] if target[:5].lower() == "data:" else f"]({urllib.parse.unquote(target)}"


def _candidates(wanted: str) -> list[str]:
    """The paths that a target may mean, likeliest first."""
    wanted = re.sub(r"^(?:\./+)+", "", wanted.strip())
    bare = re.sub(r"[?#].*$", "", wanted)
    found = [wanted] if bare == wanted else [wanted, bare]
    if PurePosixPath(bare).suffix.lower() not in GUESSED_SUFFIXES:
        found += [bare + suffix for suffix in GUESSED_SUFFIXES]
    return [name for name in found if name]


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _from_data_uri(target: str) -> tuple[str, bytes]:
    from proceedings.images.vector import data_of

    data = data_of(target)
    if not data:
        raise Refused(
            "X120", "an image is given as a data: address that is malformed", "Save it as a file beside the paper."
        )
    kind = re.match(r"data:image/(\w+)", target, re.I)
    suffix = {"jpeg": "jpg", "svg": "svg"}.get(kind[1].lower(), kind[1].lower()) if kind else ""
    return f"image.{suffix}", data


def _replace(image: Node, target: str) -> None:
    """Put marked text in the image's place, in the same node: its description, or its address."""
    described = attributes(image).get("alt") or attributes(image).get("fig-alt")
    content = inlines(described) if described else image["c"][1]
    address, target = target, urllib.parse.unquote(target)
    target = CONTROL.sub("", target)
    shown = target if len(target) <= 200 else f"{target[:80]}…"
    if re.match(r"https?://", target, re.I):
        link = {"t": "Link", "c": [["", [], []], content or inlines(shown), [address, ""]]}
        content = [link]
    made = span(content or inlines(shown), id=image["c"][0][0], classes=["missing-image"], data_target=shown)
    image.clear()
    image.update(made)


def _described(image: Node, in_figure: bool, target: str) -> list[Problem]:
    """Whether an image has a description that says something. A figure's caption is not one: it says what the figure is
    for, to readers who see it. Inside a line the text in the brackets is the description, or an attribute `alt`."""
    given = attributes(image)
    alt = given.get("alt", given.get("fig-alt"))
    if alt is None and not in_figure:
        alt = text(image["c"][1]) or None
    if alt is None:
        what = "the figure has no description beside its caption" if in_figure else "the image has no description"
        message = f"{what}, for readers who cannot see it: {urllib.parse.unquote(target)[:80]}"
        return [Problem("A001", message, 'Describe what it shows: ![…](…){alt="…"}; alt="" if it is decoration.')]
    if not alt.strip():
        return []
    stem = PurePosixPath(urllib.parse.unquote(target)).stem
    plain = re.sub(r"\W+", "", alt).lower()
    if plain in {
        re.sub(r"\W+", "", stem).lower(),
        "image",
        "figure",
        "picture",
        "photo",
        "diagram",
        "graph",
        "alttext",
        "logo",
    } or (
        re.fullmatch(r"(fig(ure)?|image|img|picture|photo)\d*", plain)
        or re.search(r"\.(png|jpe?g|svg|pdf|gif|tiff?)$", alt, re.I)
    ):
        return [Problem("A002", f"the image's description {alt!r} does not describe it", "Say what it shows.")]
    return []


def _too_coarse(image: Node, picture: Picture) -> list[Problem]:
    """Whether a figure's dots will be seen in print, at the width that the author asks for."""
    width = attributes(image).get("width", "")
    share = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", width)
    if (width and not share) or "height" in attributes(image) or {"icon", "decorative"} & set(classes(image)):
        return []
    needed = round(PRINT_WIDTH * min(1.0, float(share[1]) / 100 if share else 1.0))
    if picture.dots >= needed:
        return []
    message = f"the figure is {picture.dots} pixels wide; in print its dots will be seen"
    return [Problem("X111", message, f"Save it as SVG or PDF, or at least {needed * 2} pixels wide.")]
