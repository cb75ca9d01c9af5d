"""Writes a call as code to copy: curl, Python with httpx, and the OpenAI package if the route allows it.

Pure text. The key is always the variable `DAILIES_API_KEY`. Files are read from the working folder by their names.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from dailies.domain import Route
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.vocabulary import Body


def write_curl(call: Call, base_url: str) -> str:
    """Write a curl command. The shell builds each data URL from its file."""
    url = shlex.quote(f"{base_url}{call.path}")
    lines = [f"curl {url}", '  -H "Authorization: Bearer $DAILIES_API_KEY"']
    if call.body is Body.FORM:
        for part in call.form:
            if isinstance(part.value, Blob):
                # Curl gives `;` and `,` a meaning here, so the name is in curl's quotes inside the shell's.
                name = part.value.name.replace("\\", "\\\\").replace('"', '\\"')
                field = f'{part.name}=@"{name}";type={part.value.media_type}'
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
        data_url = f"data:{blob.media_type};base64,'\"$(base64 < {shlex.quote(blob.name)} | tr -d '\\n')\"'"
        quoted = quoted.replace(mark, data_url)
    # A large body does not fit on a command line, so it goes through standard input.
    return f"printf '%s' {quoted} |\n" + " \\\n".join([*lines, "  -d @-"])


def write_httpx(call: Call, base_url: str) -> str:
    """Write a script that sends the call with httpx and prints the answer."""
    blobs: dict[str, Blob] = {}
    lines = ["import os"]
    headers = '{"Authorization": f"Bearer {os.environ[\'DAILIES_API_KEY\']}"}'
    url = json.dumps(f"{base_url}{call.path}")
    if call.body is Body.FORM:
        lines += ["from pathlib import Path", "", "import httpx", "", "parts = ["]
        lines += [f"    {_part(part)}," for part in call.form]
        lines += ["]", f"answer = httpx.post({url}, headers={headers}, files=parts, timeout=120)"]
    else:
        body = _literal(_marked(call.json, blobs, _tag(call.json)))
        lines = [*_blob_imports(blobs), *lines, *_blob_lines(blobs), "", "import httpx", "", f"body = {body}"]
        if not blobs:
            lines = ["import os", "", "import httpx", "", f"body = {body}"]
        lines.append(f"answer = httpx.post({url}, headers={headers}, json=body, timeout=120)")
    lines += ["print(answer.status_code, answer.json())"]
    return _with_blobs("\n".join(lines), blobs)


def write_openai(call: Call, route: Route, base_url: str) -> str | None:
    """Write a script for the `openai` package; None if the package cannot use the route."""
    if not route.sdk:
        return None
    # No retries: after a timeout the package would send, and charge, the create again.
    address = json.dumps(base_url + "/v1")
    client = f'client = OpenAI(api_key=os.environ["DAILIES_API_KEY"], base_url={address}, max_retries=0)'
    tail = ["print(video.id, video.status)"]
    if call.body is Body.FORM:
        paths = ["from pathlib import Path"] if any(isinstance(part.value, Blob) for part in call.form) else []
        lines = ["import os", *paths, "", "from openai import OpenAI", "from openai.types import Video"]
        lines += ["", client, "video = client.post(", '    "/videos",', "    cast_to=Video,", "    files=["]
        lines += [f"        {_part(part)}," for part in call.form]
        lines += ["    ],", '    options={"headers": {"Content-Type": "multipart/form-data"}},', ")"]
        return "\n".join([*lines, *tail])
    blobs: dict[str, Blob] = {}
    body = _literal(_marked(call.json, blobs, _tag(call.json)))
    lines = [*_blob_imports(blobs), "import os", *_blob_lines(blobs), "", "from openai import OpenAI"]
    lines += ["from openai.types import Video", "", client]
    lines += [f'video = client.post("/videos", cast_to=Video, body={body})', *tail]
    return _with_blobs("\n".join(lines), blobs)


# --- blobs in text -----------------------------------------------------------------------------------------------


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


def _part(part: Part) -> str:
    """The Python source of one form part, for httpx."""
    name = _literal(part.name)
    if isinstance(part.value, str):
        return f"({name}, (None, {_literal(part.value)}))"
    file = _literal(part.value.name)
    return f"({name}, ({file}, Path({file}).read_bytes(), {_literal(part.value.media_type)}))"


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


def _blob_imports(blobs: Mapping[str, Blob]) -> list[str]:
    return ["import base64"] if blobs else []


def _blob_lines(blobs: Mapping[str, Blob]) -> list[str]:
    if not blobs:
        return []
    return [
        "from pathlib import Path",
        "",
        "",
        "def data_url(name, kind):",
        '    return f"data:{kind};base64,{base64.b64encode(Path(name).read_bytes()).decode()}"',
        "",
    ]


def _with_blobs(text: str, blobs: Mapping[str, Blob]) -> str:
    for mark, blob in blobs.items():
        text = text.replace(_literal(mark), f"data_url({_literal(blob.name)}, {_literal(blob.media_type)})")
    return text
