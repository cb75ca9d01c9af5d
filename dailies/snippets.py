"""A call as code to copy: curl, Python with httpx, and the OpenAI package where the route allows.

Pure text. The key is always the placeholder `$DAILIES_API_KEY`; bytes are named as files beside the script.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from dailies.domain import Blob, Body, Call, Route

_STANDARD = ("model", "prompt", "seconds", "size")


def curl(call: Call, base_url: str) -> str:
    """One command line. Files are read from the working folder; a data URL is built by the shell from its file."""
    url = shlex.quote(f"{base_url}{call.path}")
    lines = [f"curl {url}", '  -H "Authorization: Bearer $DAILIES_API_KEY"']
    if call.body is Body.FORM:
        for part in call.form:
            if isinstance(part.value, Blob):
                lines.append(f"  -F {shlex.quote(f'{part.name}=@{part.value.name};type={part.value.media_type}')}")
            else:
                lines.append(f"  --form-string {shlex.quote(f'{part.name}={part.value}')}")
        return " \\\n".join(lines)
    lines.append("  -H 'Content-Type: application/json'")
    blobs: list[Blob] = []
    text = json.dumps(_marked(call.json, blobs), ensure_ascii=False, indent=2)
    if not blobs:
        return " \\\n".join([*lines, f"  -d {shlex.quote(text)}"])
    quoted = shlex.quote(text)
    for number, blob in enumerate(blobs):
        data_url = f"data:{blob.media_type};base64,'\"$(base64 < {shlex.quote(blob.name)} | tr -d '\\n')\"'"
        quoted = quoted.replace(_mark(number), data_url)
    # A large body does not fit on a command line: it goes through standard input.
    return f"printf '%s' {quoted} |\n" + " \\\n".join([*lines, "  -d @-"])


def python_httpx(call: Call, base_url: str) -> str:
    """A script that sends the call with httpx and prints the answer."""
    blobs: list[Blob] = []
    lines = ["import os"]
    headers = '{"Authorization": f"Bearer {os.environ[\'DAILIES_API_KEY\']}"}'
    url = json.dumps(f"{base_url}{call.path}")
    if call.body is Body.FORM:
        lines += ["from pathlib import Path", "", "import httpx", "", "parts = ["]
        for part in call.form:
            if isinstance(part.value, Blob):
                name, kind = json.dumps(part.value.name), json.dumps(part.value.media_type)
                lines.append(f"    ({json.dumps(part.name)}, ({name}, Path({name}).read_bytes(), {kind})),")
            else:
                lines.append(f"    ({json.dumps(part.name)}, (None, {json.dumps(part.value, ensure_ascii=False)})),")
        lines += ["]", f"answer = httpx.post({url}, headers={headers}, files=parts, timeout=120)"]
    else:
        body = _literal(_marked(call.json, blobs))
        lines = [*_blob_imports(blobs), *lines, *_blob_lines(blobs), "", "import httpx", "", f"body = {body}"]
        if not blobs:
            lines = ["import os", "", "import httpx", "", f"body = {body}"]
        lines.append(f"answer = httpx.post({url}, headers={headers}, json=body, timeout=120)")
    lines += ["print(answer.status_code, answer.json())"]
    return _with_blobs("\n".join(lines), blobs)


def python_openai(call: Call, route: Route, base_url: str) -> str | None:
    """A script for the `openai` package, or None where the route is not one it can send to."""
    if not route.sdk:
        return None
    client = f'client = OpenAI(api_key=os.environ["DAILIES_API_KEY"], base_url={json.dumps(base_url + "/v1")})'
    tail = ["print(video.id, video.status)"]
    if call.body is Body.FORM:
        texts: dict[str, Any] = {p.name: p.value for p in call.form if isinstance(p.value, str)}
        files = [p for p in call.form if isinstance(p.value, Blob)]
        lines = [
            "import os",
            "from pathlib import Path",
            "",
            "from openai import OpenAI",
            "from openai.types import Video",
        ]
        lines += ["", client, "video = client.post("]
        lines += ['    "/videos",', "    cast_to=Video,", f"    body={_literal(texts, 4)},", "    files=["]
        for part in files:
            blob = part.value
            assert isinstance(blob, Blob)  # noqa: S101 - narrows the type of the list built above
            name, kind = json.dumps(blob.name), json.dumps(blob.media_type)
            lines.append(f"        ({json.dumps(part.name)}, ({name}, Path({name}).read_bytes(), {kind})),")
        lines += ["    ],", '    options={"headers": {"Content-Type": "multipart/form-data"}},', ")"]
        return "\n".join([*lines, *tail])
    blobs: list[Blob] = []
    body = _literal(_marked(call.json, blobs), 4)
    lines = [*_blob_imports(blobs), "import os", *_blob_lines(blobs), "", "from openai import OpenAI"]
    lines += ["from openai.types import Video", "", client]
    lines += [f'video = client.post("/videos", cast_to=Video, body={body})', *tail]
    return _with_blobs("\n".join(lines), blobs)


# --- blobs in text -----------------------------------------------------------------------------------------------


def _mark(number: int) -> str:
    return f"@@blob-{number}@@"


def _marked(value: Any, blobs: list[Blob]) -> Any:
    """A copy with every blob replaced by a mark, and the blobs collected in order."""
    if isinstance(value, Blob):
        blobs.append(value)
        return _mark(len(blobs) - 1)
    if isinstance(value, Mapping):
        return {key: _marked(item, blobs) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item, blobs) for item in value]
    return value


def _literal(value: Any, indent: int = 0) -> str:
    """Python source of a JSON value."""
    pad = " " * (indent + 4)
    if isinstance(value, Mapping) and value:
        inner = "".join(f"{pad}{json.dumps(k)}: {_literal(v, indent + 4)},\n" for k, v in value.items())
        return f"{{\n{inner}{' ' * indent}}}"
    if isinstance(value, list) and value:
        inner = "".join(f"{pad}{_literal(v, indent + 4)},\n" for v in value)
        return f"[\n{inner}{' ' * indent}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _blob_imports(blobs: list[Blob]) -> list[str]:
    return ["import base64"] if blobs else []


def _blob_lines(blobs: list[Blob]) -> list[str]:
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


def _with_blobs(text: str, blobs: list[Blob]) -> str:
    for number, blob in enumerate(blobs):
        text = text.replace(f'"{_mark(number)}"', f"data_url({json.dumps(blob.name)}, {json.dumps(blob.media_type)})")
    return text
