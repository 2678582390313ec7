"""Which fonts the renderer sees: those of one directory and no others, so that two machines set the same
pages."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  {directories}
  <cachedir prefix="xdg">proceedings-fontconfig</cachedir>
</fontconfig>
"""


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
        configuration.write_text(CONFIGURATION.format(directories=listed), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(configuration)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
