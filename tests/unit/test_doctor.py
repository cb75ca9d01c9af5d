"""The doctor: servers that redirect, serve pages, refuse keys, are slow or are not there; and the judgement alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from dailies.cli import main
from dailies.errors import DailiesError
from dailies.gateway import doctor
from dailies.gateway.addresses import Reach, service
from dailies.gateway.doctor import Answer, Diagnosis, Expected, Finding, Level, Question, Server, Trouble
from dailies.gateway.probes import Examinations, examine, expect
from dailies.vocabulary import LifeState
from tests.unit.golden import catalog

KEY = "sk-very-secret-1234567890"
VIDEOS, UNIFIED = ("/v1/videos", "/v1/videos/{task}"), ("/v1/video/create", "/v1/video/query?id={task}")
EXPECTED = Expected((VIDEOS, UNIFIED), lambda name: name.startswith("known"), lambda name: "gone" * ("old" in name))
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
JSON, HTML = {"content-type": "application/json"}, {"content-type": "text/html; charset=utf-8"}


# --- servers -----------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A server whose answers are (status, headers, body) by path; `*` is any other path."""

    answers: Mapping[str, tuple[int, dict[str, str], str]]
    url: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # (method, path, key)

    def examined(self, key: str = KEY, **more: Any) -> Diagnosis:
        return examine(self.url, key, EXPECTED, Reach(frozenset({service(self.url)})), **more)


@contextmanager
def site(answers: Mapping[str, tuple[int, dict[str, str], str]], *, silent: bool = False) -> Iterator[Site]:
    """Serve answers; a silent one reads each request and does not answer before the end of the block."""
    kept, ended = Site(answers), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            kept.requests.append((self.command, self.path, self.headers.get("Authorization", "")))
            if silent:
                ended.wait()
                return
            status, headers, body = answers.get(self.path, answers.get("*", (404, JSON, '{"detail": "Not Found"}')))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            data = body.encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def of(diagnosis: Diagnosis, about: str) -> Finding:
    """The first finding about a thing."""
    return next(finding for finding in diagnosis.findings if finding.about == about)


MODELS = '{"object": "list", "data": [{"id": "known-1"}, {"id": "known-old"}, {"id": "other"}]}'
UNKNOWN_TASK = '{"error": {"message": "no such video"}}'
GOOD = {"/v1/models": (200, JSON, MODELS), f"/v1/videos/{doctor.TASK}": (404, JSON, UNKNOWN_TASK)}


def test_a_good_server_is_asked_with_get_alone_and_never_at_a_create_route() -> None:
    with site(GOOD) as server:
        found = server.examined()
    assert found.ok
    assert {method for method, _, _ in server.requests} == {"GET"}
    assert {path for _, path, _ in server.requests}.isdisjoint({"/v1/videos", "/v1/video/create"})
    keyed = {path for _, path, key in server.requests if key}
    assert keyed == {"/v1/models", doctor.NOWHERE, f"/v1/videos/{doctor.TASK}", f"/v1/video/query?id={doctor.TASK}"}
    assert of(found, "Entry points") == Finding(
        "Entry points", Level.OK, "These routes answer: /v1/videos.",
        "Not served here: /v1/video/create.",
    )  # fmt: skip
    models = [finding for finding in found.findings if finding.about == "Models"]
    assert [finding.what for finding in models] == [
        "It lists 3 models; the catalog knows 2 (known-1, known-old).",
        "1 of them was gone (known-old).",
    ]


def test_no_key_goes_where_a_redirect_answers() -> None:
    target = "https://gateway.example/v1/models"
    with site({"*": (301, {"location": target}, "")}) as server:
        found = server.examined()
    assert not found.ok
    assert server.requests == [("GET", "/v1/models", "")]
    assert of(found, "Address").fix == "Set https://gateway.example as the base URL."


def test_a_server_that_wants_https_is_named_as_such() -> None:
    base = "http://gateway.example"
    first = Answer(308, {"location": "https://gateway.example/v1/models"}, at=NOW)
    found = doctor.judge(base, {doctor.OPEN: first}, EXPECTED, has_key=True)
    assert of(found, "Address").what == "The server wants https; a redirected request loses its body."
    assert of(found, "Address").fix == "Set https://gateway.example as the base URL."


