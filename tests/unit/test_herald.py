"""The operator's webhook: one message for each end, over real HTTP, that no run waits for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import queue
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.access import Access
from dailies.errors import DailiesError
from dailies.services import Services
from dailies.settings import Settings, Webhook
from dailies.vocabulary import RunState
from dailies.work.herald import Herald, describe_end

R = RunState
SECRET = "0123456789abcdef0123"


def told(gateway) -> list[dict]:
    return [json.loads(seen.body) for seen in gateway.seen if seen.path == "/hook"]


@pytest.fixture
def make_herald(tmp_path, gateway):
    made: list[Herald] = []

    def make(key: bytes = b"", within: float = 30.0) -> Herald:
        settings = Settings(tmp_path, webhook=Webhook(f"{gateway.url}/hook", key))
        made.append(Herald(settings, pauses=(0, 0), within=within))
        return made[-1]

    yield make
    gateway.let_go()
    for each in made:
        each.stop()


@pytest.fixture
def ended(make_run, now):
    return make_run(state=R.DONE, finished=now)


# --- what is told ------------------------------------------------------------------------------------------------


def test_a_message_has_no_prompt_and_no_key(tmp_path, ended):
    settings = Settings(tmp_path, public_url="https://ours.test/app", access=Access(is_open=True))
    assert describe_end(ended, settings, prompts=False) == {
        "type": "run.done",
        "timestamp": ended.updated.isoformat(),
        "data": {
            "run": ended.id,
            "state": "done",
            "family": "fam",
            "model": "fam-1",
            "gateway": "http://gateway.test",
            "link": f"https://ours.test/app/fam?run={ended.id}",
        },
    }
    assert describe_end(ended, settings, prompts=True)["data"]["prompt"] == ended.request.prompt


@pytest.mark.parametrize(
    ("public_url", "more", "linked"),
    [
        ("", {}, False),
        ("https://ours.test", {}, False),  # only the gateway is served there
        ("https://ours.test", {"access": Access(sign_in=True)}, True),
        ("https://ours.test", {"serves": False}, True),  # a worker beside apps
    ],
)
def test_a_link_leads_to_a_page_that_is_served(tmp_path, ended, public_url, more, linked):
    data = describe_end(ended, Settings(tmp_path, public_url=public_url, **more), prompts=False)["data"]
    assert ("link" in data) is linked


def test_only_these_ends_are_told(make_herald, gateway, answer, make_run):
    gateway.answer("POST", "/hook", answer(status=204))
    herald = make_herald()
    for number, state in enumerate(RunState):
        herald.tell(make_run(id=f"{number:032}", state=state))
    herald.stop()
    assert {each["data"]["state"] for each in told(gateway)} == {"done", "failed", "unclear"}
    assert {each["type"] for each in told(gateway)} == {"run.done", "run.failed", "run.unclear"}
    assert len(gateway.seen) == 3
    herald.tell(make_run(state=R.DONE))  # after the end nobody listens


def test_a_signature_can_be_checked_by_what_stands_in_the_message(make_herald, gateway, answer, ended):
    gateway.answer("POST", "/hook", answer(status=200))
    herald = make_herald(SECRET.encode())
    herald.tell(ended)
    herald.stop()
    (seen,) = gateway.seen
    message, time = seen.headers["webhook-id"], seen.headers["webhook-timestamp"]
    signed = f"{message}.{time}.".encode() + seen.body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert seen.headers["webhook-signature"] == f"v1,{expected}"
    assert (message, seen.headers["content-type"]) == (f"{ended.id}-done", "application/json")
    assert "authorization" not in seen.headers


# --- what goes wrong ---------------------------------------------------------------------------------------------


def test_a_server_that_fails_is_tried_again_with_the_same_id(make_herald, gateway, answer, ended):
    gateway.answer("POST", "/hook", answer(status=503), answer(status=500), answer(status=200))
    herald = make_herald()
    herald.tell(ended)
    gateway.wait_for("POST", "/hook", 3)
    herald.stop()
    assert len({seen.headers["webhook-id"] for seen in gateway.seen}) == 1
    assert "webhook-signature" not in gateway.seen[0].headers


@pytest.mark.parametrize(
    ("script", "tries", "words"),
    [
        ({"status": 500}, 3, "answered 500"),
        ({"status": 404}, 1, "answered 404"),
        ({"status": 302, "headers": {"location": "/elsewhere"}}, 3, "answered 302"),
    ],
)
def test_what_is_not_delivered_is_one_line_without_the_address(
    make_herald, gateway, answer, ended, eventually, caplog, script, tries, words
):
    gateway.answer("POST", "/hook", answer(**script))
    herald = make_herald()
    with caplog.at_level(logging.WARNING, "dailies.work.herald"):
        herald.tell(ended)
        eventually(lambda: caplog.messages)
    assert [seen.path for seen in gateway.seen] == ["/hook"] * tries
    assert caplog.messages == [f"The end of run {ended.id} is not told: the webhook at 127.0.0.1 {words}."]


def test_nobody_waits_for_a_server_that_does_not_answer(make_herald, gateway, answer, make_run, caplog):
    hold = threading.Event()
    gateway.answer("POST", "/hook", answer(status=200, hold=hold))
    herald = make_herald()
    herald._waiting = queue.Queue(2)
    herald.tell(make_run(id="a" * 32, state=R.DONE))
    gateway.wait_for("POST", "/hook")
    with caplog.at_level(logging.WARNING, "dailies.work.herald"):
        for name in "bcd":
            herald.tell(make_run(id=name * 32, state=R.DONE))
    assert [message for message in caplog.messages if "d" * 32 in message and "behind" in message]
    hold.set()
    gateway.wait_for("POST", "/hook", 3)
    herald.stop()
    assert [each["data"]["run"][0] for each in told(gateway)] == ["a", "b", "c"]


def test_a_try_has_an_end(make_herald, gateway, answer, ended, eventually, caplog):
    gateway.answer("POST", "/hook", answer(status=200, hold=threading.Event()))
    herald = make_herald(within=0.05)
    with caplog.at_level(logging.WARNING, "dailies.work.herald"):
        herald.tell(ended)
        eventually(lambda: caplog.messages)
    assert caplog.messages[0].endswith(("did not answer in time.", "took too long over its answer."))


# --- once for each end -------------------------------------------------------------------------------------------


def test_two_workers_tell_of_each_run_once(tmp_path, gateway, answer, good, fresh, eventually):
    gateway.answer("POST", "/hook", answer(status=204))
    webhook = Webhook(f"{gateway.url}/hook")
    pair = [
        Services(Settings(tmp_path, base_url=gateway.url, api_key="sk-a-key-0123456789", webhook=webhook))
        for _ in range(2)
    ]
    try:
        for services in pair:
            services.worker.start()
        sent = pair[0].send([fresh(credential="") for _ in range(4)])
        eventually(lambda: not any(pair[0].store.runs.get(run.id).state.open for run in sent))
    finally:
        for services in pair:
            services.close()
    assert sorted(each["data"]["run"] for each in told(gateway)) == sorted(run.id for run in sent)
    assert {each["data"]["state"] for each in told(gateway)} == {"done"}


def test_of_two_that_end_a_run_only_one_has_saved_it(make_worker, fresh, now):
    worker, heard = make_worker(), []
    worker._ended = heard.append
    run = worker._store.runs.add(fresh(state=R.RUNNING, task="t", due=now + timedelta(hours=1)))
    over = replace(run, state=R.FAILED, due=None)
    worker._end(over)
    worker._end(over)
    assert [each.id for each in heard] == [run.id]


# --- settings ----------------------------------------------------------------------------------------------------


def test_the_variables_are_read(tmp_path):
    url = "https://hooks.test/services/T0/secret?x=1"
    given = {"DAILIES_HOME": str(tmp_path), "DAILIES_WEBHOOK": url}
    assert Settings.from_env(given).webhook == Webhook(url)
    whole = given | {"DAILIES_WEBHOOK_SECRET": SECRET, "DAILIES_WEBHOOK_PROMPTS": "1"}
    assert Settings.from_env(whole).webhook == Webhook(url, SECRET.encode(), True)
    standard = f"whsec_{base64.b64encode(b'k' * 24).decode()}"
    assert Settings.from_env(given | {"DAILIES_WEBHOOK_SECRET": standard}).webhook == Webhook(url, b"k" * 24)
    assert SECRET not in repr(Settings.from_env(whole).webhook)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DAILIES_WEBHOOK": "hooks.test/secret"}, "DAILIES_WEBHOOK (value not shown): write a web address"),
        ({"DAILIES_WEBHOOK": "ftp://hooks.test"}, "write a web address"),
        ({"DAILIES_WEBHOOK": "https://me:pw@hooks.test"}, "without a user name"),
        ({"DAILIES_WEBHOOK": "https://hooks.test:99999/"}, "write a web address"),
        ({"DAILIES_WEBHOOK": "https://hooks.test/a b"}, "write a web address"),
        ({"DAILIES_WEBHOOK_SECRET": "short"}, "DAILIES_WEBHOOK_SECRET (value not shown): write 16 random"),
        ({"DAILIES_WEBHOOK_SECRET": "whsec_no-base64-at-all-here"}, "base64"),
        ({"DAILIES_WEBHOOK": "", "DAILIES_WEBHOOK_SECRET": SECRET}, "say where to post"),
        ({"DAILIES_WEBHOOK_PROMPTS": "maybe"}, "write 1 or 0"),
    ],
)
def test_what_is_wrong_is_said_and_not_shown(tmp_path, changes, words):
    with pytest.raises(DailiesError) as caught:
        Settings.from_env({"DAILIES_HOME": str(tmp_path), "DAILIES_WEBHOOK": "https://hooks.test/secret"} | changes)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
