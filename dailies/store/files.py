"""The files of one home folder: references by digest; clips and the pictures made from them by name."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from dailies.errors import DailiesError, MediaError
from dailies.home import explain


class Files:
    """The media folders of one home."""

    def __init__(self, home: Path) -> None:
        """Make the folders. Raises `DailiesError` where one cannot be made."""
        self.clips = home / "clips"
        self._references = home / "references"
        for folder in (self.clips, self._references):
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise DailiesError(explain(error, folder, "The folder")) from error

    def keep(self, data: bytes) -> str:
        """Store the bytes of a reference once and return their digest (SHA-256, 64 hexadecimal digits).

        Raises `MediaError` if the disk does not take them.
        """
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                part.write_bytes(data)
                part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise MediaError(explain(error, self._references, "The file was not stored.")) from error
        return digest

    def read(self, digest: str) -> bytes:
        """Return the bytes of a reference. Raises `MediaError` if they are gone."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            raise MediaError("The bytes of a reference are gone.", "Add the file again.") from None

    def path(self, digest: str) -> Path:
        """Return the path of a reference's bytes. Raises `MediaError` for anything but a digest."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise MediaError(f"{digest!r} is not a digest.", "Add the file again.")
        return self._references / digest[:2] / digest

    def clip_path(self, name: str) -> Path:
        """Return the path of a clip or a picture made from it. Raises `MediaError` for a name that leads elsewhere."""
        if not name or name.startswith(".") or Path(name).name != name or "\\" in name:
            raise MediaError(f"{name!r} is not a file of the store.")
        return self.clips / name

    def list_all(self) -> list[Path]:
        """List the files of clips and pictures, and what is half written anywhere."""
        return [path for path in self.clips.iterdir() if path.is_file()] + list(self._references.rglob(".*.part"))

    def sync(self, *names: str) -> None:
        """Have clips, their pictures and the folder's list of them on the disk when this returns."""
        for path in (*map(self.clip_path, names), self.clips):
            if path.is_dir() and os.name == "nt":
                continue  # Windows cannot open a folder, and does not need to
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def discard(self, file: str) -> None:
        """Delete a clip's file and every picture made from it: they share its name up to the first dot."""
        for made in self.clips.glob(f"{self.clip_path(file).name.split('.')[0]}.*"):
            made.unlink(missing_ok=True)
