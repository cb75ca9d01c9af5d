"""Copied code sends what the app sends: every cell, as text alone, with uploads, with links and with assets.

The app's own client sends each call to a recording server, and so does the code that its page offers. The Python runs
in this process; curl, which is a process each time, runs for one call of each form.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dailies.domain import Cell, Reference
from dailies.exchange import Blob, Call
from dailies.gateway.addresses import Reach
from dailies.gateway.client import Client
from dailies.request import snippets
from dailies.steps import Accepted, Send
from dailies.vocabulary import Body, SendAs
from dailies.work.life import create_run
from tests.conformance.films import filmed_cells
from tests.thorough import speaking_of
from tests.unit.golden import call_of, full_draft, name_of, open_cells, request_of, sample_reference
from tests.unit.test_snippets import KEY, Arrived, Recorder, parts_of, recording

# The package warns about the end of OpenAI's own service; gateways keep the API.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
FORMS = (SendAs.FILE, SendAs.DATA_URL, SendAs.BASE64, SendAs.URL, SendAs.ASSET)
CONTENTS: dict[str, bytes] = {}
"""The bytes of every reference, by digest."""


def stored(reference: Reference) -> Reference:
    """The reference with bytes of its own; links and assets stay as they are."""
    if not reference.digest:
        return reference
    content = b"\x89PNG\r\n\x1a\n\x00\xff" + reference.name.encode()
    digest = hashlib.sha256(content).hexdigest()
    CONTENTS[digest] = content
    return replace(reference, digest=digest, size=len(content))


def calls_of(cell: Cell) -> list[Call]:
    """The different calls of a cell: its media in each form that some slot takes, elsewhere in the slot's first."""
    draft, found = full_draft(cell), list[Call]()
    for form in FORMS:
        references = {}
        for slot in cell.slots:
            takes = form if form in {each.send_as for each in slot.forms} else slot.forms[0].send_as
            held = draft.references[slot.id]
            made = [sample_reference(slot.kind, number, takes) for number, _ in enumerate(held, start=1)]
            references[slot.id] = tuple(stored(reference) for reference in made)
        call = call_of(replace(draft, references=references), cell)
        if call not in found:
            found.append(call)
    return found


CELLS = open_cells()
FIRST = filmed_cells(every=False)


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@pytest.fixture(scope="module")
def client(server: Recorder) -> Iterator[Client]:
    port = int(server.url.rpartition(":")[2])
    reach = Reach(frozenset({("127.0.0.1", port)}))
    opened = Client(server.url, lambda _: KEY, CONTENTS.__getitem__, reach)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder, and the key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAILIES_API_KEY", KEY)


def write_files(call: Call, folder: Path) -> None:
    blobs = list(snippets.find_blobs(call.json if call.body is Body.JSON else [part.value for part in call.form]))
    for digest, name in snippets.name_files(call).items():
        assert digest in {blob.digest for blob in blobs}
        (folder / name).write_bytes(CONTENTS[digest])


def facts(arrived: Arrived) -> tuple[str, str, str, Any]:
    """The path, the key, the type of the body, and the body as it is read."""
    kind = arrived.headers["content-type"].partition(";")[0]
    body = json.loads(arrived.body) if kind == Body.JSON.content_type else parts_of(arrived)
    return arrived.path, arrived.headers["authorization"], kind, body


def arrived_by(server: Recorder, send: Callable[[], object]) -> Arrived:
    server.requests.clear()
    send()
    return server.sole()


def sent_by_app(server: Recorder, client: Client, cell: Cell, call: Call) -> Arrived:
    run = create_run(request_of(full_draft(cell), cell), call, cell.route, server.url, datetime.now(UTC))
    return arrived_by(server, lambda: assert_accepted(client.perform(run, Send(), Path("/nowhere/clip"))))


def assert_accepted(event: object) -> None:
    assert isinstance(event, Accepted), event


def run_python(text: str) -> None:
    names: dict[str, Any] = {}
    try:
        exec(compile(text, "snippet.py", "exec"), names)
    finally:
        if "client" in names:
            names["client"].close()  # a script ends with its process; this one would leave its connection open


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, id=name_of(cell), marks=() if cell in FIRST else pytest.mark.thorough) for cell in CELLS],
)
def test_copied_python_sends_what_the_app_sends(cell: Cell, server: Recorder, client: Client, tmp_path: Path) -> None:
    for call in calls_of(cell):
        own = facts(sent_by_app(server, client, cell, call))
        write_files(call, tmp_path)
        with_httpx = snippets.write_httpx(call, server.url)
        assert facts(arrived_by(server, lambda text=with_httpx: run_python(text))) == own
        with_openai = snippets.write_openai(call, cell.route, server.url)
        assert (with_openai is not None) is cell.route.sdk
        if with_openai is not None:
            assert facts(arrived_by(server, lambda text=with_openai: run_python(text))) == own


@cache
def every_call() -> list[tuple[Cell, Call]]:
    return [(cell, call) for cell in CELLS for call in calls_of(cell)]


def blobs_of(call: Call) -> list[Blob]:
    return list(snippets.find_blobs(call.json or [part.value for part in call.form]))


def list_for_curl() -> dict[str, tuple[Cell, Call]]:
    """One call for each body and set of forms of its media, by a name for these."""
    found: dict[str, tuple[Cell, Call]] = {}
    for cell, call in every_call():
        blobs = blobs_of(call)
        kinds = sorted({"file" if not blob.data_url else "base64" if blob.bare else "data" for blob in blobs})
        found.setdefault(f"{call.body}-{'+'.join(kinds) or 'text'}-{len(blobs)}", (cell, call))
    return found


def run_curl(text: str, folder: Path) -> None:
    command = ["bash", "-euo", "pipefail", "-c", text]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "DAILIES_API_KEY": KEY}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_copied_curl_sends_what_the_app_sends(server: Recorder, client: Client, tmp_path: Path) -> None:
    for name, (cell, call) in list_for_curl().items():
        with speaking_of(name):
            own = facts(sent_by_app(server, client, cell, call))
            write_files(call, tmp_path)
            copied = snippets.write_curl(call, server.url)
            assert facts(arrived_by(server, lambda text=copied: run_curl(text, tmp_path))) == own


def test_every_form_of_media_is_compared() -> None:
    forms = {form.send_as for cell in CELLS for slot in cell.slots for form in slot.forms}
    assert forms == set(SendAs)
    blobs = [blob for _, call in every_call() for blob in blobs_of(call)]
    assert {(blob.data_url, blob.bare) for blob in blobs} == {(False, False), (True, False), (True, True)}


def test_two_files_of_one_name_stay_two_files(server: Recorder, client: Client, tmp_path: Path) -> None:
    pair = []
    for content in (b"one", b"another"):
        digest = hashlib.sha256(content).hexdigest()
        CONTENTS[digest] = content
        pair.append(Blob(digest, "image/png", len(content), "image.png", data_url=True))
    cell = next(cell for cell in CELLS if cell.body is Body.JSON and not cell.continues)
    call = Call("POST", "/v1/videos", Body.JSON, json={"model": "m", "input_reference": [*pair, pair[0]]})
    own = facts(sent_by_app(server, client, cell, call))
    write_files(call, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image-2.png", "image.png"]
    assert facts(arrived_by(server, lambda: run_python(snippets.write_httpx(call, server.url)))) == own
