"""The plan page: what is laid out, what is sent, and what a limit keeps from being sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.form.prompts import BEGINNINGS
from dailies.compare.nouns import Comparison
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.gateways import Concurrency
from dailies.services import Services
from dailies.settings import Spending
from dailies.vocabulary import Mode
from tests.pages.conftest import Open

PRICES = """currency = "USD"
source = "the list"
checked = 2026-11-01
[[prices]]
model = "Kling-*"
per_second = 0.1
"""

OpenPlan = Callable[[], AppTest]


@pytest.fixture
def open_plan(open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch) -> OpenPlan:
    """The page with a worker that only stores comparisons: what becomes of their runs is the worker's own matter."""

    def launch(new: Iterable[tuple[Comparison, Iterable[Run]]]) -> list[Comparison]:
        kept = services.store.comparisons.add_all([(comparison, ()) for comparison, _ in new])
        return [comparison for comparison, _ in kept]

    monkeypatch.setattr(services.worker, "launch", launch)
    return lambda: open_page("plan")


@pytest.fixture
def spend(services: Services, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """`spend(max_runs=3)`: the operator's limits, with a price file."""
    before = services.settings.spending

    def allow(**limits: Any) -> Path:
        path = tmp_path / "prices.toml"
        path.write_text(PRICES, encoding="utf-8")
        services.settings.spending = Spending(path, **limits)
        return path

    yield allow
    services.settings.spending = before


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.success)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", said)


def ask(
    app: AppTest, models: Sequence[str], prompts: str, lengths: Sequence[int | str] = (), takes: int = 1
) -> AppTest:
    app.session_state["plan/models"] = list(models)
    app.session_state["plan/prompts"] = prompts
    app.session_state["plan/durations"] = list(lengths)
    app.session_state["plan/takes"] = takes
    return app.run()


def rows(app: AppTest) -> list[dict[str, str]]:
    plain = app.table[0].value.map(lambda text: re.sub(r"\\(.)", r"\1", text))
    found: list[dict[str, str]] = plain.to_dict("records")
    return found


def button(app: AppTest) -> Any:
    return next(element for element in app.button if element.label.startswith("Generate"))


def wait_a_while(app: AppTest) -> None:
    """Let the pause pass after which the same press means another take."""
    app.session_state["session/presses"]["plan"].last = float("-inf")


def press_anyway(app: AppTest) -> None:
    """A client can send anything, a press of a button that is not to be pressed too."""
    pressed = button(app)
    assert pressed.disabled
    pressed.proto.disabled = False
    pressed.click().run()
    assert not app.exception


def newest(services: Services, count: int) -> list[Comparison]:
    return list(services.store.comparisons.list(limit=count))


def test_nothing_asked_is_said_and_nothing_can_be_sent(open_plan: OpenPlan) -> None:
    app = open_plan()
    assert not app.exception
    assert "The plan then appears here" in texts(app)
    assert not list(app.button)


def test_the_plan_is_laid_out_before_anything_is_sent(
    open_plan: OpenPlan, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.store.runs, "history", lambda model: [])
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["jimeng-video-3.0", "Vidu-template"], "A boat\nA *lake*", [5, 8], takes=2)
    assert not app.exception
    assert len(rows(app)) == 2 * 2 * 2
    sent = next(row for row in rows(app) if row["Prompt"] == "A boat" and row["Duration"] == "8 s")
    assert (sent["Model"], sent["Takes"]) == ("jimeng-video-3.0", "2")
    assert "10 s instead of 8 s" in sent["What is sent"]
    assert sent["Wait each"] == "unknown"
    refused = next(row for row in rows(app) if row["Model"] == "~~Vidu-template~~")
    assert refused["Takes"] == "~~2~~"
    assert "Not sent. Vidu-template does not offer the mode text. It offers template effect." in refused["What is sent"]
    assert "**8 clips** in 4 comparisons · 8 struck out · **Wait** unknown" in texts(app)
    assert button(app).label == "Generate 8"
    assert services.store.comparisons.count() == before


def test_generate_makes_a_comparison_of_each_prompt_and_length_once(open_plan: OpenPlan, services: Services) -> None:
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["Kling-3.0", "sora-2"], "A boat\nA lake", [8], takes=2)
    button(app).click().run()
    assert not app.exception
    assert services.store.comparisons.count() == before + 2
    found = {c.idea.prompt: c for c in newest(services, 2)}
    assert set(found) == {"A boat", "A lake"}
    for comparison in found.values():
        assert [lane.model for lane in comparison.lanes] == ["Kling-3.0", "Kling-3.0", "sora-2", "sora-2"]
        assert comparison.idea.values == {"seconds": 8}
    assert "8 clips sent in 2 comparisons." in texts(app)
    assert {"A boat · 8 s", "A lake · 8 s"} <= {opening.label for opening in app.button}
    app.run()
    assert services.store.comparisons.count() == before + 2
    opening = next(one for one in app.button if one.label == "A lake · 8 s")
    assert opening.key == f"plan/open/{found['A lake'].id}"
    assert app.session_state["plan/prompts"] == "A boat\nA lake"