def test_a_web_site_is_no_gateway_and_the_api_beside_it_is_found() -> None:
    page = (200, HTML, "<!doctype html><title>Our shop</title>")
    with site({"*": page}) as server:
        found = server.examined()
    assert not found.ok
    assert of(found, "Address").what == f"A web page answers at {server.url}/v1/models, not an API."
    assert of(found, "Address").fix == "Ask its operator for the base URL of the API."
    assert all(not key for _, _, key in server.requests)
    with site({"*": page, "/api/v1/models": (401, JSON, '{"error": {"message": "no key"}}')}) as server:
        assert of(server.examined(), "Address").fix == f"Use {server.url}/api as the base URL."


def test_a_base_url_that_goes_on_too_far_is_cut_and_that_is_said() -> None:
    with site(GOOD) as server:
        found = server.examined(given=f"{server.url}/v1/videos")
    assert found.ok
    assert of(found, "Address").what.startswith(f"You gave {server.url}/v1/videos; dailies adds /v1 and uses ")


def test_a_dead_port_is_one_sentence() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    found = examine(url, KEY, EXPECTED, Reach(frozenset({service(url)})))
    assert not found.ok
    assert [finding.about for finding in found.findings] == ["Connection"]
    assert "There is no connection to 127.0.0.1" in found.findings[0].what


def test_an_address_that_may_not_be_called_is_not_called() -> None:
    with site(GOOD) as server:
        found = examine(server.url, KEY, EXPECTED, Reach())
    assert server.requests == []
    assert "DAILIES_ALLOW_HOSTS" in of(found, "Connection").what


def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    with site({}, silent=True) as server:
        found = server.examined(patience=0.05)
    assert not found.ok
    assert "did not answer in" in of(found, "Connection").what


def test_plain_http_under_https_is_no_certificate() -> None:
    with site(GOOD) as server:
        url = server.url.replace("http:", "https:")
        found = examine(url, KEY, EXPECTED, Reach(frozenset({service(url)})))
    assert "does not speak TLS" in of(found, "Connection").what
    assert of(found, "Connection").fix == f"Try {server.url}."


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_a_problem_and_is_not_shown(status: int) -> None:
    said = f'{{"error": {{"message": "Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}}}'
    with site({"*": (status, JSON, said)}) as server:
        found = server.examined()
    assert not found.ok
    assert of(found, "Key").what == f"It refuses the key with {status}: Incorrect API key provided: [key]."
    assert KEY not in repr(found)
    with site({"*": (status, JSON, said)}) as server:
        keyless = server.examined(key="")
    assert not keyless.ok
    assert of(keyless, "Key").what.startswith(f"There is no key, and without one it answers {status}: ")


# --- the judgement alone -----------------------------------------------------------------------------------------


def answers(**changes: Any) -> dict[Question, Answer]:
    """The answers of a good server, each changed."""
    plain = {
        doctor.OPEN: Answer(401, JSON, '{"error": "key"}'),
        doctor.KEYED: Answer(200, JSON, MODELS),
        doctor.UNKNOWN_PATH: Answer(404, JSON, f'{{"message": "Invalid URL (GET {doctor.NOWHERE})"}}'),
        doctor.ask_for_task(VIDEOS[1]): Answer(404, JSON, UNKNOWN_TASK),
        doctor.ask_for_task(UNIFIED[1]): Answer(404, JSON, '{"message": "Invalid URL (GET /v1/video/query)"}'),
    }
    return {question: replace(answer, seconds=0.1, at=NOW, **changes) for question, answer in plain.items()}


def judged(found: Mapping[Question, Answer]) -> Diagnosis:
    return doctor.judge("https://gateway.example", found, EXPECTED, has_key=True)


