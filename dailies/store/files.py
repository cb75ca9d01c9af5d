"""The files of a library: references by digest; clips and the pictures made from them by name.

They lie in the home folder. Where a bucket is set up, that is where they are kept, and the home holds what was lately
looked at: a caller that needs a file fetches it first.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.errors import DailiesError, MediaError
from dailies.home import explain

if TYPE_CHECKING:
    from dailies.store.bucket import Bucket

_AT_ONCE = 16
"""How many files are brought from the bucket at a time."""


class Files:
    """The media folders of one home. Thread-safe."""

    def __init__(self, home: Path, media_url: str = "") -> None:
        """Make the folders. `media_url`: the bucket, see `Bucket`. Raises `DailiesError` where one cannot be used."""
        self.clips = home / "clips"
        self._references = home / "references"
        for folder in (self.clips, self._references):
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                raise DailiesError(explain(error, folder, "The folder")) from error
        self._bucket = _open_bucket(media_url) if media_url else None
        self._known: set[str] = set()  # what the bucket is known to have
        self._bringing = [threading.Lock() for _ in range(_AT_ONCE)]

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
                if self._bucket:
                    self._bucket.put(part, _name_reference(digest))
                part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise MediaError(explain(error, self._references, "The file was not stored.")) from error
        return digest

    def read(self, digest: str) -> bytes:
        """Return the bytes of a reference. Raises `MediaError` if they are gone."""
        try:
            return self.bring_reference(digest).read_bytes()
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

    def bring_clip(self, name: str) -> Path:
        """Return the path of a clip or picture, with its bytes there if the library has them. Errors as `clip_path`."""
        return self._bring(self.clip_path(name), f"clips/{name}")

    def bring_reference(self, digest: str) -> Path:
        """Return the path of a reference, with its bytes there if the library has them. Errors as `path`."""
        return self._bring(self.path(digest), _name_reference(digest))

    def has_clip(self, name: str) -> bool:
        """Whether the library has the bytes of a clip or picture. Errors as `clip_path`."""
        if self.clip_path(name).is_file() or name in self._known:
            return True
        if self._bucket is None:
            return False
        try:
            found = self._bucket.has(f"clips/{name}")
        except OSError:  # it may still exist: the caller that reads it gets the error
            return True
        if found:
            self._known.add(name)
        return found

    def _bring(self, path: Path, name: str) -> Path:
        """Raises `MediaError` where the bucket fails; what it does not have is not there afterwards either."""
        if self._bucket is None or path.is_file():
            return path
        with self._bringing[hash(name) % _AT_ONCE]:  # a player asks for several ranges at once
            part = path.with_name(f".{secrets.token_hex(8)}.part")
            try:
                if not path.is_file():
                    path.parent.mkdir(exist_ok=True)
                    self._bucket.fetch(name, part)
                    part.replace(path)
            except FileNotFoundError:
                pass
            except OSError as error:
                raise MediaError(f"A file could not be read: {error.strerror}.", "Try again in a moment.") from error
            finally:
                part.unlink(missing_ok=True)
        return path

    @property
    def remote(self) -> bool:
        """Whether the files are kept in a bucket, and the home only holds copies."""
        return self._bucket is not None

    def sweep_bucket(self, named: Collection[str], before: datetime) -> list[str]:
        """Delete clips and pictures from the bucket that are older and of no stem that is named; return their names."""
        if self._bucket is None:
            return []
        return self._bucket.delete("clips", lambda name: name.split(".")[0] not in named, before)

    def list_all(self) -> list[Path]:
        """List the files of clips and pictures, and what is half written anywhere; with a bucket every copy."""
        others = "*" if self.remote else ".*.part"
        found = [*self.clips.iterdir(), *self._references.rglob(others)]
        return [path for path in found if path.is_file()]

    def sync(self, *names: str) -> None:
        """Have clips and their pictures kept for good when this returns: on the disk, or in the bucket.

        Raises `OSError` where that fails.
        """
        if self._bucket:
            for name in names:
                self._bucket.put(self.clip_path(name), f"clips/{name}")
            return
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
        stem = self.clip_path(file).name.split(".")[0]
        for made in self.clips.glob(f"{stem}.*"):
            made.unlink(missing_ok=True)
        if self._bucket:
            self._known = {name for name in self._known if name.split(".")[0] != stem}
            with suppress(OSError):  # swept later
                self._bucket.delete("clips", lambda name: name.split(".")[0] == stem)


def _name_reference(digest: str) -> str:
    return f"references/{digest[:2]}/{digest}"


def _open_bucket(url: str) -> Bucket:
    try:
        from dailies.store.bucket import Bucket
    except ModuleNotFoundError as error:
        raise DailiesError(
            f"DAILIES_MEDIA_URL needs the package obstore, which is not installed ({error}). Install dailies[cluster]."
        ) from None
    return Bucket(url)
