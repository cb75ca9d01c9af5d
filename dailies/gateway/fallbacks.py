"""A last look over the whole body of a reply that fits no documented shape: keys are judged by what they speak of.

Owns the vocabulary of keys. `replies` and `refusals` ask here only for what no documented place holds. Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import unquote, urlsplit

from dailies.formats import detect
from dailies.gateway.body import Path, as_text, walk
from dailies.text import LINK_CHARS
from dailies.vocabulary import MediaKind

ECHO = frozenset({"input", "inputs", "request", "params", "parameters", "prompt", "payload", "options", "webhook"})
"""Keys below which a server repeats what it was asked."""


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[str, ...]:
    """Split a key into its words in lower case: `videoUrl`, `VIDEO_URL` and `video-url` are (video, url)."""
    return tuple(re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()))


def squeeze(key: str) -> str:
    """Return a key in lower case and without what divides its words."""
    return "".join(split_key(key))


def _any(pattern: re.Pattern[str], words: Iterable[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)


def _entries(body: Any) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    """Walk a body without what it repeats of the request."""
    for keys, value, parent in walk(body):
        if not any(key.lower() in ECHO for key in keys):
            yield keys, value, parent


# --- task --------------------------------------------------------------------------------------------------------

_ANY_ID = "…id"  # under a key that ends so, such as `prompt_id`: better than nothing
_TASK_KEYS = (
    *("taskid", "jobid", "generationid", "predictionid", "videoid", "operationid", "runid", "inferenceid"),
    *("id", "uuid", "uid", _ANY_ID, "requestid", "name", "operation", "task", "job", "ticket", "result", "data"),
)
_OF_OTHERS = frozenset({"error", "errors", "user", "account", "usage", "model", "group", "channel", "file", "asset"})
_NO_TASK = _OF_OTHERS | {
    "trace",
    "client",
    "org",
    "organization",
    "session",
    "key",
    "project",
    "tenant",
    "log",
    "parent",
}


def find_task(body: Any) -> str:
    """Return the id of a task under any usual key, the most telling key first; "" if there is none."""
    best, rank = "", len(_TASK_KEYS)
    for keys, value, _ in _entries(body):
        key = squeeze(keys[-1])
        known = key if key in _TASK_KEYS else _ANY_ID if _names_something(keys[-1]) else ""
        if not known or (found := _TASK_KEYS.index(known)) >= rank or not is_id(as_text(value)):
            continue
        text = as_text(value)
        if _OF_OTHERS & {word for outer in keys[:-1] for word in split_key(outer)}:
            continue
        if key in ("name", "operation") and "operations/" not in text:
            continue
        if key in ("task", "job", "result", "data") and (not isinstance(value, str) or not re.search(r"\d", text)):
            continue
        best, rank = text, found
    return best


def _names_something(key: str) -> bool:
    """Whether a key ends as one of an id does, and not of the id of something that is no task."""
    words = split_key(key)
    return len(words) > 1 and words[-1] == "id" and not _NO_TASK & set(words)


def is_id(text: str) -> bool:
    """Whether a text can be the id of a task: one word, and no web address."""
    return bool(re.fullmatch(r"[^\s\"'<>{}\[\]\\]{1,512}", text)) and "://" not in text


# --- status ------------------------------------------------------------------------------------------------------

_NO_STATUS = frozenset(
    {"http", "payment", "moderation", "code", "webhook", "account", "user", "usage", "steps", "logs"}
)
_INSIDE_STATUS = ("code", "state", "status", "name", "value", "text", "type", "phase")


def find_status(body: Any) -> str:
    """Return the status word nearest to the surface, "" if there is none."""
    for keys, value, _ in _entries(body):
        words = split_key(keys[-1])
        if not words or words[-1] not in ("status", "state", "phase"):
            continue
        if _NO_STATUS & {word for key in keys for word in split_key(key)}:
            continue
        inside = (value.get(key) for key in _INSIDE_STATUS) if isinstance(value, Mapping) else (value,)
        word = next((text.strip() for text in inside if isinstance(text, str)), "")
        if word:
            return word
    return ""


_FLAGGED = re.compile(r"nsfw|unsafe|flagged|safety.?violat")


def find_flag(body: Any) -> str:
    """Return the key that says of the result, by true, that it must not be shown; "" if there is none."""
    for keys, value, _ in _entries(body):
        if _FLAGGED.search(squeeze(keys[-1])) and (value is True or (isinstance(value, list) and True in value)):
            return keys[-1]
    return ""


def find_done(body: Any) -> bool | None:
    """Return the flag of an operation that says whether it is done; None if there is none."""
    for keys, value, _ in _entries(body):
        if isinstance(value, bool) and squeeze(keys[-1]) in ("done", "isdone", "finished", "completed"):
            return value
    return None


# --- percent -----------------------------------------------------------------------------------------------------

_PERCENT = frozenset({"progress", "percent", "percentage", "pct", "completion"})
_COUNTS = (("current", "total"), ("completed", "total"), ("done", "total"), ("step", "steps"), ("value", "max"))


def find_percent(body: Any) -> int | None:
    """Return the first percentage under a key that speaks of progress, 0 to 100."""
    for keys, value, _ in _entries(body):
        words = split_key(keys[-1])
        if _PERCENT & set(words) and not {"tokens", "message", "text", "url"} & set(words):
            counted = value if isinstance(value, Mapping) else {}
            count = next((f"{counted[a]}/{counted[b]}" for a, b in _COUNTS if a in counted and b in counted), value)
            if (percent := read_percent(count)) is not None:
                return percent
    return None


def read_percent(value: Any) -> int | None:
    """Read 62, "62", "62 %", 0.62, "0.62" and "31/50" as 62, within 0 to 100; None for anything else.

    A fraction is told by its point: 1 is one per cent, 1.0 is all.
    """
    text = re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", as_text(value).lower().removesuffix("percent").strip())
    if parts := re.fullmatch(r"(\d{1,9}(?:\.\d+)?)\s*(?:/|of)\s*(\d{1,9}(?:\.\d+)?)", text):
        whole = float(parts[2])
        return max(0, min(100, int(100 * float(parts[1]) / whole))) if whole else None
    number = text.removesuffix("%").strip()
    if said := re.search(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*%", text):
        number = said[1]
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d+)?(e[+-]?\d{1,2})?", number):
        return None
    percent = float(number)
    if "." in number and 0 < percent <= 1 and "%" not in text:
        percent *= 100
    return max(0, min(100, int(percent + 1e-9)))


# --- link --------------------------------------------------------------------------------------------------------

VIDEO_FILES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".ts", ".mpg", ".mpeg", ".flv", ".ogv")
_OTHER_FILES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".avif", ".heic", ".bmp", ".json", ".txt", ".html", ".xml"),
    *(".mp3", ".wav", ".m4a", ".aac", ".flac", ".ogg", ".srt", ".vtt", ".zip", ".m3u8", ".pdf"),
)
_OF_VIDEO = re.compile(r"videos?|clips?|movies?|films?|mp4|webm|mov")
_OF_A_RESULT = re.compile(
    r"ur[li]s?|links?|href|src|outputs?|results?|files?|contents?|download|media|assets?|data|resources?|artifacts?"
    r"|generat\w+|unsigned|signed|location|value|response|path|address|samples?|play"
)
_NO_VIDEO = re.compile(
    r"covers?|thumb(nail)?s?|posters?|images?|imgs?|pic(ture)?s?|photos?|frames?|avatar|icon|logo|gif|sprites?|storyboard"
    r"|audios?|sounds?|music|voice|bgm|subtitles?|captions?|references?|source|init|callback|webhook|status|cancel|get"
    r"|poll|self|next|queue|share|page|permalink|web|dashboard|docs?|help|support|terms|logs?|errors?|user|profile"
)
_NO_VIDEO_GLUED = ("cover", "thumb", "poster", "responseurl")
_CLEAN_COPY = re.compile(r"(no|without|un|non|removed?)watermark|watermark(free|less|removed)")
_WEB = re.compile(r"https?://[^\s\"'<>()\[\]\\`]+", re.IGNORECASE)
_NO_KIND = ("image", "audio", "thumbnail", "cover")


def bare_link(text: str) -> str:
    """Return a link without what some servers write around it, and decoded where the whole of it is encoded."""
    text = text.strip(" \t\r\n\"'<>`")
    return unquote(text) if re.match(r"https?%3a%2f%2f", text, re.IGNORECASE) else text


def find_link(body: Any) -> tuple[str, bool]:
    """Return (the best link to a video, whether it leads to a watermarked copy); ("", False) if there is none."""
    (rank, link), *_ = (*_rank_links(body), (_NO_LINK, ""))
    return link, rank == _WATERMARKED


def list_links(body: Any) -> list[str]:
    """List the links to a video, best first, without copies that are previews or bear a watermark."""
    return list(dict.fromkeys(link for rank, link in _rank_links(body) if rank < _WATERMARKED))


def _rank_links(body: Any) -> list[tuple[int, str]]:
    strings = ((keys, value, parent) for keys, value, parent in _entries(body) if isinstance(value, str))
    found = ((keys, value, parent, _link_in(value)) for keys, value, parent in strings)
    ranked = [
        (_rank_link(link, keys, parent, whole=link == bare_link(value)), link)
        for keys, value, parent, link in found
        if link
    ]
    return sorted((each for each in ranked if each[0] < _NO_LINK), key=itemgetter(0))


_WATERMARKED, _NO_LINK = 4, 9


def _link_in(text: str) -> str:
    text = bare_link(text)
    if len(text) > 10 * LINK_CHARS or "\ufffd" in text:
        return ""
    if re.match(r"(https?://|/(?!/))\S+$", text, re.IGNORECASE):
        return text if len(text) <= LINK_CHARS else ""
    found = [link.rstrip(".,;:!?") for link in _WEB.findall(text)]
    return next((link for link in found if _ending(link) in VIDEO_FILES), "")


def _rank_link(link: str, keys: Path, parent: Mapping[str, Any], *, whole: bool) -> int:
    """-1 is best, a copy that is said to bear no watermark; `_NO_LINK` is none to a video."""
    words = [word for key in keys for word in split_key(key)]
    kind = " ".join(as_text(parent.get(key)) for key in ("type", "content_type", "mime_type", "media_type")).lower()
    ending = _ending(link)
    glued = squeeze(keys[-1])
    if ending in _OTHER_FILES or _any(_NO_VIDEO, words) or any(word in glued for word in _NO_VIDEO_GLUED):
        return _NO_LINK
    if any(word in kind for word in _NO_KIND) and "video" not in kind:
        return _NO_LINK
    of_video = _any(_OF_VIDEO, words) or "video" in glued or "video" in kind
    if not link.lower().startswith("http") and not of_video and ending not in VIDEO_FILES:
        return _NO_LINK
    if "watermark" in glued:
        return -1 if _CLEAN_COPY.search(glued) else _WATERMARKED
    if "preview" in words:
        return 5 if of_video or ending in VIDEO_FILES else _NO_LINK
    if not whole:
        return 3
    if of_video:
        return 0
    if ending in VIDEO_FILES:
        return 1
    return 2 if _any(_OF_A_RESULT, split_key(keys[-1])) else _NO_LINK


def _ending(link: str) -> str:
    try:
        name = urlsplit(link).path.rsplit("/", 1)[-1].lower()
    except ValueError:
        return ""
    return f".{name.rsplit('.', 1)[1]}" if "." in name else ""


# --- a clip inside the answer ------------------------------------------------------------------------------------

_SHORTEST_CLIP = 64  # characters of base64


def find_clip(body: Any) -> bytes | None:
    """Return the bytes of a video that the body holds as a data URL or as base64, known by their beginning."""
    for keys, value, _ in _entries(body):
        if isinstance(value, str) and len(value) >= _SHORTEST_CLIP:
            words = [word for key in keys for word in split_key(key)]
            if not _any(_NO_VIDEO, words) and (found := read_clip(value)) is not None:
                return found
    return None


def read_clip(text: str) -> bytes | None:
    """Return the bytes of a video written as a data URL or as base64, with either alphabet; None for anything else."""
    start = text.find(",") + 1 if text[:5].lower() == "data:" else 0
    head = _decode(text[start : start + 1024])
    if head is None or not is_video(head):
        return None
    return _decode(text[start:])


def _decode(text: str) -> bytes | None:
    bare = re.sub(r"\s+", "", text).replace("-", "+").replace("_", "/").rstrip("=")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_video(head: bytes) -> bool:
    """Whether the first bytes of an answer are those of a video, whatever its label says."""
    known = detect(head)
    return known is not None and known.kind is MediaKind.VIDEO