def test_an_answer_is_compared_with_that_to_an_unknown_path() -> None:
    found = answers()
    assert doctor.serves(doctor.ask_for_task(VIDEOS[1]), found) is True
    assert doctor.serves(doctor.ask_for_task(UNIFIED[1]), found) is False
    page = found | {doctor.ask_for_task(UNIFIED[1]): Answer(200, HTML, "<html>")}
    assert doctor.serves(doctor.ask_for_task(UNIFIED[1]), page) is False
    refused = found | {doctor.ask_for_task(UNIFIED[1]): Answer(403, JSON, "{}")}
    assert doctor.serves(doctor.ask_for_task(UNIFIED[1]), refused) is None
    assert "Nothing can be said about /v1/video/create." in [f.what for f in judged(refused).findings]
    absent = Answer(404, JSON, f'{{"message": "Invalid URL (GET /v1/videos/{doctor.TASK})"}}')
    none = found | {doctor.ask_for_task(VIDEOS[1]): absent}
    assert of(judged(none), "Entry points").level is Level.PROBLEM


SIGNS: list[tuple[Server, dict[Question, Answer]]] = [
    (Server.NEW_API, {doctor.UNKNOWN_PATH: Answer(404, JSON | {"x-oneapi-request-id": "2026"}, "{}")}),
    (Server.NEW_API, {doctor.STATUS: Answer(200, JSON, '{"data": {"version": "v1"}, "success": true}')}),
    (Server.NEW_API, {doctor.ask_for_task(VIDEOS[1]): Answer(400, JSON, '{"code": "task_not_exist"}')}),
    (Server.LITELLM, {doctor.KEYED: Answer(200, JSON | {"x-litellm-version": "1.108.7"}, MODELS)}),
    (Server.LITELLM, {doctor.KEYED: Answer(400, JSON, '{"error": {"type": "no_db_connection"}}')}),
    (Server.LITELLM, {doctor.UNKNOWN_PATH: Answer(500, JSON, '{"error": "litellm.InternalServerError: no"}')}),
    (Server.LITELLM, {doctor.ROOT: Answer(200, HTML, "<html><title>LiteLLM API - Swagger UI</title>")}),
    (Server.VLLM_OMNI, {doctor.KEYED: Answer(200, JSON, '{"data": [{"id": "m", "owned_by": "vllm"}]}')}),
    (Server.SGLANG, {doctor.KEYED: Answer(200, JSON, '{"data": [{"id": "m", "owned_by": "sglang"}]}')}),
    (Server.OPENAI, {doctor.KEYED: Answer(200, JSON | {"openai-version": "2020-10-01"}, MODELS)}),
    (Server.UNKNOWN, {doctor.STATUS: Answer(200, JSON, '{"success": true}')}),
    (Server.UNKNOWN, {doctor.ROOT: Answer(200, HTML, "<p>litellm. task_not_exist</p>")}),
]


@pytest.mark.parametrize(("server", "sign"), SIGNS)
def test_a_server_is_known_by_what_only_it_says(server: Server, sign: dict[Question, Answer]) -> None:
    assert judged(answers() | sign).server is server


@pytest.mark.parametrize(("away", "said"), [(59, ""), (-59, ""), (3600, "3600 s ahead of"), (-61, "61 s behind")])
def test_a_wrong_clock_is_a_note(away: int, said: str) -> None:
    headers = JSON | {"date": format_datetime(NOW + timedelta(seconds=away), usegmt=True)}
    found = judged(answers(headers=headers))
    notes = [finding for finding in found.findings if finding.about == "Clock"]
    assert [said in finding.what for finding in notes] == ([True] if said else [])
    assert found.ok
    assert judged(answers(headers=JSON | {"date": "soon"})).ok


def test_a_slow_server_is_a_note() -> None:
    slow = {question: replace(answer, seconds=7.5) for question, answer in answers().items()}
    assert of(judged(slow), "Speed").what == "It answers slowly: half of the answers took more than 7.5 s."
    assert judged(slow).ok
    silent = answers() | {doctor.UNKNOWN_PATH: Answer(trouble=Trouble.TIME)}
    assert of(judged(silent), "Speed").what == "1 of 5 questions got no answer."


def test_a_server_without_a_list_of_models_still_works() -> None:
    found = judged(answers() | {doctor.KEYED: Answer(404, JSON, '{"detail": "Not Found"}')})
    assert of(found, "Models").level is Level.NOTE
    assert found.ok


