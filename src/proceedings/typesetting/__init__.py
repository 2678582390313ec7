"""From HTML and CSS to the pages of a volume. Knows nothing of papers, authors or metadata files.

The way of a page:

1. `layout` sets the HTML of one contribution with WeasyPrint (`renderer`) and puts its structure tree right
(`tagging`). The `Body` has no folio, no page range: nothing in it depends on where it will stand. It can be
cached. 2. The caller counts `Body.pages`, orders the contributions and numbers the pages. 3. `stamp` fills
the slots of a body, draws the furniture (running heads with their folios) on each page as an artifact, and
writes the offprint and the `segment`: the same objects with numbers that can be moved. 4. `link` copies the
segments one after the other, adds a constant to their numbers and writes what a volume has once: page tree,
structure tree, parent tree, names, bookmarks, page labels, metadata.

Steps 1 and 3 run in worker processes, one contribution at a time; step 4 takes milliseconds for each. An
engine other than WeasyPrint needs to give a `Body` whose PDF is tagged, and the rest follows.

Addresses in the HTML: `name.png` is a resource, `#id` an element, `vol:SLUG` and `vol:SLUG#id` another
contribution.
"""

from proceedings.typesetting.body import (
    Body,
    Glyph,
    Heading,
    LayoutError,
    Line,
    MissingGlyph,
    Overfull,
    Place,
    Shrunk,
    Slot,
)
from proceedings.typesetting.line_numbers import number_lines
from proceedings.typesetting.linking import Entry, Linked, LinkError, link
from proceedings.typesetting.press import in_black, widened, with_bleed
from proceedings.typesetting.renderer import ignored, layout, versions
from proceedings.typesetting.stamping import Attachment, Leaf, Stamped, StampError, stamp
from proceedings.typesetting.xmp import Metadata

__all__ = [
    "Attachment",
    "Body",
    "Entry",
    "Glyph",
    "Heading",
    "LayoutError",
    "Leaf",
    "Line",
    "LinkError",
    "Linked",
    "Metadata",
    "MissingGlyph",
    "Overfull",
    "Place",
    "Shrunk",
    "Slot",
    "StampError",
    "Stamped",
    "ignored",
    "in_black",
    "layout",
    "link",
    "number_lines",
    "stamp",
    "versions",
    "widened",
    "with_bleed",
]
