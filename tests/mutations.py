"""Ways to spoil an output: each takes its bytes and gives them changed. `verify` must tell of every one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pikepdf
from click.testing import CliRunner, Result

from proceedings.cli import main
from proceedings.typesetting.trees import names

Change = Callable[[bytes], bytes]


def verified(file: str, change: Change, root: Path, scratch: Path) -> Result:
    """What `verify` says of a changed copy of an output (its path below build/) of the volume in `root`."""
    path = scratch / file
    path.parent.mkdir(parents=True)
    data = (root / "build" / file).read_bytes()
    changed = change(data)
    assert changed != data
    path.write_bytes(changed)
    return CliRunner().invoke(main, ["verify", str(path), "--root", str(root), "--format", "concise"])


def swap(old: str, new: str, count: int = -1) -> Change:
    """Text put in the place of text that must be there."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), count)

    return change


def exchange(one: str, other: str) -> Change:
    """Two pieces of text in each other's place, wherever they stand."""

    def change(data: bytes) -> bytes:
        text = data.decode()
        assert one in text
        assert other in text
        return text.replace(one, "\0").replace(other, one).replace("\0", other).encode()

    return change


def cut(pattern: str, count: int = 1) -> Change:
    """What a pattern finds, left out."""

    def change(data: bytes) -> bytes:
        text, found = re.subn(pattern, "", data.decode(), count=count, flags=re.S)
        assert found
        return text.encode()

    return change


def double(pattern: str) -> Change:
    """What a pattern finds, twice."""

    def change(data: bytes) -> bytes:
        text, found = re.subn(pattern, lambda match: match[0] + match[0], data.decode(), count=1, flags=re.S)
        assert found
        return text.encode()

    return change


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def member(name: str, change: Change) -> Change:
    """A file inside an EPUB changed."""

    def changed(data: bytes) -> bytes:
        source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
        with zipfile.ZipFile(output, "w") as book:
            for info in source.infolist():
                content = source.read(info)
                book.writestr(info, change(content) if info.filename == name else content)
        return output.getvalue()

    return changed


def without_member(name: str) -> Change:
    def changed(data: bytes) -> bytes:
        source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
        with zipfile.ZipFile(output, "w") as book:
            for info in source.infolist():
                if info.filename != name:
                    book.writestr(info, source.read(info))
        return output.getvalue()

    return changed


def mimetype_last(data: bytes) -> bytes:
    source, output = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(output, "w") as book:
        for info in sorted(source.infolist(), key=lambda info: info.filename == "mimetype"):
            book.writestr(info, source.read(info))
    return output.getvalue()


def authors_exchanged(article: bytes) -> bytes:
    found = re.findall(rb"<contrib [^>]*contrib-type=\"author\".*?</contrib>", article, re.S)
    return article.replace(found[0], b"@").replace(found[1], found[0]).replace(b"@", found[1], 1)


def pdf(change: Callable[[pikepdf.Pdf], None]) -> Change:
    def changed(data: bytes) -> bytes:
        output = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as document:
            change(document)
            document.save(output)
        return output.getvalue()

    return changed


def untagged(document: pikepdf.Pdf) -> None:
    del document.Root["/StructTreeRoot"]


def metadata(old: str, new: str) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        packet = document.Root["/Metadata"].read_bytes()
        assert old.encode() in packet
        document.Root["/Metadata"] = document.make_stream(packet.replace(old.encode(), new.encode()))

    return pdf(change)


def without_page(number: int) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        del document.pages[number]

    return pdf(change)


def silent_figures(document: pikepdf.Pdf) -> None:
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == pikepdf.Name.Figure and "/Alt" in thing:
            del thing["/Alt"]


def other_words(document: pikepdf.Pdf) -> None:
    """The letter e becomes an a in every font's table: what is read aloud and found is not what is seen."""
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
            table = thing["/ToUnicode"].read_bytes()
            thing["/ToUnicode"] = document.make_stream(table.replace(b"<0065>", b"<0061>"))


def labelled_from(number: int) -> Callable[[pikepdf.Pdf], None]:
    """Pages that are called by this number and those that follow it."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.PageLabels = pikepdf.Dictionary(Nums=[0, {"/S": pikepdf.Name.D, "/St": number}])

    return change


def furniture(page: pikepdf.Page) -> tuple[list[pikepdf.Object], list[pikepdf.Object]]:
    """The content streams of a page: its text, and what adorns it."""
    parts = list(page.obj.Contents)
    begins = [part.read_bytes().startswith(b"\nQ /Artifact <</Type /Pagination>>") for part in parts].index(True)
    return parts[:begins], parts[begins:]


def folios_exchanged(document: pikepdf.Pdf) -> None:
    pages = document.pages[0], document.pages[1]
    (one, first), (other, second) = map(furniture, pages)
    pages[0].obj.Contents, pages[1].obj.Contents = pikepdf.Array(one + second), pikepdf.Array(other + first)


def another_head(document: pikepdf.Pdf) -> None:
    """The letters of the running head of page 2 stand the other way round."""
    for part in furniture(document.pages[1])[1]:
        data = part.read_bytes()
        strings = re.findall(rb"<((?:[0-9a-f]{4})+)>", data)
        codes = iter(re.findall(rb"....", b"".join(strings))[::-1])
        between = re.split(rb"<(?:[0-9a-f]{4})+>", data)
        turned = [b"<%s>" % b"".join(islice(codes, len(string) // 4)) for string in strings]
        part.write(b"".join(a + b for a, b in zip(between, [*turned, b""], strict=True)))


def unmarked_folio(document: pikepdf.Pdf) -> None:
    _, adornment = furniture(document.pages[0])
    adornment[0].write(b"\nQ q\n")
    adornment[-1].write(b"\nQ\n")


def raised_text(document: pikepdf.Pdf) -> None:
    """The text of page 2 stands 20 mm higher, over the running head."""
    text, adornment = furniture(document.pages[1])
    raised = document.make_stream(b"q 1 0 0 1 0 57 cm\n")
    document.pages[1].obj.Contents = pikepdf.Array([raised, *text[1:], *adornment])


def link_turned(part: str, target: str, to: str) -> Callable[[pikepdf.Pdf], None]:
    """Every link on the first page of a part that leads to a target leads to another one."""

    def change(document: pikepdf.Pdf) -> None:
        page = dict(names(document.Root.Names.Dests))[part.encode()][0]
        found = [link for link in page.Annots if str(link.get("/Dest")) == target]
        assert found
        for link in found:
            link.Dest = pikepdf.String(to)

    return change


def target_moved(name: str, to: int) -> Callable[[pikepdf.Pdf], None]:
    """A destination is on another page."""

    def change(document: pikepdf.Pdf) -> None:
        dict(names(document.Root.Names.Dests))[name.encode()][0] = document.pages[to].obj

    return change


def bookmark_moved(title: str, to: int) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        found = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary) and "/Dest" in thing]
        (mark,) = (thing for thing in found if str(thing.get("/Title")) == title)
        mark.Dest = pikepdf.Array([document.pages[to].obj, pikepdf.Name.Fit])

    return change