def test_a_key_is_accepted_if_only_a_request_with_it_is_answered() -> None:
    # LiteLLM without a database: 500 without a key, 400 for a wrong one.
    found = answers() | {doctor.OPEN: Answer(500, {"content-type": "text/plain"}, "Internal Server Error")}
    assert of(judged(found), "Key") == Finding("Key", Level.OK, "It accepts the key.")
    said = '{"error": {"message": "No connected db.", "type": "no_db_connection"}}'
    wrong = judged(found | {doctor.KEYED: Answer(400, JSON, said)})
    assert of(wrong, "Key").what == "It refuses the key with 400: No connected db."
    assert not [finding for finding in wrong.findings if finding.about == "Models"]
    broken = judged(found | {doctor.KEYED: Answer(500, JSON, said)})
    assert not [finding for finding in broken.findings if finding.about == "Key"]
    assert of(broken, "Models").level is Level.NOTE
    free = judged(found | {doctor.OPEN: Answer(200, JSON, MODELS)})
    assert of(free, "Key").what == "It asks for no key to list its models."


def test_a_certificate_that_is_not_accepted_is_named() -> None:
    first = Answer(trouble=Trouble.TLS, words="certificate has expired")
    found = doctor.judge("https://gateway.example", {doctor.OPEN: first}, EXPECTED, has_key=True)
    assert found.findings[0].what == "The certificate of gateway.example is not accepted: certificate has expired."


def test_the_catalog_says_what_to_expect() -> None:
    expected = expect(catalog())
    creates = [create for create, _ in expected.entries]
    rows = [row for family in catalog().families.values() for models in family.models.values() for row in models]
    removed = [row for row in rows if row.life and row.life.state is LifeState.REMOVED]
    assert {"/v1/videos", "/v1/video/generations", "/v1/video/create"} <= set(creates)
    assert not any("{source}" in create for create in creates)
    assert (expected.knows("sora-2"), expected.knows("Kling-99-new"), expected.knows("nobody")) == (True, True, False)
    assert {bool(expected.retired(model.id)) for model in removed} == {True}
    assert not expected.retired("nobody")


# --- in the background, and on the command line ------------------------------------------------------------------


def test_examinations_run_in_the_background_one_at_a_time() -> None:
    go, told, asked = threading.Event(), threading.Event(), []
    diagnosis = Diagnosis(Server.UNKNOWN, ())

    def slow(gateway: str, credential: str, owner: str) -> Diagnosis:
        asked.append((gateway, credential, owner))
        go.wait(timeout=30)
        if gateway == "gone":
            raise DailiesError("It is gone.")
        return diagnosis

    kept = Examinations(slow, told.set)
    kept.start("g", "key", "ada")
    kept.start("g", "key", "ada")
    assert kept.latest("g", "key") == (None, True)
    assert kept.latest("g", "another") == (None, False)
    go.set()
    assert told.wait(timeout=30)
    assert (kept.latest("g", "key"), asked) == ((diagnosis, False), [("g", "key", "ada")])
    told.clear()
    kept.start("gone", "", "")
    assert told.wait(timeout=30)
    found, _ = kept.latest("gone", "")
    assert found is not None
    assert [finding.what for finding in found.findings] == ["It is gone."]


def test_the_command_line_prints_a_line_for_each_finding_and_exits_accordingly() -> None:
    with site(GOOD) as server:
        run: Callable[..., Any] = CliRunner().invoke
        good = run(main, ["doctor", "--base-url", f"{server.url}/v1", "--key-env", "K"], env={"K": KEY})
        assert good.exit_code == 0, good.output
        assert "ok       Connection" in good.stdout
        assert KEY not in good.output
        assert f"Bearer {KEY}" in {key for _, _, key in server.requests}
        from_environment = run(main, ["doctor"], env={"DAILIES_BASE_URL": server.url, "DAILIES_API_KEY": ""})
        assert from_environment.exit_code == 0
    dead = run(main, ["doctor", "--base-url", server.url])
    assert (dead.exit_code, dead.stdout.split()[0]) == (1, "problem")
    assert run(main, ["doctor", "--base-url", "gateway"]).exit_code == 1
    assert run(main, ["doctor"], env={"DAILIES_BASE_URL": ""}).exit_code == 2
