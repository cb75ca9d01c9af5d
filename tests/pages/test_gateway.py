"""What pages say of the gateway in use: whether it answers, and how its models compare with the catalog's."""

from __future__ import annotations

import pytest

from components import gateway
from components.gateway import compare_models
from dailies.catalog.load import load
from dailies.gateway.client import Check
from tests.pages.conftest import Open, plain, texts

NAMED = {row.id for family in load().families.values() for rows in family.models.values() for row in rows}


def test_models_are_known_to_both_to_one_or_to_the_other() -> None:
    check = Check(True, 0.1, "", ("sora-2", "Kling-9.9", "gpt-x"))
    found = compare_models(check)
    assert found.both == ("Kling-9.9", "sora-2")
    assert found.unknown == ("gpt-x",)
    assert set(found.unseen) == NAMED - {"sora-2"}


@pytest.mark.parametrize(
    ("check", "listed", "unknown"),
    [
        (None, None, ()),
        (Check(False, 0.1, "No answer", ()), None, ()),
        (Check(True, 0.1, "", ("gpt-x",)), False, ("gpt-x",)),
        (Check(True, 0.1, "", ("gpt-x", "sora-2")), True, ("gpt-x",)),
    ],
)
def test_only_a_known_list_says_that_a_model_is_missing(
    monkeypatch: pytest.MonkeyPatch, check: Check | None, listed: bool | None, unknown: tuple[str, ...]
) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: check)
    assert gateway.is_listed("sora-2") is listed
    assert gateway.is_listed("") is None
    assert gateway.list_unknown_models() == unknown


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (None, "It is being asked for its models."),
        (Check(True, 0.25, "", tuple(NAMED)), f"It answers in 0.25 s and lists {len(NAMED)} models."),
        (Check(True, 0.25, "", ("sora-2",)), f"1 model; {len(NAMED) - 1} of the catalog's models are not among them."),
    ],
)
def test_the_badge_is_quiet_and_its_help_says_what_the_gateway_answered(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, check: Check | None, words: str
) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: check)
    app = open_page("kling")
    assert not app.exception
    badges = [text for text in app.markdown if "Sandbox (built in)" in plain(text.value)]
    assert len(badges) == 1 and badges[0].value.startswith(":gray-badge[")
    assert words in badges[0].help
    assert "cannot be used" not in texts(app)


@pytest.mark.parametrize("page", ["home", "kling", "compare"])
def test_a_gateway_that_does_not_work_says_why_on_every_page(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, page: str
) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: Check(False, 0.1, "no answer from *it*..", ()))
    app = open_page(page)
    assert not app.exception
    assert texts(app).count("No answer from *it*.") == 1
    assert ":red-badge[:material/cloud_off: Sandbox (built in): cannot be used]" in texts(app)
    assert any(link.proto.label == "Open Settings" for link in app.get("page_link"))


def test_a_model_that_only_the_gateway_knows_is_one_click_from_its_form(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: Check(True, 0.1, "", ("gpt-x_1",)))
    app = open_page("home")
    assert not any("gpt" in button.label for button in app.button)
    app.session_state["home/unknown"] = True
    app.run()
    next(button for button in app.button if "gpt" in button.label).click().run()
    assert app.session_state["other/cell"][1] == "gpt-x_1"
