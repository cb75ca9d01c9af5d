"""Sharing a comparison with people of the installation, as its owner and as the other person see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from components import session
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.people import Person
from dailies.services import Services
from dailies.store.comparisons import EVERYBODY
from tests.pages.conftest import Open, texts, widget

ANN, BOB = Person("ann", "ann@example.com", "Ann Lee"), Person("bob", "bob@example.com", "Bob Ray")
See = Callable[..., AppTest]


@pytest.fixture
def comparison(services: Services) -> Iterator[Comparison]:
    """A comparison of Ann's."""
    now = datetime.now(UTC)
    lanes = tuple(Lane(f"lane{number}", title=f"Take {number}") for number in range(2))
    made = Comparison("anns", ANN.id, now, now, "Ann's boats", Idea(prompt="A boat"), lanes)
    yield services.store.comparisons.add(made)
    services.store.comparisons.delete(made.id)


@pytest.fixture
def see(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> See:
    """`see(ANN, c="anns")`: Compare as this person sees it."""

    def seen(person: Person, **query: str) -> AppTest:
        monkeypatch.setattr(session, "person", lambda: person)
        app = open_page("compare", **query)
        assert not app.exception
        return app

    return seen


def open_share(see: See) -> AppTest:
    app = see(ANN, c="anns")
    app.session_state["compare/share"] = True
    return app.run()


def test_a_comparison_is_shared_seen_and_taken_back(see: See, services: Services, comparison: Comparison) -> None:
    missing = "This comparison does not exist."
    assert missing in texts(see(BOB, c=comparison.id))
    app = open_share(see)
    widget(app, "multiselect", "Chosen people").set_value(["bob@example.com"]).run()
    assert services.store.comparisons.list_shares(comparison.id) == {"bob@example.com"}

    there = see(BOB)
    assert "Shared with you" in texts(there)
    there = next(button for button in there.button if button.label == "Open").click().run()
    assert "Shared by Ann Lee." in texts(there)
    assert "Take 0" in texts(there)
    assert not {"Share", "More"} & {box.label for box in there.get("popover")}

    app = open_share(see)
    widget(app, "multiselect", "Chosen people").set_value([]).run()
    assert missing in texts(see(BOB, c=comparison.id))
    app = open_share(see)
    widget(app, "toggle", "Everybody who signs in here").set_value(True).run()
    assert services.store.comparisons.list_shares(comparison.id) == {EVERYBODY}


def test_what_is_no_address_is_named_and_shares_nothing(see: See, services: Services, comparison: Comparison) -> None:
    app = open_share(see)
    widget(app, "multiselect", "Chosen people").set_value(["<b>bob</b>"]).run()
    assert "<b>bob</b> is no e-mail address." in texts(app)
    assert services.store.comparisons.list_shares(comparison.id) == set()