def test_the_same_plan_is_sent_again_only_after_a_tick(open_plan: OpenPlan, services: Services) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "Sent twice")
    button(app).click().run()
    before = services.store.comparisons.count()
    press_anyway(app)
    assert services.store.comparisons.count() == before
    assert "although it was sent before" in app.checkbox[0].label
    wait_a_while(app)
    app.checkbox[0].check().run()
    app.checkbox[0].uncheck()
    button(app).click().run()
    assert services.store.comparisons.count() == before
    assert "Tick the box above the button first: it was sent before." in texts(app)
    app.checkbox[0].check().run()
    button(app).click().run()
    assert services.store.comparisons.count() == before + 1
    assert button(app).disabled, "each time anew"


def test_a_press_for_a_plan_that_has_changed_meanwhile_sends_nothing(open_plan: OpenPlan, services: Services) -> None:
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["Kling-3.0"], "A boat")
    app.session_state["plan/prompts"] = "A lake"
    button(app).click().run()
    assert services.store.comparisons.count() == before
    assert "This is the plan now; press again." in texts(app)
    button(app).click().run()
    assert newest(services, 1)[0].idea.prompt == "A lake"
    assert "press again" not in texts(app)


def test_an_interrupted_press_is_dealt_with_at_the_next_run(open_plan: OpenPlan, services: Services) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "One\nTwo\nThree")
    before = services.store.comparisons.count()
    press = app.session_state["session/presses"]["plan"]
    press.token, press.noted = "interrupted", True  # its callback was stopped before anything was prepared
    app.run()
    assert services.store.comparisons.count() == before + 3
    app.run()
    assert services.store.comparisons.count() == before + 3
    assert "3 clips sent in 3 comparisons." in texts(app)


def test_the_same_press_twice_sends_the_plan_once(open_plan: OpenPlan, services: Services) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "One\nTwo")
    before = services.store.comparisons.count()
    button(app).click().run()
    app.session_state["session/presses"]["plan"].noted = True  # the second half of a double click
    app.run()
    assert services.store.comparisons.count() == before + 2
    assert "2 clips sent in 2 comparisons." in texts(app)
    assert not app.error


def test_what_is_generated_is_stored_with_its_runs(open_page: Open, services: Services) -> None:
    app = ask(open_page("plan"), ["jimeng-video-3.0"], "A real one", [8])
    button(app).click().run()
    assert not app.exception
    (lane,) = newest(services, 1)[0].lanes
    run = services.store.runs.get(lane.run)
    assert run
    assert (run.request.prompt, run.request.values["seconds"]) == ("A real one", 10)
    assert any("10 s instead of 8 s" in said for said in lane.announced)


