"""Writes a call as code to copy: curl, Python with httpx, and the OpenAI package if the route allows it.

Pure text. The key is always the variable `DAILIES_API_KEY`. Files are read from the working folder by their names; of
several with one name, each after the first has a number, as in `picture-2.png`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from dailies.domain import Route
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.vocabulary import Body


def write_curl(call: Call, base_url: str) -> str:
    """Write a curl command. The shell encodes each file that travels inside JSON."""
    url = shlex.quote(f"{base_url}{call.path}")
    lines = [f"curl {url}", '  -H "Authorization: Bearer $DAILIES_API_KEY"']
    paths = name_files(call)
    if call.body is Body.FORM:
        for part in call.form:
            if isinstance(part.value, Blob):
                blob, path = part.value, paths[part.value.digest]
                field = f"{part.name}=@{_quote_for_curl(path)};type={blob.media_type}"
                field += "" if path == blob.name else f";filename={_quote_for_curl(blob.name)}"
                lines.append(f"  -F {shlex.quote(field)}")
            else:
                lines.append(f"  --form-string {shlex.quote(f'{part.name}={part.value}')}")
        return " \\\n".join(lines)
    lines.append("  -H 'Content-Type: application/json'")
    blobs: dict[str, Blob] = {}
    text = json.dumps(_marked(call.json, blobs, _tag(call.json)), ensure_ascii=False, indent=2)
    if not blobs:
        return " \\\n".join([*lines, f"  -d {shlex.quote(text)}"])
    quoted = shlex.quote(text)
    for mark, blob in blobs.items():
        head = "" if blob.bare else f"data:{blob.media_type};base64,"
        path = shlex.quote(paths[blob.digest])
        quoted = quoted.replace(mark, f"{head}'\"$(base64 < {path} | tr -d '\\n')\"'")
    # A large body does not fit on a command line, so it goes through standard input.
    return f"printf '%s' {quoted} |\n" + " \\\n".join([*lines, "  -d @-"])


def write_httpx(call: Call, base_url: str) -> str:
    """Write a script that sends the call with httpx and prints the answer."""
    blobs: dict[str, Blob] = {}
    lines, paths = ["import os"], name_files(call)
    headers = '{"Authorization": f"Bearer {os.environ[\'DAILIES_API_KEY\']}"}'
    url = json.dumps(f"{base_url}{call.path}")
    if call.body is Body.FORM:
        lines += ["from pathlib import Path", "", "import httpx", "", "parts = ["]
        lines += [f"    {_part(part, paths)}," for part in call.form]
        lines += ["]", f"answer = httpx.post({url}, headers={headers}, files=parts, timeout=120)"]
    else:
        body = _literal(_marked(call.json, blobs, _tag(call.json)))
        lines = [*_standard_imports(blobs), "", "import httpx", "", *_reader(blobs), f"body = {body}"]
        lines.append(f"answer = httpx.post({url}, headers={headers}, json=body, timeout=120)")
    lines += ["print(answer.status_code, answer.json())"]
    return _with_blobs("\n".join(lines), blobs, paths)


def write_openai(call: Call, route: Route, base_url: str) -> str | None:
    """Write a script for the `openai` package; None if the package cannot use the route."""
    if not route.sdk:
        return None
    # No retries: after a timeout the package would send, and charge, the create again.
    address = json.dumps(base_url + "/v1")
    client = f'client = OpenAI(api_key=os.environ["DAILIES_API_KEY"], base_url={address}, max_retries=0)'
    tail, paths = ["print(video.id, video.status)"], name_files(call)
    if call.body is Body.FORM:
        reading = ["from pathlib import Path"] if paths else []
        lines = ["import os", *reading, "", "from openai import OpenAI", "from openai.types import Video"]
        lines += ["", client, "video = client.post(", '    "/videos",', "    cast_to=Video,", "    files=["]
        lines += [f"        {_part(part, paths)}," for part in call.form]
        lines += ["    ],", '    options={"headers": {"Content-Type": "multipart/form-data"}},', ")"]
        return "\n".join([*lines, *tail])
    blobs: dict[str, Blob] = {}
    body = _literal(_marked(call.json, blobs, _tag(call.json)))
    lines = [*_standard_imports(blobs), "", "from openai import OpenAI", "from openai.types import Video", ""]
    lines += [*_reader(blobs), client]
    lines += [f'video = client.post("/videos", cast_to=Video, body={body})', *tail]
    return _with_blobs("\n".join(lines), blobs, paths)


def name_files(call: Call) -> dict[str, str]:
    """Map the digest of each file of a call to a name of its own in the working folder."""
    names: dict[str, str] = {}
    for blob in find_blobs(call.json if call.body is Body.JSON else [part.value for part in call.form]):
        stem, dot, suffix = blob.name.rpartition(".")
        name, number = blob.name, 1
        while blob.digest not in names and name in names.values():
            number += 1
            name = f"{stem}-{number}{dot}{suffix}" if stem else f"{blob.name}-{number}"
        names.setdefault(blob.digest, name)
    return names


def find_blobs(value: Any) -> Iterator[Blob]:
    """Find the files inside a call's JSON or parts, in order."""
    if isinstance(value, Blob):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from find_blobs(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from find_blobs(item)


# --- blobs in text -----------------------------------------------------------------------------------------------


def _quote_for_curl(name: str) -> str:
    """Quote a file name for `-F`, where `;` and `,` have a meaning; the shell's quotes come around it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _tag(value: Any) -> str:
    """The start of a mark that occurs nowhere in the call's own texts."""
    tag, text = "@@blob", json.dumps(value, ensure_ascii=False, default=repr)
    while tag in text:
        tag += "@"
    return tag


def _marked(value: Any, blobs: dict[str, Blob], tag: str) -> Any:
    """Copy a value with every blob replaced by a mark. `blobs` collects the blobs by their marks."""
    if isinstance(value, Blob):
        mark = f"{tag}-{len(blobs)}-"
        blobs[mark] = value
        return mark
    if isinstance(value, Mapping):
        return {key: _marked(item, blobs, tag) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item, blobs, tag) for item in value]
    return value


