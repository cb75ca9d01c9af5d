"""The log: one line for each event, with the run and the gateway's request id, and neither a prompt nor a key."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from dailies.cli import main
from dailies.errors import DailiesError, StoreError
from dailies.logs import LEVELS, Lines, about, read_level, set_up
from dailies.settings import Settings
from dailies.vocabulary import RunState as R
from tests.unit.workers import SOON


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("dailies", "components")]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


def fields(line: str) -> dict[str, str]:
    pairs = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)
    return {name: json.loads(value) if value[:1] == '"' else value for name, value in pairs}


def record(message: str, error: Exception | None = None, **extra: str) -> logging.LogRecord:
    caught = None
    if error is not None:
        try:
            raise error
        except Exception as raised:  # noqa: BLE001 - with the place where it was raised
            caught = (type(raised), raised, raised.__traceback__)
    made = logging.LogRecord("dailies.x", logging.WARNING, __file__, 1, message, (), caught)
    made.created = 0.0
    vars(made).update(extra)
    return made


def test_a_line_has_time_level_logger_and_message() -> None:
    assert Lines().format(record("hello")) == (
        "time=1970-01-01T00:00:00.000+00:00 level=warning logger=dailies.x message=hello"
    )


def test_a_line_stays_one_line_and_can_be_read_back() -> None:
    message = 'two\nlines, "quotes" and run=forged'
    with about("r1"):
        line = Lines().format(record(message, request="q 1"))
    assert "\n" not in line
    found = fields(line)
    assert (found["message"], found["run"], found["request"]) == (message, "r1", "q 1")
    assert "run" not in fields(Lines().format(record("after")))


def test_a_fault_is_named_by_class_and_place_and_not_by_its_words() -> None:
    fault = fields(Lines().format(record("x", ValueError("the prompt and sk-key"))))["fault"]
    assert re.fullmatch(r"ValueError at test_logs\.py:\d+ record", fault)
    assert "cannot be used now" in Lines().format(record("x", StoreError("The database cannot be used now.")))


def test_levels_are_read_and_the_wrong_ones_named() -> None:
    assert [read_level("X", level.upper()) for level in LEVELS] == list(LEVELS)
    assert read_level("X", "") == "warning"
    with pytest.raises(DailiesError, match="DAILIES_LOG_LEVEL='loud': write one of debug, info"):
        Settings.from_env({"DAILIES_LOG_LEVEL": "loud"})


def test_the_level_of_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILIES_LOG_LEVEL", "error")
    assert CliRunner().invoke(main, ["models"]).exit_code == 0
    assert logging.getLogger("dailies").level == logging.ERROR
    assert CliRunner().invoke(main, ["--log-level", "debug", "models"]).exit_code == 0
    assert logging.getLogger("dailies").level == logging.DEBUG
    refused = CliRunner().invoke(main, ["--log-level", "loud", "models"])
    assert (refused.exit_code, "--log-level" in refused.stderr) == (2, True)


def test_a_run_is_logged_with_its_id_and_request_and_without_its_prompt_or_key(
    make_worker, gateway, answer, fresh, reach, key, capsys
) -> None:
    set_up("debug")
    set_up("debug")
    refusal = {"error": {"message": f"No boats. {key}", "type": "x", "code": "invalid_request"}}
    gateway.answer("POST", "/v1/videos", answer(refusal, 400, {"x-oneapi-request-id": "req-7"} | SOON))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    reach(worker, run, R.FAILED)
    worker.stop()
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("time=") for line in lines)
    of_run = [fields(line) for line in lines if f"run={run.id}" in line]
    assert [line["request"] for line in of_run] == ["req-7", "req-7"]
    assert [line["logger"] for line in of_run] == ["dailies.gateway.client", "dailies.work.metrics"]
    assert re.fullmatch(r"create failed after [\d.]+ s: BadRequest 400", of_run[1]["message"])
    text = "\n".join(lines)
    assert (run.request.prompt in text, key in text, "boats" in text) == (False, False, False)
