"""Comparing without a browser: composing lanes, what is announced, what one press sends, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.compare.launch import import_clip, new_lane
from components.form.prompts import BEGINNINGS
from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Run
from dailies.errors import MediaError
from dailies.gateways import Gateway
from dailies.services import Services
from dailies.settings import Spending
from dailies.vocabulary import Mode, RunState
from tests.conformance.samples import write_video
from tests.pages.conftest import Open, plain, png, texts, widget
from tests.pages.test_idea import go_to


def add(app: AppTest, *models: str) -> None:
    """Add lanes with the picker."""
    for model in models:
        picker = next(box for box in app.selectbox if box.label.startswith("Lanes"))
        picker.set_value(next(option for option in picker.options if option.split(" · ")[1] == model)).run()
        assert not app.exception


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.startswith(label)).click().run()
    assert not app.exception


def prompt(app: AppTest, words: str) -> None:
    widget(app, "text_area", "Prompt").set_value(words).run()


def newest(services: Services) -> Comparison:
    return services.store.comparisons.list("")[0]


def finished(services: Services, comparison: Comparison, wait: Callable[[Callable[[], bool]], None]) -> list[Run]:
    def runs() -> list[Run]:
        return [run for lane in comparison.lanes if (run := services.store.runs.get(lane.run))]

    wait(lambda: all(not run.state.open for run in runs()))
    return runs()


def test_each_lane_says_beforehand_what_it_will_do_differently(open_page: Open) -> None:
    app = open_page("compare")
    add(app, "veo_3_1", "grok-video-3-max", "Hailuo-2.3", "jimeng-video-3.0")
    prompt(app, "A boat")
    widget(app, "selectbox", "Duration (s)").set_value(8).run()
    said = texts(app)
    assert "**Duration**: 15 s instead of 8 s (fixed by the model)" in said
    assert "**Duration**: 10 s instead of 8 s (the model takes 5, 10 or 15 s)" in said
    assert "4 of 4 lanes can be sent" in said


def test_a_value_only_some_take_stays_with_the_reason(open_page: Open) -> None:
    app = open_page("compare")
    add(app, "Hailuo-2.3", "veo_3_1")
    assert "**Aspect ratio**: only veo_3_1 takes it" in texts(app)


def test_a_lane_that_cannot_do_the_mode_says_why_and_sends_nothing(open_page: Open, services: Services) -> None:
    app = open_page("compare")
    add(app, "Kling-3.0", "sora-2")
    widget(app, "button_group", "Mode").set_value("first_frame").run()
    app.file_uploader[0].set_value(("frame.png", png(), "image/png")).run()
    prompt(app, "She turns")
    widget(app, "button_group", "Mode").set_value("lip_sync").run()
    said = texts(app)
    assert "sora-2 does not offer the mode lip sync. It offers" in said
    widget(app, "button_group", "Mode").set_value("first_frame").run()
    press(app, "Generate")
    kept = newest(services)
    assert list(kept.idea.references) == ["first_frame"]
    assert all(lane.run for lane in kept.lanes)


def test_one_press_makes_one_comparison_with_a_run_for_every_lane(open_page: Open, services: Services, wait) -> None:
    before = services.store.comparisons.count()
    app = open_page("compare")
    add(app, "veo_3_1", "veo_3_1", "Kling-3.0")
    prompt(app, "Three takes of one idea")
    press(app, "Generate")
    assert services.store.comparisons.count() == before + 1
    kept = newest(services)
    assert app.query_params["c"] == kept.id
    assert [lane.model for lane in kept.lanes] == ["veo_3_1", "veo_3_1", "Kling-3.0"]
    assert len({lane.run for lane in kept.lanes}) == 3
    runs = finished(services, kept, wait)
    assert [run.state for run in runs] == [RunState.DONE] * 3
    app.run()
    assert not app.exception
    assert "Equal: prompt" in texts(app)


def test_an_interrupted_press_is_dealt_with_at_the_next_run_and_opened(open_page: Open, services: Services) -> None:
    before = services.store.comparisons.count(), services.store.runs.count()
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    prompt(app, "Stopped before anything was prepared")
    press_of_page = app.session_state["session/presses"]["compare"]
    press_of_page.token, press_of_page.noted = "interrupted", True
    app.run()
    kept = newest(services)
    assert app.query_params["c"] == kept.id
    assert kept.press.startswith("interrupted/0:")
    press_of_page.noted = True  # the second half of a double click
    app.run()
    assert (services.store.comparisons.count(), services.store.runs.count()) == (before[0] + 1, before[1] + 2)
    assert app.query_params["c"] == kept.id


def test_a_lane_is_sent_again_once(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1")
    desk = app.session_state["compare/desk"]
    app.session_state["compare/desk"] = replace(desk, lanes=(*desk.lanes, new_lane("other", "openai", "none-such")))
    app.run()
    prompt(app, "Its second lane fails")
    press(app, "Generate")
    kept = newest(services)
    _, failed = finished(services, kept, wait)
    one, other = open_page("compare", c=kept.id), open_page("compare", c=kept.id)
    before = services.store.runs.count()
    press(one, "Send again")
    again = services.store.comparisons.get(kept.id)
    assert again is not None
    run = services.store.runs.get(again.lanes[1].run)
    assert run is not None
    assert (run.parent, run.call) == (failed.id, failed.call)
    button = next(button for button in other.button if button.label == "Send again" and "lane" in (button.key or ""))
    button.click().run()  # drawn before the other window sent it again
    assert services.store.runs.count() == before + 1
    assert "sent again elsewhere" in texts(other)


def test_a_lanes_own_value_holds_for_it_alone(open_page: Open, services: Services) -> None:
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    lane = app.session_state["compare/desk"].lanes[1]
    app.session_state[f"compare/{lane.id}/value/seconds"] = 10
    prompt(app, "Own length")
    next(number for number in app.number_input if number.label.startswith("Duration")).set_value(8).run()
    assert "**Duration**: 10 s instead of 8 s (set for this lane)" in texts(app)
    press(app, "Generate")
    kept = newest(services)
    sent = [run.request.values.get("seconds") for lane in kept.lanes if (run := services.store.runs.get(lane.run))]
    assert sent == [8, 10]
    assert kept.lanes[1].announced == ("Duration: 10 s instead of 8 s (set for this lane)",)


def test_one_model_is_compared_over_two_gateways(
    open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch, wait: Callable[[Callable[[], bool]], None]
) -> None:
    assert services.settings.sandbox_url
    named = {name: Gateway(name, services.settings.sandbox_url, name.title()) for name in ("first", "second")}
    monkeypatch.setattr(services.settings, "gateways", named)
    monkeypatch.setattr(services.keyring, "_own", services.keyring._own | {"first": "sk-one", "second": "sk-two"})
    app = open_page("compare")
    add(app, "sora-2", "sora-2")
    prompt(app, "One model over two gateways")
    _, lane = app.session_state["compare/desk"].lanes
    app.session_state[f"compare/{lane.id}/gateway"] = "second"
    app.run()
    assert "Gateway: second, for this lane alone" in texts(app).replace("*", "")
    press(app, "Generate")
    runs = finished(services, newest(services), wait)
    assert [(run.gateway, run.state) for run in runs] == [("first", RunState.DONE), ("second", RunState.DONE)]


def test_one_failing_lane_touches_no_other(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1")
    desk = app.session_state["compare/desk"]
    app.session_state["compare/desk"] = replace(desk, lanes=(*desk.lanes, new_lane("other", "openai", "none-such")))
    app.run()
    assert "No family of the catalog knows none-such; it is sent as typed." in texts(app)
    prompt(app, "One of two goes wrong")
    press(app, "Generate")
    good, bad = finished(services, newest(services), wait)
    assert (good.state, bad.state) == (RunState.DONE, RunState.FAILED)
    app.run()
    assert bad.failure is not None
    assert bad.failure.what in texts(app)


def test_nothing_is_sent_without_a_lane_or_a_prompt(open_page: Open, services: Services) -> None:
    before = services.store.comparisons.count(), services.store.runs.count()
    app = open_page("compare")
    press(app, "Generate")
    assert plain(app.error[0].value) == "Add a model first."
    add(app, "veo_3_1")
    press(app, "Generate")
    assert plain(app.error[0].value) == "No lane can be sent. Each lane says why."
    assert (services.store.comparisons.count(), services.store.runs.count()) == before


def test_hidden_names_shuffle_the_lanes_and_name_nobody(
    open_page: Open, services: Services, wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.SystemRandom.shuffle", lambda _, lanes: lanes.reverse())
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    next(toggle for toggle in app.toggle if toggle.key == "compare/hidden").set_value(True).run()
    prompt(app, "Blind from the start")
    press(app, "Generate")
    kept = newest(services)
    finished(services, kept, wait)
    app.run()
    assert [lane.model for lane in kept.lanes] == ["Kling-3.0", "veo_3_1"]
    assert "veo_3_1" not in texts(app)
    assert "Kling-3.0" not in texts(app)
    assert kept.id not in app.session_state["session/seen names"]


def test_it_can_be_changed_run_again_and_deleted(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    prompt(app, "Once more")
    press(app, "Generate")
    first = newest(services)
    finished(services, first, wait)
    app.session_state[f"compare/again/{first.id}/open"] = True
    app.run()
    press(app, "Send 2 again")
    second = newest(services)
    assert (second.parent, second.idea) == (first.id, first.idea)
    assert {lane.run for lane in second.lanes}.isdisjoint(lane.run for lane in first.lanes)
    press(app, "Use again")
    assert "c" not in app.query_params
    assert widget(app, "text_area", "Prompt").value == "Once more"
    assert [lane.model for lane in app.session_state["compare/desk"].lanes] == ["veo_3_1", "Kling-3.0"]
    other = open_page("compare", c=second.id)
    other.session_state[f"compare/more/{second.id}"] = True
    other.run()
    press(other, "Delete comparison")
    assert services.store.comparisons.get(second.id) is None
    assert services.store.runs.get(second.lanes[0].run) is not None


def test_a_dear_comparison_is_sent_after_a_tick_that_holds_for_these_clips_only(
    open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(
        'currency = "USD"\nsource = "a list"\nchecked = 2026-11-01\n[[prices]]\nmodel = "*"\nper_clip = 1\n'
    )
    monkeypatch.setattr(services.settings, "spending", Spending(prices, confirm_cost=Decimal("0.5")))
    before = services.store.comparisons.count()
    app = open_page("compare")
    add(app, "veo_3_1")
    prompt(app, "A dear boat")
    press(app, "Generate")
    assert "Tick the box above the button first: it costs 1.00 USD." in texts(app)
    app.checkbox[0].check().run()
    prompt(app, "A dearer boat")
    press(app, "Generate")
    assert services.store.comparisons.count() == before
    app.checkbox[0].check().run()
    press(app, "Generate")
    assert services.store.comparisons.count() == before + 1


def open_note(app: AppTest, *lanes: Lane) -> None:
    for lane in lanes:
        app.session_state[f"compare/note/{lane.id}"] = True
    app.run()


def test_judging_is_kept_at_once(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1")
    prompt(app, "To be judged")
    press(app, "Generate")
    kept = newest(services)
    finished(services, kept, wait)
    app.run()
    lane = kept.lanes[0]
    comment = f"compare/comment/{lane.id}"
    assert comment not in {area.key for area in app.text_area}, "a closed note is drawn"
    open_note(app, lane)
    app.text_area(key=comment).set_value("Warm light").run()
    app.multiselect(key=f"compare/tags/{lane.id}").set_value(["light"])
    app.session_state[f"compare/note/{lane.id}"] = False  # it closes with what was entered last
    app.run()
    found = services.store.comparisons.get(kept.id)
    assert found is not None
    assert (found.lanes[0].comment, found.lanes[0].tags) == ("Warm light", ("light",))
    open_note(app, lane)
    assert app.text_area(key=comment).value == "Warm light"
    app.session_state[f"compare/more/{kept.id}"] = True
    app.run()
    app.text_input(key=f"compare/title/{kept.id}").set_value("Boats").run()
    app.text_area(key=f"compare/notes/{kept.id}").set_value("For Monday").run()
    found = services.store.comparisons.get(kept.id)
    assert found is not None
    assert (found.title, found.notes, found.lanes[0].comment) == ("Boats", "For Monday", "Warm light")


def test_clips_of_the_library_and_from_elsewhere_are_compared(
    open_page: Open, services: Services, wait, tmp_path
) -> None:
    app = open_page("compare")
    add(app, "veo_3_1")
    prompt(app, "From the library")
    press(app, "Generate")
    (run,) = finished(services, newest(services), wait)
    write_video(tmp_path / "mine.mp4")
    app = open_page("compare")
    app.multiselect(key="compare/picked").set_value([run.id]).run()
    app.file_uploader(key="compare/elsewhere").set_value(
        [("mine.mp4", (tmp_path / "mine.mp4").read_bytes(), "video/mp4")]
    ).run()
    press(app, "Compare these")
    kept = newest(services)
    assert (kept.idea.prompt, kept.lanes[0].run, kept.lanes[1].name) == ("From the library", run.id, "mine")
    assert kept.lanes[1].clip is not None
    assert "made elsewhere" in texts(app)


def test_a_import_clip_that_is_none_is_refused(services: Services) -> None:
    before = set(services.store.files.clips.iterdir())
    with pytest.raises(MediaError):
        import_clip("notes.mp4", b"just text")
    assert set(services.store.files.clips.iterdir()) == before


def test_an_address_of_nothing_says_so(open_page: Open) -> None:
    app = open_page("compare", c="0" * 32)
    assert "This comparison does not exist" in app.error[0].value


def test_a_fresh_session_finds_the_comparison_as_it_was_kept(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    prompt(app, "The same for everybody")
    press(app, "Generate")
    kept = newest(services)
    finished(services, kept, wait)
    later = services.now() + timedelta(seconds=1)
    services.store.comparisons.change(kept.id, lambda c: c.with_lane(c.lanes[0]), later)
    other = open_page("compare", c=kept.id)
    assert not other.exception
    assert other.title[0].value == "The same for everybody"
    assert "**A** veo_3_1" in texts(other)


def test_two_browsers_do_not_take_each_others_judgement_back(open_page: Open, services: Services, wait) -> None:
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    prompt(app, "Judged by two")
    press(app, "Generate")
    kept = newest(services)
    finished(services, kept, wait)
    one, other = open_page("compare", c=kept.id), open_page("compare", c=kept.id)
    first, second = kept.lanes
    for page in (one, other):
        open_note(page, *kept.lanes)
    one.text_area(key=f"compare/comment/{first.id}").set_value("Warm").run()
    other.text_area(key=f"compare/comment/{second.id}").set_value("Cold").run()
    one.run()
    other.text_area(key=f"compare/comment/{first.id}").set_value("Warmer").run()
    one.run()
    found = services.store.comparisons.get(kept.id)
    assert found is not None
    assert [lane.comment for lane in found.lanes] == ["Warmer", "Cold"]
    assert one.text_area(key=f"compare/comment/{first.id}").value == "Warmer"
    assert one.text_area(key=f"compare/comment/{second.id}").value == "Cold"


def test_make_equal_sets_what_all_lanes_take(open_page: Open) -> None:
    app = open_page("compare")
    add(app, "Hailuo-2.3", "grok-video-3-max")
    app.session_state["compare/equal"] = True
    app.run()
    assert "Duration: nothing in common" in plain(texts(app))
    app = open_page("compare")
    add(app, "Hailuo-2.3", "jimeng-video-3.0")
    app.session_state["compare/equal"] = True
    press(app.run(), "Set these for all lanes")
    assert app.session_state["compare/value/seconds"] == 10


def test_braces_are_sent_as_they_are_and_that_is_said(open_page: Open) -> None:
    app = open_page("compare")
    add(app, "Kling-2.6")
    prompt(app, "A {red|blue} boat")
    assert "Every lane gets the same prompt, braces included." in texts(app)
    prompt(app, r"A \{red|blue} boat")
    assert "braces included" not in texts(app)


def test_the_idea_of_another_page_is_taken_up_with_its_picture_and_values(open_page: Open) -> None:
    app = open_page("hailuo", mode="first_frame")
    app.file_uploader[0].set_value(("street.png", png(), "image/png")).run()
    widget(app, "text_area", "Prompt").set_value("A boat in the rain")
    widget(app, "button_group", "Duration (s)").set_value(10).run()
    app = go_to(app, "compare")
    assert widget(app, "text_area", "Prompt").value == "A boat in the rain"
    assert [held.name for held in app.session_state["compare/references"]["first_frame"]] == ["street.png"]
    add(app, "OS-2.0")
    assert "**Duration** 10 s → 12 s: no lane offers it." in plain(texts(app))
    add(app, "sora-2")  # takes 10 s, and makes a list of the segments
    assert app.session_state["compare/value/seconds"] == 10
    assert "no lane offers it" not in texts(app)
    app = next(b for b in app.button if str(b.key).endswith("/out") and "sora" in plain(b.help)).click().run()
    assert app.session_state["compare/value/seconds"] == 12
    prompt(app, "A ship in the rain")
    app = go_to(app, "vidu")
    assert widget(app, "text_area", "Prompt").value == "A ship in the rain"
    assert app.session_state["vidu/cell"][2] is Mode.FIRST_FRAME
    assert [held.name for held in app.session_state["vidu/references"]["first_frame"]] == ["street.png"]
    assert "**Duration** 12 s →" not in texts(app)
    assert app.session_state["vidu/value/seconds"] == 10
    app = go_to(app, "compare")
    assert [lane.model for lane in app.session_state["compare/desk"].lanes] == ["OS-2.0"]


def test_a_length_that_a_form_only_began_with_is_not_taken_up(open_page: Open) -> None:
    app = open_page("vidu")
    widget(app, "text_area", "Prompt").set_value("A boat in the rain").run()
    assert app.session_state["vidu/value/seconds"] == 5
    app = go_to(app, "compare")
    add(app, "veo_3_1")  # 5 s is no length of it
    assert app.session_state["compare/value/seconds"] is None
    assert "outside the documented" not in texts(app)


def test_a_value_that_no_lane_takes_waits_and_goes_on(open_page: Open) -> None:
    app = open_page("hailuo")
    widget(app, "text_area", "Prompt").set_value("A boat in the rain")
    widget(app, "button_group", "Duration (s)").set_value(10).run()
    app = go_to(app, "compare")
    assert "no lane" not in texts(app)
    add(app, "grok-video-3-max")
    assert "**Duration** 10 s is kept: no lane has such a setting." in plain(texts(app))
    app = go_to(app, "vidu")
    assert app.session_state["vidu/value/seconds"] == 10


def test_a_mode_that_no_lane_offers_is_named_kept_and_goes_back(open_page: Open) -> None:
    app = open_page("compare")
    add(app, "sora-2")
    app = go_to(app, "kling")
    widget(app, "button_group", "Mode").set_value("lip_sync").run()
    widget(app, "text_area", "Prompt").set_value("She says it").run()
    app = go_to(app, "compare")
    assert "**Mode** Lip sync → Text: no lane offers lip sync." in plain(texts(app))
    app = go_to(app, "kling")
    assert app.session_state["kling/cell"][2] is Mode.LIP_SYNC
    app = go_to(app, "compare")
    add(app, "Kling-3.0")
    assert app.session_state["compare/mode"] == "lip_sync"
    assert "→ Text" not in texts(app)


def test_what_use_again_replaces_is_brought_back_from_page_to_page(open_page: Open, services: Services) -> None:
    app = open_page("compare")
    add(app, "Kling-2.6")
    prompt(app, "Sent {a|b}")
    press(app, "Generate")
    sent = newest(services)
    app = go_to(app, "hailuo")
    widget(app, "text_area", "Prompt").set_value("Typed on Hailuo").run()
    app.query_params["c"] = sent.id
    app = app.switch_page("../pages/compare.py").run()
    press(app, "Use again")
    assert widget(app, "text_area", "Prompt").value == r"Sent \{a|b}"
    press(app, "Bring back the earlier form")
    assert app.session_state["hailuo/prompt"] == "Typed on Hailuo"
    press(app, "Bring back the earlier form")
    assert widget(app, "text_area", "Prompt").value == r"Sent \{a|b}"
    assert [lane.model for lane in app.session_state["compare/desk"].lanes] == ["Kling-2.6"]


def test_the_form_survives_a_reload_with_its_lanes(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.session.browser_id", lambda: "one-browser")
    app = open_page("compare")
    add(app, "Kling-2.6", "Hailuo-2.3")
    widget(app, "text_input", "Title").set_value("Rain")
    first = app.session_state["compare/desk"].lanes[0]
    app.session_state[f"compare/{first.id}/value/seconds"] = 5
    prompt(app, "A boat in the {rain|snow}")
    again = open_page("compare")
    assert widget(again, "text_area", "Prompt").value == "A boat in the {rain|snow}"
    assert widget(again, "text_input", "Title").value == "Rain"
    assert [lane.model for lane in again.session_state["compare/desk"].lanes] == ["Kling-2.6", "Hailuo-2.3"]
    assert again.session_state[f"compare/{first.id}/value/seconds"] == 5
    other = open_page("compare")
    press(other, "Clear")
    again.run()
    assert len(again.session_state["compare/desk"].lanes) == 2, "another tab has cleared its own"


def test_an_earlier_prompt_is_taken_and_what_it_replaces_comes_back(open_page: Open) -> None:
    app = open_page("compare")
    prompt(app, "Typed {here|there}")
    app.session_state["compare/prompts"] = True
    app.run()
    first = next(button for button in app.button if str(button.key).startswith("compare/prompts/beginning"))
    app = first.click().run()
    assert widget(app, "text_area", "Prompt").value == BEGINNINGS[Mode.TEXT][0]
    press(app, "Bring back the earlier form")
    assert widget(app, "text_area", "Prompt").value == "Typed {here|there}"