def _part(part: Part, paths: Mapping[str, str]) -> str:
    """The Python source of one form part, for httpx."""
    name = _literal(part.name)
    if isinstance(part.value, str):
        return f"({name}, (None, {_literal(part.value)}))"
    file, path = _literal(part.value.name), _literal(paths[part.value.digest])
    return f"({name}, ({file}, Path({path}).read_bytes(), {_literal(part.value.media_type)}))"


def _literal(value: Any, indent: int = 0) -> str:
    """The Python source of a JSON value."""
    pad = " " * (indent + 4)
    if isinstance(value, Mapping) and value:
        inner = "".join(f"{pad}{_literal(k)}: {_literal(v, indent + 4)},\n" for k, v in value.items())
        return f"{{\n{inner}{' ' * indent}}}"
    if isinstance(value, list) and value:
        inner = "".join(f"{pad}{_literal(v, indent + 4)},\n" for v in value)
        return f"[\n{inner}{' ' * indent}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _standard_imports(blobs: Mapping[str, Blob]) -> list[str]:
    return ["import base64", "import os", "from pathlib import Path"] if blobs else ["import os"]


def _reader(blobs: Mapping[str, Blob]) -> list[str]:
    """The function that reads a file into base64, with the empty lines around it."""
    if not blobs:
        return []
    encode = "    return base64.b64encode(Path(path).read_bytes()).decode()"
    return ["", "def read_base64(path):", encode, "", ""]


def _with_blobs(text: str, blobs: Mapping[str, Blob], paths: Mapping[str, str]) -> str:
    for mark, blob in blobs.items():
        encoded = f"read_base64({_literal(paths[blob.digest])})"
        head = "" if blob.bare else f"{_literal(f'data:{blob.media_type};base64,')} + "
        text = text.replace(_literal(mark), f"{head}{encoded}")
    return text
