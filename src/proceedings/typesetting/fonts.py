"""Which fonts the renderer sees: those of one directory and no others, so that two machines set the same
pages."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from proceedings.typefaces import HOUSE

CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  {directories}
  {families}
  <cachedir prefix="xdg">proceedings-fontconfig</cachedir>
</fontconfig>
"""

# What figures name most often, by what it looks like; any other name is taken for one of a typeface without serifs.
ALIKE = {
    "serif": "Times|Times New Roman|Georgia|Cambria|Garamond|Palatino|Century|Liberation Serif|DejaVu Serif|"
    "Bitstream Vera Serif|Nimbus Roman|FreeSerif|Computer Modern Roman|CMU Serif|cmr10|Latin Modern Roman|STIXGeneral",
    "monospace": "Courier|Courier New|Consolas|Menlo|Monaco|Lucida Console|Liberation Mono|DejaVu Sans Mono|"
    "Bitstream Vera Sans Mono|Nimbus Mono|FreeMono|Inconsolata|Fira Code|Fira Mono|JetBrains Mono|Ubuntu Mono|cmtt10",
}


def _families() -> str:
    """The rules by which a name that no file has becomes one of the house's typefaces."""
    rules = [_default(name, generic) for generic, names in ALIKE.items() for name in names.split("|")]
    unknown = "".join(
        f'<test qual="all" name="family" compare="not_eq"><string>{name}</string></test>'
        for name in (*HOUSE, *HOUSE.values())
    )
    added = '<edit name="family" mode="append_last"><string>sans-serif</string></edit>'
    rules.append(f"<match>{unknown}{added}</match>")
    rules += [
        f"<alias><family>{generic}</family><prefer><family>{name}</family></prefer></alias>"
        for generic, name in HOUSE.items()
    ]
    return "\n  ".join(rules)


def _default(name: str, generic: str) -> str:
    return f"<alias><family>{name}</family><default><family>{generic}</family></default></alias>"


@contextmanager
def only(directories: Path | Sequence[Path] | None) -> Iterator[None]:
    """Let fontconfig see the font files below these directories alone; with None, the fonts of the system.

    fontconfig reads the variable FONTCONFIG_FILE whenever a configuration is made: this holds for the
    process, so one process lays out one document at a time. FileNotFoundError where a directory is absent:
    an empty set of fonts would give pages of boxes.
    """
    if directories is None:
        yield
        return
    places = [directories] if isinstance(directories, Path) else list(directories)
    for place in places:
        if not place.is_dir():
            raise FileNotFoundError(f"{place} is no directory of fonts")

    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory(prefix="proceedings-fonts-") as folder:
        configuration = Path(folder, "fonts.conf")
        listed = "".join(f"<dir>{escape(str(place.resolve()))}</dir>" for place in places)
        configuration.write_text(CONFIGURATION.format(directories=listed, families=_families()), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(configuration)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
