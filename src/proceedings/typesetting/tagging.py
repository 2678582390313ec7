"""The structure tree that WeasyPrint 70 writes, put right while it is being written.

WeasyPrint builds one structure element for each box and gives no way to say what the box means. `Tagger`
stands around its function `_build_box_tree`, which every box passes, and
- gives roles that HTML has and WeasyPrint lacks (Formula, Code, Note, Quote …), languages, scopes of header
  cells;
- turns running heads, hidden and decorative things into artifacts (WeasyPrint leaves them as orphans of the
  tree);
- folds the element around each piece of text into its parent: a third of the objects of the file;
- makes every slot a content stream of its own, so that it can be filled without reading the page again.

Only this module, `renderer`, `drawings` and `contents` know WeasyPrint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from proceedings.typesetting import contents, formulas, fragments
from proceedings.typesetting.body import Slot
from proceedings.typesetting.floats import Floats

# HTML element, pseudo-element or ARIA role → role of ISO 32000-1, 14.8.4, where WeasyPrint's says nothing.
ROLES = {
    "code": "/Code",
    "pre": "/P",
    "q": "/Quote",
    "::footnote-call": "/Reference",
    "::footnote-marker": "/Lbl",
    "doc-biblioentry": "/BibEntry",
    "doc-footnote": "/Note",
    "doc-endnote": "/Note",
    "doc-noteref": "/Reference",
}
_MEANINGLESS = {"/NonStruct", "/Span", "/Div"}
_SECTIONS = {"/Part", "/Art", "/Sect", "/Div", "/BlockQuote"}
_GROUPING = _SECTIONS | {"/Document", "/Table", "/TR", "/THead", "/TBody", "/TFoot", "/L", "/LI"}
_HEADINGS = {"/H1", "/H2", "/H3", "/H4", "/H5", "/H6"}
_FOLDABLE = {"Type", "S", "K", "Pg", "P"}


class Tagger:
    """Writes the structure tree of one document whose pages from `pages` on are furniture."""

    def __init__(self, pages: int, floats: Floats, same: Mapping[Any, Any]) -> None:
        from weasyprint.formatting_structure import boxes
        from weasyprint.pdf import tags

        self._boxes = boxes
        self._module = tags
        self._add_tags = tags.add_tags
        self._build_original = tags._build_box_tree
        self._pages = pages
        self._page = 0  # whose boxes are looked at
        self._streams: Sequence[Any] = ()
        self._marked_slots: dict[int, dict[int, Any]] = defaultdict(dict)  # page → MCID → box
        self._tails: dict[int, dict[int, list[int]]] = defaultdict(dict)  # page → MCID of a slot → MCIDs behind it
        self._footnotes: set[Any] = set()  # boxes
        self._calls: dict[Any, tuple[Any, Any]] = {}  # HTML element of a note → its call's parent, its call
        self._repeatable: set[Any] = set()  # HTML elements that WeasyPrint sets on every page
        self._headers: dict[Any, Any] = {}  # HTML element of a header cell → its structure element
        self._sources: dict[int, Hashable] = {}  # number of a structure element → what it was made of
        self._floats = floats
        self._same = same  # part of a divided table → the element that it goes on with
        self._astray: dict[Any, Any] = {}  # HTML element → its structure element, without a place
        self._first: dict[Any, Any] = {}  # HTML element → the first structure element made of it
        self._last: dict[Any, Any] = {}  # HTML element → the last structure element made of it
        self._formulas: list[formulas.Source] = []
        self._levels: list[int] = []  # HTML levels of the headings that are open
        self._notes = 0
        self.slots: list[Slot] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand in for WeasyPrint's own functions: one document at a time in a process."""
        import weasyprint.pdf

        weasyprint.pdf.add_tags = self._tag
        self._module._build_box_tree = self._build
        try:
            yield
        finally:
            weasyprint.pdf.add_tags = self._add_tags
            self._module._build_box_tree = self._build_original

    # --- the two functions that stand in --------------------------------------------------------------------

    def _tag(self, pdf: Any, document: Any, version: Any, streams: Sequence[Any]) -> None:
        self._streams = streams
        self._add_tags(pdf, document, version, streams)
        formulas.write(pdf, streams, self._formulas)
        self._put_back(pdf)
        fragments.join(pdf, self._sources)
        for page, stream in enumerate(streams):
            parts, slots = contents.cut_slots(
                pdf, page, stream, self._marked_slots[page], self._tails[page], document.fonts
            )
            self.slots += slots
            if page >= self._pages:
                # Furniture is drawn inside an artifact of the page that it adorns: it has no marked content.
                for part in parts:
                    part.stream = contents.unmarked(part.stream)
        for written in pdf.objects:
            if hasattr(written, "extra"):
                written.extra.pop("Interpolate", None)  # ISO 19005-2, 6.2.8

    def _build(
        self, box: Any, parent: Any, pdf: Any, page: int, nums: Any, annotations: Any, tags: Any
    ) -> Iterator[Any]:
        box = getattr(box, "_box", box)  # what an AbsolutePlaceholder stands for
        if isinstance(box, self._boxes.PageBox) and page < self._pages:
            yield from self._build_original(box, parent, pdf, page, nums, annotations, tags)
            self._abandon(page, nums, tags)
            return
        if (matrix := box.transformation_matrix) and not matrix.determinant:
            return  # scaled to nothing, so never drawn
        self._page = page
        self._note_slots(box, page, tags)
        if page >= self._pages:
            tags.clear()
        elif isinstance(box, self._boxes.MarginBox):
            self._make_artifact(box, page, nums, tags, "/Pagination")
        elif self._is_decoration(box):
            self._make_artifact(box, page, nums, tags, "/Layout")
        elif self._is_repeated(box):
            self._make_artifact(box, page, nums, tags, "/Pagination")
        else:
            if isinstance(box, self._boxes.FootnoteAreaBox):
                self._footnotes.update(_outermost(box))
            for element in self._build_original(box, parent, pdf, page, nums, annotations, tags):
                if element.number in self._sources:
                    yield element  # html and body hand on what their children made
                    continue
                self._refine(element, box)
                if element["S"] == parent["S"] == "/Lbl":
                    element["S"] = "/Span"
                if box.link_annotation is not None and element["S"] != "/Link":
                    _join_link(element, parent, pdf, annotations)
                _fold(element, pdf, nums)
                self._complete_list(element, box, pdf, nums)
                self._sources[element.number] = (self._origin(box), box.element_tag, element["S"])
                if box.element in self._floats.moved and not _is_anonymous(box):
                    self._astray[box.element] = element
                    continue
                if self._keeps_place(element, parent, box):
                    self._first.setdefault(box.element, element)
                    self._last[box.element] = element
                    yield element

    # --- roles ----------------------------------------------------------------------------------------------

    def _refine(self, element: Any, box: Any) -> None:
        """Say on the structure element what the HTML element means."""
        from pydyf import String

        attributes = _attributes(box)
        if box in self._footnotes and element["S"] != "/Link":
            element["S"] = "/Note"
        elif element["S"] == "/Figure" and "math" in attributes.get("class", "").split():
            element["S"] = "/Formula"
            if tex := " ".join(attributes.get("data-tex", "").split()):
                self._formulas.append(formulas.Source(self._page, element["K"][-1], box, tex))
        elif element["S"] in _SECTIONS and _is_anonymous(box):
            bare_text = any(isinstance(child, self._boxes.LineBox) for child in box.children)
            element["S"] = "/P" if bare_text else "/Div"  # a paragraph without tags, or a column
        elif element["S"] in _HEADINGS:
            element["S"] = "/Span" if _is_anonymous(box) else self._heading(int(element["S"][2]))
        elif element["S"] in _MEANINGLESS:
            element["S"] = _role(box, attributes, element["S"])
        if element["S"] == "/Link":
            _describe_link(element, box)
        elif element["S"] == "/TH":
            by_row = attributes.get("scope", "").startswith("row")
            element["A"]["Scope"] = "/Row" if by_row else "/Column"
            self._headers[box.element] = element
        elif element["S"] == "/Table":
            self._refer_to_first_headers(box)
        elif element["S"] == "/Note":
            self._notes += 1
            element["ID"] = String(f"note-{self._notes}")
        language = attributes.get("lang") or attributes.get("xml:lang")
        if language and "::" not in (box.element_tag or ""):
            element["Lang"] = String(language)

    def _complete_list(self, element: Any, box: Any, pdf: Any, nums: Any) -> None:
        """A list holds items and an item holds a label and a body only: WeasyPrint puts paragraphs beside
        them."""
        if element["S"] == "/L":
            item = _enclose(element, ("/LI", "/L", "/Caption"), "/LI", pdf, nums)
            if item is not None:
                self._sources[item.number] = (box.element, "item")
                self._complete_list(item, box, pdf, nums)
        elif element["S"] == "/LI":
            body = _enclose(element, ("/Lbl", "/LBody"), "/LBody", pdf, nums)
            if body is not None:
                self._sources[body.number] = (box.element, "body")

    def _heading(self, level: int) -> str:
        """The role of a heading: no level is skipped (ISO 14289-1, 7.4.2), whatever the HTML does."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        return f"/H{len(self._levels)}"

    def _keeps_place(self, element: Any, parent: Any, box: Any) -> bool:
        """Whether an element stays where its box is: not if it is empty or a footnote, which is read after
        its call."""
        if element["S"] in _MEANINGLESS and not element["K"]:
            return False
        if element["S"] == "/Reference":
            self._calls[box.element] = (parent, element)
        if element["S"] != "/Note" or box.element not in self._calls:
            return True
        parent, before = self._calls[box.element]
        parent["K"].insert(parent["K"].index(before.reference) + 1, element.reference)
        element["P"] = parent.reference
        self._calls[box.element] = (parent, element)
        return False

    # --- figures that have moved ----------------------------------------------------------------------------

    def _put_back(self, pdf: Any) -> None:
        """Let a figure that stands on another page be read where the source has it: after what is before it."""
        for figure, element in self._astray.items():
            for neighbour, inside in self._floats.before(figure):
                known = (self._first if inside else self._last).get(neighbour)
                if known is None:
                    continue
                parent = known if inside else pdf.objects[int(known["P"].split()[0])]
                if not inside and known.reference not in parent["K"]:
                    continue
                place = 0 if inside else parent["K"].index(known.reference) + 1
                parent["K"].insert(place, element.reference)
                element["P"] = parent.reference
                self._last[figure] = element
                break

    # --- tables that go on ----------------------------------------------------------------------------------

    def _is_repeated(self, box: Any) -> bool:
        """Whether this stood on an earlier page already: the head of a table, or what is fixed on every
        page."""
        is_head = isinstance(box, self._boxes.TableRowGroupBox) and (box.is_header or box.is_footer)
        if box.element is None or not (is_head or box.style["position"] == "fixed"):
            return False
        repeated = self._origin(box) in self._repeatable
        self._repeatable.add(self._origin(box))
        return repeated

    def _origin(self, box: Any) -> Any:
        """The HTML element of a box; of the further part of a divided table, that of the first."""
        return self._same.get(box.element, box.element)

    def _refer_to_first_headers(self, table: Any) -> None:
        """Let the cells under a repeated head name the header cells where they stand first."""
        cells = [box for box in table.descendants(placeholders=True) if hasattr(box, "mark")]
        first = {
            id(cell.mark["ID"]): self._headers[self._origin(cell)]["ID"]
            for cell in cells
            if "S" not in cell.mark and "ID" in cell.mark and self._origin(cell) in self._headers
        }
        for cell in cells:
            headers = cell.mark.get("A", {}).get("Headers", [])
            headers[:] = [first.get(id(header), header) for header in headers]

    # --- artifacts ------------------------------------------------------------------------------------------

    def _is_decoration(self, box: Any) -> bool:
        """Hidden from assistive technology by the author: aria-hidden, or an image with an empty
        description."""
        attributes = _attributes(box)
        replaced = isinstance(box, self._boxes.ReplacedBox)
        return attributes.get("aria-hidden") == "true" or (replaced and attributes.get("alt") == "")

    def _make_artifact(self, box: Any, page: int, nums: Any, tags: Any, kind: str) -> None:
        for inner in box.descendants(placeholders=True):
            if inner in tags:
                self._unmark(tags.pop(inner)["mcid"], page, nums, kind)
            elif isinstance(inner, self._boxes.TableCellBox):
                inner.mark = {"A": {}}  # WeasyPrint will write here what it thinks of the headers

    def _abandon(self, page: int, nums: Any, tags: Any) -> None:
        """What was drawn and is in no box of the tree (`position: fixed`) has no place in the reading
        order."""
        while tags:
            _, mark = tags.popitem()
            self._unmark(mark["mcid"], page, nums, "/Layout")

    def _unmark(self, number: int, page: int, nums: Any, kind: str) -> None:
        nums[number] = b"null"
        operations = self._streams[page].stream
        position = contents.marked_content(operations, number)
        operations[position - 2 : position] = ["/Artifact", f"<</Type {kind}>>"]

    # --- slots ----------------------------------------------------------------------------------------------

    def _note_slots(self, box: Any, page: int, tags: Any) -> None:
        """Remember the marked content of a slot: of this box, or of all slots of a page of furniture."""
        candidates = box.descendants(placeholders=True) if page >= self._pages else (box,)
        for candidate in candidates:
            if "data-slot" in _attributes(candidate):
                for inner in candidate.descendants(placeholders=True):
                    if inner in tags:
                        self._marked_slots[page].setdefault(tags[inner]["mcid"], candidate)
        for line in getattr(box, "children", ()):
            if isinstance(line, self._boxes.LineBox) and page < self._pages and "data-flow" not in _attributes(line):
                self._note_tails(line, page, tags)

    def _note_tails(self, line: Any, page: int, tags: Any) -> None:
        """Remember what follows the slots of a line that is to read as running text (`data-flow`)."""
        open_: list[int] = []
        for box, flows in _with_slots(line):
            if box in tags:
                number = tags[box]["mcid"]
                for slot in open_:
                    self._tails[page][slot].append(number)
                if flows:
                    self._tails[page][number] = []
                    open_.append(number)


def _outermost(area: Any) -> Iterator[Any]:
    """The boxes of the footnotes in a footnote area."""
    for child in area.children:
        if child.element is None:
            yield from _outermost(child)
        else:
            yield child


def _with_slots(box: Any, flows: bool = False) -> Iterator[tuple[Any, bool]]:
    """The boxes in a line, in order, and whether each stands in a slot that what follows moves up to."""
    box = getattr(box, "_box", box)
    flows = flows or "data-flow" in _attributes(box)
    yield box, flows
    for child in getattr(box, "children", ()):
        yield from _with_slots(child, flows)


def _attributes(box: Any) -> Mapping[str, str]:
    return {} if box.element is None else box.element.attrib


def _is_anonymous(box: Any) -> bool:
    """Whether WeasyPrint made this block, to hold the text beside the blocks of an element."""
    return type(box.style).__name__ == "AnonymousStyle"


def _role(box: Any, attributes: Mapping[str, str], role: str) -> str:
    tag = box.element_tag or ""
    if "::" in tag:
        return ROLES.get(tag[tag.index("::") :], role)
    return ROLES.get(attributes.get("role", ""), ROLES.get(tag, role))


def _describe_link(element: Any, box: Any) -> None:
    """A link annotation must say where it leads (ISO 14289-1, 7.18.5); without an annotation it is no
    Link."""
    from pydyf import String

    if box.link_annotation is None:
        element["S"] = "/Span"
        return
    text = " ".join("".join(box.element.itertext()).split())
    images = " ".join(image.get("alt", "") for image in box.element.iter("img"))
    if label := box.element.get("title") or text or images.strip():
        box.link_annotation["Contents"] = String(label)


def _join_link(element: Any, parent: Any, pdf: Any, annotations: list[Any]) -> None:
    """WeasyPrint makes an annotation for every box inside a link: give it to the element of the link."""
    link = parent
    while link["S"] not in ("/Link", "/Document"):
        link = pdf.objects[int(link["P"].split()[0])]
    place = next(index for index, (owner, _) in enumerate(annotations) if owner == element.reference)
    if link["S"] == "/Link":
        annotations[place] = (link.reference, annotations[place][1])
        link["K"].append(element["K"].pop(0))


def _fold(element: Any, pdf: Any, nums: Any) -> None:
    """Replace leaves that only wrap text by the text: `P [Span [3]]` says no more than `P [3]`."""
    if element["S"] in _GROUPING:
        return
    kids = []
    for kid in element["K"]:
        leaf = pdf.objects[int(kid.split()[0])] if isinstance(kid, bytes) else None
        if leaf is not None and _is_wrapper(leaf, element):
            kids += leaf["K"]
            nums.update(dict.fromkeys(leaf["K"], element.reference))
        else:
            kids.append(kid)
    element["K"][:] = kids


def _is_wrapper(leaf: Any, parent: Any) -> bool:
    return (
        leaf.get("S") in ("/Span", "/NonStruct")
        and set(leaf) <= _FOLDABLE
        and leaf["Pg"] == parent["Pg"]
        and bool(leaf["K"])
        and all(isinstance(kid, int) for kid in leaf["K"])
    )


def _enclose(element: Any, allowed: tuple[str, ...], role: str, pdf: Any, nums: Any) -> Any:
    """Put the kids that an element may not have into one new kid of another role; return that, if it was
    needed."""
    from pydyf import Array, Dictionary

    def fits(kid: Any) -> bool:
        return isinstance(kid, bytes) and pdf.objects[int(kid.split()[0])].get("S") in allowed

    loose = [kid for kid in element["K"] if not fits(kid)]
    if not loose:
        return None
    made = Dictionary({"Type": "/StructElem", "S": role, "K": Array(loose), "P": element.reference})
    made["Pg"] = element["Pg"]
    pdf.add_object(made)
    place = element["K"].index(loose[0])
    element["K"][:] = [kid for kid in element["K"] if fits(kid)]
    element["K"].insert(place, made.reference)
    for kid in loose:
        if isinstance(kid, int):
            nums[kid] = made.reference
        elif "S" in (inner := pdf.objects[int(kid.split()[0])]):
            inner["P"] = made.reference
    return made