def test_a_plan_that_cannot_be_stored_is_not_sent_at_all(
    open_plan: OpenPlan, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch(new: Iterable[tuple[Comparison, Iterable[Run]]]) -> list[Comparison]:
        raise DailiesError("The library cannot be written.")

    app, before = ask(open_plan(), ["Kling-3.0"], "One\nTwo\nThree"), services.store.comparisons.count()
    with monkeypatch.context() as broken:
        broken.setattr(services.worker, "launch", launch)
        button(app).click().run()
    assert not app.exception
    assert "The library cannot be written." in texts(app)
    assert not app.success
    button(app).click().run()
    assert services.store.comparisons.count() == before + 3


def test_prompts_of_several_lines(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "A boat\nin the rain\n\nA lake")
    assert len(rows(app)) == 3
    assert "Choose Paragraph" in texts(app)
    app.session_state["plan/per"] = "Paragraph"
    app.run()
    assert [row["Prompt"] for row in rows(app)] == ["A boat in the rain", "A lake"]
    assert "Choose Paragraph" not in texts(app)


def test_a_repeated_prompt_is_laid_out_once_and_said(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "A boat\nA lake\n A boat ")
    assert [row["Prompt"] for row in rows(app)] == ["A boat", "A lake"]
    assert "A repeated prompt is used once" in texts(app)


def test_values_for_all_reach_the_plan_and_stay_when_a_model_goes(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0", "GV-3.1"], "A boat")
    resolution = next(box for box in app.selectbox if box.label == "Resolution")
    assert "1080P" in resolution.options
    resolution.set_value("1080P").run()
    assert app.session_state["plan/value/resolution"] == "1080P"
    app = ask(app, ["jimeng-video-3.0"], "A boat")
    assert app.session_state["plan/value/resolution"] == "1080P"
    assert "1080P not sent" in rows(app)[0]["What is sent"]


def test_a_typed_model_is_planned_too(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-9.9", "a-model-of-tomorrow"], "A boat")
    assert [row["Model"] for row in rows(app)] == ["Kling-9.9", "a-model-of-tomorrow"]
    assert button(app).label == "Generate 2"


def test_what_is_no_length_is_named_and_kept(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "A boat", [5, "long"])
    assert "'long' is not a duration" in texts(app)
    assert app.session_state["plan/durations"] == [5, "long"]
    assert not list(app.button)
    assert len(rows(ask(app, ["Kling-3.0"], "A boat", [5, "7 s"]))) == 2


def test_a_table_that_nobody_can_read_is_not_laid_out(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "\n".join(f"Prompt {n}" for n in range(401)))
    assert "at most 400 rows, this one 401" in texts(app)
    assert not app.exception


def test_the_wait_comes_from_history_and_from_how_many_are_worked_on_at_once(
    open_plan: OpenPlan, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = {"Kling-3.0": [(80, {}), (60, {}), (100, {})]}
    monkeypatch.setattr(services.store.runs, "history", lambda model: past.get(model, []))
    app = open_plan()
    monkeypatch.setattr(services.settings, "concurrency", lambda gateway: Concurrency(2))
    app = ask(app, ["Kling-3.0"], "A boat", takes=3)
    assert rows(app)[0]["Wait each"] == "about 1 m 20 s"
    assert "**Wait** about 2 m 40 s" in texts(app)
    app = ask(app, ["Kling-3.0", "sora-2"], "A boat", takes=3)
    assert "**Wait** at least 2 m 40 s; 3 of 6 clips unknown" in texts(app)
    monkeypatch.setattr(services.settings, "concurrency", lambda gateway: Concurrency(3))
    app.run()
    assert "3 at a time" in texts(app)
    assert "**Wait** at least 1 m 20 s" in texts(app)


# --- costs and limits --------------------------------------------------------------------------------------------


def test_without_a_price_file_costs_are_unknown(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-3.0"], "A boat")
    assert "**Cost** unknown" in texts(app)
    assert "no price file (DAILIES_PRICES)" in texts(app)
    assert "Cost each" not in rows(app)[0]


def test_costs_say_what_is_known_and_what_is_not(open_plan: OpenPlan, spend: Callable[..., Path]) -> None:
    spend()
    app = ask(open_plan(), ["Kling-3.0", "sora-2"], "A boat", [10], takes=2)
    assert [row["Cost each"] for row in rows(app)] == ["1.00 USD", "unknown: no price is on file"]
    assert "**Cost** at least 2.00 USD; 2 of 4 clips unknown" in texts(app)


def test_a_mistake_in_the_price_file_is_named_and_nothing_can_be_sent(
    open_plan: OpenPlan, spend: Callable[..., Path]
) -> None:
    path = spend()
    app = ask(open_plan(), ["Kling-3.0"], "A boat")
    shown = button(app)
    path.write_text(PRICES.replace("per_second", "per_minute"), encoding="utf-8")
    app.run()
    assert "prices.toml cannot be used: prices.0.per_minute" in texts(app)
    assert not list(app.button)
    assert shown.label == "Generate 1"


def test_a_cap_blocks_in_plain_words(open_plan: OpenPlan, spend: Callable[..., Path], services: Services) -> None:
    spend(max_runs=3)
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["Kling-3.0"], "A boat", takes=4)
    assert "These are 4 clips. This installation sends at most 3 per press" in texts(app)
    press_anyway(app)
    assert services.store.comparisons.count() == before
    assert not button(ask(app, ["Kling-3.0"], "A boat", takes=3)).disabled


def test_a_cap_on_the_cost_blocks(open_plan: OpenPlan, spend: Callable[..., Path], services: Services) -> None:
    spend(max_cost=Decimal("1.5"))
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["Kling-3.0"], "A boat", [10], takes=2)
    assert "These clips cost 2.00 USD" in texts(app)
    press_anyway(app)
    assert services.store.comparisons.count() == before


def test_a_dear_plan_is_sent_after_a_tick_that_holds_for_this_plan_only(
    open_plan: OpenPlan, spend: Callable[..., Path], services: Services
) -> None:
    spend(confirm_cost=Decimal(1))
    before = services.store.comparisons.count()
    app = ask(open_plan(), ["Kling-3.0"], "A dear boat", [10], takes=2)
    assert button(app).disabled
    app.checkbox[0].check().run()
    assert not button(app).disabled
    app = ask(app, ["Kling-3.0"], "A dear boat", [10], takes=3)
    press_anyway(app)
    assert services.store.comparisons.count() == before
    app.checkbox[0].check().run()
    button(app).click().run()
    assert services.store.comparisons.count() == before + 1
    assert len(newest(services, 1)[0].lanes) == 3


def test_braces_make_rows_and_a_plan_without_end_is_refused(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-2.6"], "A {red|blue} boat\nA \\{plain|literal} one")
    assert "**3 clips**" in texts(app)
    app = ask(app, ["Kling-2.6"], "{1..99999}{1..99999} boats")
    assert not app.exception
    assert "A plan has at most 400 rows, this one 401 or more." in texts(app)


def test_an_earlier_prompt_is_added_to_a_plan(open_plan: OpenPlan) -> None:
    app = ask(open_plan(), ["Kling-2.6"], "My own {a|b}")
    app.session_state["plan/earlier/prompts"] = True
    app.run()
    next(button for button in app.button if str(button.key).startswith("plan/earlier/prompts/beginning")).click().run()
    assert app.session_state["plan/prompts"] == f"My own {{a|b}}\n{BEGINNINGS[Mode.TEXT][0]}"
    assert "**3 clips**" in texts(app)
