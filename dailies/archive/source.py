"""An archive that is read, a folder or a ZIP, and what makes one unfit to be read at all.

An archive comes from somebody else: its names may lead elsewhere, and its few bytes may swell beyond the disk.
Everything that can be told from its list of names is told before any of it is unpacked.
"""

from __future__ import annotations

import stat
import zipfile
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Protocol

from dailies.errors import DailiesError

MOST_FILES = 200_000
"""Files of one archive at most."""

LARGEST_RECORD = 8 << 20
"""Bytes of one JSON record at most."""

LARGEST_FILE = 8 << 30
"""Bytes of one clip, picture or reference at most."""

_SWELLS = 200  # times its packed size that a file may be; clips and pictures hardly shrink, records shrink ten times
_SMALL = 1 << 20  # bytes up to which that does not matter
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)


class Source(Protocol):
    """An archive that is read. Names are relative, with slashes."""

    def sizes(self) -> dict[str, int]:
        """Return {name: bytes} of all files. Raises `DailiesError` for an archive that must not be unpacked."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""


class FolderSource:
    """A folder as the source. What is no plain file in it is left alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sizes(self) -> dict[str, int]:
        found = (path for path in sorted(self._path.rglob("*")) if path.is_file() and not path.is_symlink())
        sizes = {path.relative_to(self._path).as_posix(): path.stat().st_size for path in found}
        _check_sizes(sizes)
        return sizes

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb")


class ZipSource:
    """A ZIP as the source. Raises `DailiesError` for bytes that are none."""

    def __init__(self, file: Path | BinaryIO) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            raise DailiesError("This is no ZIP, or only a part of one.") from None

    def close(self) -> None:
        self._archive.close()

    def sizes(self) -> dict[str, int]:
        entries = self._archive.infolist()
        for name, number in Counter(entry.filename for entry in entries).items():
            if number > 1:
                raise DailiesError(f"This archive holds {_shorten(name)} {number} times: it was not made by dailies.")
        for entry in entries:
            _check_entry(entry)
        sizes = {entry.filename: entry.file_size for entry in entries if not entry.is_dir()}
        _check_sizes(sizes)
        return sizes

    def open(self, name: str) -> BinaryIO:
        try:
            return self._archive.open(name)  # type: ignore[return-value]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
            raise DailiesError(f"{_shorten(name)} in this archive is damaged.") from None


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, said = entry.filename, _shorten(entry.filename)
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise DailiesError(f"The name {said} in this archive leads out of it.")
    if stat.S_IFMT(entry.external_attr >> 16) not in _KINDS:
        raise DailiesError(f"{said} in this archive is a link or a device, not a file.")
    if entry.flag_bits & 1:
        raise DailiesError(f"{said} in this archive is encrypted. Unpack it first.")
    if entry.file_size > max(_SMALL, _SWELLS * entry.compress_size):
        raise DailiesError(f"{said} in this archive swells to {entry.file_size >> 20} MB: it is not unpacked.")


def _check_sizes(sizes: dict[str, int]) -> None:
    if len(sizes) > MOST_FILES:
        raise DailiesError(f"This archive holds {len(sizes)} files. Import it in parts of at most {MOST_FILES}.")
    for name, size in sizes.items():
        if size > (LARGEST_RECORD if name.endswith(".json") else LARGEST_FILE):
            raise DailiesError(f"{_shorten(name)} in this archive is too large: {size >> 20} MB.")


def _shorten(name: str) -> str:
    return ascii(name if len(name) <= 60 else f"{name[:60]}…")
