"""Improve on a family's page: off until a chat model is chosen, looked at before it is used, kept with the run."""

from __future__ import annotations

import threading

from dailies.archive.records import Record, read_record, write_record
from dailies.gateways import SANDBOX_CHAT
from dailies.rewriting import Kind
from dailies.services import Services
from dailies.store.moving import Kept
from tests.pages.conftest import FAMILY, TIMEOUT, Open, press, texts, widget

BOAT = "A paper boat on a pond"


def test_a_prompt_is_improved_looked_at_used_and_kept_with_the_run(open_page: Open, services: Services) -> None:
    app = open_page("settings")
    assert "Improve" not in [button.label for button in open_page(FAMILY).button], "off until a model is chosen"
    widget(app, "selectbox", "Chat model for Improve and Translate").set_value(SANDBOX_CHAT).run()
    assert not app.exception
    app.switch_page(f"../pages/{FAMILY}.py").run()
    assert "Write a prompt first" in texts(press(app, "Improve"))
    widget(app, "text_area", "Prompt").set_value(BOAT).run()
    told = threading.Event()
    unsubscribe = services.worker.feed.subscribe(lambda ids, _: told.set() if "gateway" in ids else None)
    try:
        press(app, "Improve")
        while "Use it" not in [button.label for button in app.button]:
            assert told.wait(timeout=TIMEOUT)
            told.clear()
            app.run()
    finally:
        unsubscribe()
    assert widget(app, "text_area", "Prompt").value == BOAT, "nothing goes in without a look"
    press(app, "Use it")
    assert not app.exception
    after = widget(app, "text_area", "Prompt").value
    assert after.startswith(f"{BOAT}, ")
    assert "Bring back the earlier form" in [button.label for button in app.button]
    press(app, "Generate")
    assert not app.exception
    run = services.store.runs.list(limit=1)[0]
    assert run.rewrite is not None
    assert (run.rewrite.kind, run.rewrite.model) == (Kind.IMPROVE, SANDBOX_CHAT)
    assert (run.rewrite.before, run.rewrite.after) == (BOAT, after)
    record = write_record(Record(run, Kept(), {}, ()))
    assert read_record(record).run.rewrite == run.rewrite
    assert read_record(record.replace('"rewrite"', '"of no version"')).run.rewrite is None, "older records have none"
