"""Finding the file of a year in what a user has: a file, a zip as downloaded, or a folder of unpacked files."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gaiatsu.errors import DataError, DataMissing
from gaiatsu.world.official.source import Original

MAX_MEMBER = 4_000_000_000  # bytes a member of a zip may unpack to: the largest table has about one gigabyte
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
ZIP_ERRORS = (*READ_ERRORS, struct.error, ValueError, KeyError)  # a damaged directory of a zip raises these as well
NAMED = 6
BLOCK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file to read, in a folder or inside a zip. `where` is what messages call it."""

    container: Path
    name: str  # inside the zip; empty when the container is the file

    @property
    def where(self) -> str:
        return f"{self.container}: {self.name}" if self.name else str(self.container)

    @property
    def base(self) -> str:
        return self.name.rsplit("/", 1)[-1] if self.name else self.container.name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The bytes; DataError when the zip is damaged or the file cannot be read."""
        with ExitStack() as opened:
            try:
                handle = self._handle(opened)
            except ZIP_ERRORS as error:
                raise self._damaged(error) from error
            try:
                yield handle
            except READ_ERRORS as error:
                raise self._damaged(error) from error

    def _handle(self, opened: ExitStack) -> IO[bytes]:
        if not self.name:
            return opened.enter_context(self.container.open("rb"))
        archive = opened.enter_context(zipfile.ZipFile(self.container))
        info = archive.getinfo(self.name)
        if info.file_size > MAX_MEMBER:
            raise DataError(f"{self.where} unpacks to {info.file_size} bytes; at most {MAX_MEMBER} are read")
        return opened.enter_context(archive.open(info))

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"{self.where} is damaged or cannot be read ({error}); download it again")


def members(path: Path) -> list[Member]:
    """Every file at `path`: itself, the members of a zip, or the files of a folder (and of the zips in it).

    A damaged zip in a folder is a file like others there: see refuse_damaged. Raises DataMissing, DataError.
    """
    if not path.exists():
        raise DataMissing(f"{str(path)!r} is not there; give a file, a zip as downloaded, or a folder of the files")
    if path.is_dir():
        found = [item for item in sorted(path.rglob("*")) if item.is_file()]
        return [member for item in found for member in _held(item)]
    return _inside(path) if is_zip(path) else [Member(path, "")]


def is_zip(path: Path) -> bool:
    """Whether a file is called a zip: Excel workbooks are zips too, but not called so."""
    return path.suffix.lower() == ".zip"


def _held(path: Path) -> list[Member]:
    try:
        return _inside(path) if is_zip(path) else [Member(path, "")]
    except DataError:
        return [Member(path, "")]


def refuse_damaged(found: Sequence[Member]) -> None:
    """DataError for the first damaged zip of a folder, where what was looked for may be in it."""
    for member in found:
        if not member.name and is_zip(member.container):
            _inside(member.container)


def _inside(path: Path) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except ZIP_ERRORS as error:
        raise DataError(f"{path} is not a zip, or it is damaged ({error}); download it again") from error
    return [Member(path, name) for name in names if not name.startswith("__MACOSX")]


def choose(path: Path, pattern: re.Pattern[str], year: int | None, original: Original) -> Member:
    """The member whose name fits `pattern` (its group `year`, if any, is the year asked for).

    A single file is taken whatever its name. Raises DataMissing when nothing fits or the year is not there, DataError
    when several fit.
    """
    found = members(path)
    if not path.is_dir() and not is_zip(path):
        return found[0]
    fitting = [(member, year_in(member.base, pattern)) for member in found if pattern.search(member.base)]
    if not fitting:
        refuse_damaged(found)
        names = ", ".join(member.base for member in found[:NAMED]) + (", …" if len(found) > NAMED else "")
        raise DataMissing(
            f"{path} holds no file like {original.file}; it holds: {names or 'nothing'}{_hint(path, found, original)}"
        )
    years = sorted({found_year for _, found_year in fitting if found_year is not None})
    if year is None and len(years) > 1:
        listed = ", ".join(map(str, years))
        raise DataError(f"{path} holds several tables ({listed}); choose one with --year, or give the file itself")
    matching = [member for member, found_year in fitting if year is None or found_year in (year, None)]
    if not matching:
        raise DataMissing(f"{path} has no table of {year}; it has {', '.join(map(str, years))}")
    if len(matching) > 1:
        listed = ", ".join(member.base for member in matching[:NAMED])
        raise DataError(f"{path} holds several tables of that year ({listed}); unpack it and give the file itself")
    return matching[0]


def _hint(path: Path, found: Sequence[Member], original: Original) -> str:
    """What the first files resemble, when they resemble anything: of what was asked for, the file itself is wanted."""
    from gaiatsu.world.official.detect import resembles, told

    for member in found[:NAMED]:
        kind = resembles(member)
        if kind == original.name:
            return f". {member.base} is one under another name: unpack it and give the file itself"
        if kind is not None:
            return f". {member.base} {told(kind, path)}"
    return ""


def year_in(name: str, pattern: re.Pattern[str]) -> int | None:
    """The year in a file's name by the pattern's group `year`; two digits are of 1995 to 2094."""
    match = pattern.search(name)
    text = match.groupdict().get("year") if match else None
    if not text:
        return None
    number = int(text)
    return number if number >= 100 else number + (1900 if number >= 95 else 2000)


def agreed_year(where: str, asked: int | None, found: int | None) -> int:
    """The table's year; DataError when what the file says is not what was asked for, or when nobody says it."""
    if found is None and asked is None:
        raise DataError(f"{where} does not say its year; give it with --year")
    if found is not None and asked is not None and asked != found:
        raise DataError(f"{where} is the table of {found}, not of {asked}; give the file of {asked}, or --year {found}")
    return asked if found is None else found  # type: ignore[return-value]


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 over the bytes of the given files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()
