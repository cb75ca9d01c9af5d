"""The object store that processes on several machines share for media: clips, their pictures and references.

Any server that speaks S3. Its address, region and credentials come from the usual `AWS_*` variables.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from dailies.errors import DailiesError

_PIECE = 4 * 1024 * 1024  # bytes of a download that are in memory at once
_PATIENCE = timedelta(seconds=30)  # for all tries of one request
_PROBE = ".probe"

_log = logging.getLogger(__name__)


class Bucket:
    """A bucket, or a folder of one. Thread-safe. Its methods raise `OSError`, as a disk does."""

    def __init__(self, url: str) -> None:
        """`url` is `s3://bucket/folder`. Raises `DailiesError` where nothing can be written there."""
        if not url.startswith("s3://") or not url.removeprefix("s3://").strip("/"):
            raise DailiesError(f"DAILIES_MEDIA_URL={url!r}: write it like s3://bucket or s3://bucket/folder.")
        try:
            self._store = S3Store.from_url(
                url,
                client_options={"allow_http": True, "connect_timeout": "5s", "timeout": "300s"},
                retry_config={"max_retries": 4, "retry_timeout": _PATIENCE},
            )
            with self._told_as_a_disk_does(_PROBE):
                obstore.put(self._store, _PROBE, b"dailies")
        except (OSError, BaseError) as error:
            cause = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise DailiesError(
                f"The object store {url} cannot be written: {cause}. Create the bucket, and check DAILIES_MEDIA_URL, "
                "AWS_ENDPOINT_URL, AWS_REGION and the AWS credentials."
            ) from error

    def put(self, path: Path, name: str) -> None:
        """Store a file; it is there whole or not at all."""
        with self._told_as_a_disk_does(name):
            obstore.put(self._store, name, path)

    def fetch(self, name: str, target: Path) -> None:
        """Write what is stored to a file. Raises `FileNotFoundError` where there is nothing."""
        with self._told_as_a_disk_does(name), target.open("wb") as file:
            for piece in obstore.get(self._store, name).stream(min_chunk_size=_PIECE):
                file.write(piece)

    def has(self, name: str) -> bool:
        """Whether something of this name is stored."""
        try:
            with self._told_as_a_disk_does(name):
                obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, folder: str, chosen: Callable[[str], bool], before: datetime | None = None) -> list[str]:
        """Delete what lies in a folder and is chosen by its name there, and return the names.

        `before`: only what was stored earlier.
        """
        with self._told_as_a_disk_does(folder):
            found = [
                item["path"]
                for page in obstore.list(self._store, prefix=folder)
                for item in page
                if (before is None or item["last_modified"] < before) and chosen(item["path"].rpartition("/")[2])
            ]
            if found:
                obstore.delete(self._store, found)
        return found

    @contextmanager
    def _told_as_a_disk_does(self, name: str) -> Iterator[None]:
        """Raise `OSError` for whatever fails; the words of the server, with its address, go to the log alone."""
        try:
            yield
        except FileNotFoundError as error:
            raise FileNotFoundError(errno.ENOENT, "the object store has nothing of this name", name) from error
        except (BaseError, PermissionError) as error:
            _log.warning("The object store failed at %s: %s", name, str(error).splitlines()[0][:300])
            kind = "refused" if isinstance(error, PermissionError) else type(error).__name__
            raise OSError(errno.EIO, f"the object store failed ({kind})", name) from error
