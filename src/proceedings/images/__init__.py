"""Any figure → SVG, PNG or JPEG, the three forms that HTML, EPUB, PDF and JATS all take; and the images of a document.

`convert` makes one file ready; `collect` does so for every image of a tree. What is sound stays byte for byte.
"""

from __future__ import annotations

from proceedings.diagnostics import Problem
from proceedings.images.collecting import Folder, collect
from proceedings.images.conversion import Picture, convert, draw
from proceedings.images.programs import versions

__all__ = ["Folder", "Picture", "Problem", "collect", "convert", "draw", "versions"]
