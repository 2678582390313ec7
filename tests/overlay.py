"""A case: a folder of files that are laid over a copy of the sound volume, and what its case.yaml asks for besides.

publish: true                      # also make the outputs; else the volume is read and checked only
delete: [papers/note.md]           # files and folders to take away first
edit: {volume.yaml: {old: new}}    # strings to replace in the volume's own files
encode: {papers/tides/paper.md: {as: cp1251, text: …}}
repeat: {papers/tides/paper.md: {before: …, text: …, times: 1000, after: …}}
link: {papers/tides/sea.png: /etc/hostname}
image: {papers/tides/sea.png: {size: [60, 40], mode: RGB, frames: 1, gps: true, noise: true}}
"""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

NOT_LAID = ("case.yaml", "expected.txt")


def lay(case: Path, root: Path) -> dict[str, Any]:
    """Change the volume in `root` as a case says; return its case.yaml."""
    recipe_file = case / "case.yaml"
    asked: dict[str, Any] = yaml.safe_load(recipe_file.read_text(encoding="utf-8")) if recipe_file.exists() else {}
    for path in asked.get("delete", ()):
        target = root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    for source in sorted(case.rglob("*")):
        target = root / source.relative_to(case)
        if source.is_file() and source.name not in NOT_LAID:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    for kind, make in RECIPES.items():
        for path, recipe in asked.get(kind, {}).items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            make(target, recipe)
    return asked


def _edit(target: Path, changes: dict[str, str]) -> None:
    text = target.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{target.name} has no {old!r}"
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8")


def _encode(target: Path, recipe: dict[str, str]) -> None:
    target.write_bytes(recipe["text"].encode(recipe["as"]))


def _repeat(target: Path, recipe: dict[str, Any]) -> None:
    text = recipe.get("before", "") + recipe["text"] * recipe["times"] + recipe.get("after", "")
    target.write_text(text, encoding="utf-8")


def _link(target: Path, pointed_at: str) -> None:
    target.unlink(missing_ok=True)
    target.symlink_to(pointed_at)


def _image(target: Path, recipe: dict[str, Any]) -> None:
    size, mode, frames = tuple(recipe.get("size", (60, 40))), recipe.get("mode", "RGB"), recipe.get("frames", 1)
    pictures = [_picture(size, mode, number, bool(recipe.get("noise"))) for number in range(frames)]
    options: dict[str, Any] = {}
    if frames > 1:
        options |= {"save_all": True, "append_images": pictures[1:]}
    if recipe.get("gps"):
        exif = Image.Exif()
        exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 15.0, 0.0), 3: "E", 4: (76.0, 54.0, 0.0)})
        options["exif"] = exif
    made = io.BytesIO()
    pictures[0].save(made, recipe.get("format") or Image.registered_extensions()[target.suffix.lower()], **options)
    target.write_bytes(made.getvalue())


def _picture(size: tuple[int, int], mode: str, number: int, noise: bool) -> Image.Image:
    if noise:
        return Image.frombytes(mode, size, random.Random(number).randbytes(size[0] * size[1] * len(mode)))
    return Image.new(mode, size, number * 40 if len(mode) == 1 else tuple([number * 40] * len(mode)))


RECIPES: dict[str, Callable[[Path, Any], None]] = {
    "edit": _edit,
    "encode": _encode,
    "repeat": _repeat,
    "link": _link,
    "image": _image,
}
