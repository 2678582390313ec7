"""The typefaces of the house, and where their files are: what a figure's text is set in, whatever the machine has."""

from __future__ import annotations

from pathlib import Path

HOUSE = {"serif": "Source Serif 4", "sans-serif": "Source Sans 3", "monospace": "Source Code Pro"}
NOTO = ("/usr/share/fonts/truetype/noto", "/usr/share/fonts/opentype/noto")

_PACKAGES = ("source-serif", "source-sans", "source-code-pro")


def folders() -> list[Path]:
    """The folders of the pinned typefaces, which `doctor --install` fetches, and of the system's Noto for other
    scripts. Empty where those of the house are not installed."""
    from proceedings import installation

    house = [folder for name in _PACKAGES if (folder := installation.find(name)) is not None]
    return [*house, *(Path(folder) for folder in NOTO if Path(folder).is_dir())] if house else []
