"""Prompts to take into a form: one's own from earlier runs, with search and stars, and some to begin with per mode."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import faults, session
from components.session import key
from components.words import escape
from dailies.request.expand import make_literal
from dailies.text import NAME_CHARS
from dailies.vocabulary import Mode

_SHOWN = 12
_CHARS = 90

BEGINNINGS = {
    Mode.TEXT: (
        "A paper boat crosses a rain puddle at dusk, street lights mirrored in the water, slow push-in",
        "Mist lifts from a mountain valley at dawn, birds cross the sun, wide shot, calm wind",
        "A baker opens the oven, steam rises, bread crackles, close-up, warm morning light",
    ),
    Mode.FIRST_FRAME: (
        "The camera slowly moves closer while wind stirs leaves and hair; everything else stays as in the picture",
        "The subject turns towards the camera and smiles, shallow depth of field",
    ),
    Mode.FIRST_LAST: (
        "One smooth camera move leads from the first picture to the last, no cuts",
        "Day turns into night between the two pictures, a time lapse with drifting clouds",
    ),
    Mode.REFERENCES: (
        "The same person walks through a busy market, handheld camera, natural light",
        "The product turns slowly on a stone table, soft studio light, macro shot",
    ),
}
"""Prompts to begin with, by mode; modes without own ones are offered those for words."""


_REPLACES = "Puts this prompt into the form. The one that it replaces can be brought back."


def draw_prompts(
    scope: str,
    mode: Mode,
    take: Callable[[str, str], None] = session.replace_prompt,
    about: str = _REPLACES,
) -> None:
    """Draw a popover with the prompts; its content is drawn when it is opened.

    `take` puts a prompt into the form `scope`, braces marked as literal; `about` says how.
    """
    box = st.popover(
        "Earlier prompts",
        icon=":material/history:",
        key=key(scope, "prompts"),
        on_change="rerun",
        help="Your prompts from earlier runs, starred ones first, and some to begin with.",
    )
    if not box.open:
        return
    with box:
        st.text_input(
            "Search your prompts",
            key=key(scope, "prompts/search"),
            icon=":material/search:",
            placeholder="Search your prompts",
            label_visibility="collapsed",
        )
        wanted = session.read_text(key(scope, "prompts/search"), NAME_CHARS)
        store = session.services().store.prompts
        starred = list(store.starred())
        words = wanted.casefold().split()
        kept = [each for each in starred if all(word in each.casefold() for word in words)]
        found = [*kept, *(each for each in store.history(wanted, limit=_SHOWN) if each not in kept)][:_SHOWN]
        for number, prompt in enumerate(found):
            _draw_own(scope, number, prompt, take, about, starred=prompt in starred)
        if not found:
            nothing = "None of your prompts has these words." if wanted else "Prompts of your runs appear here."
            st.markdown(f":small[{nothing}]")
        st.markdown(":small[**To begin with**]")
        for number, prompt in enumerate(BEGINNINGS.get(mode, BEGINNINGS[Mode.TEXT])):
            _draw_choice(scope, f"beginning/{number}", prompt, take, about)


def _draw_own(
    scope: str, number: int, prompt: str, take: Callable[[str, str], None], about: str, *, starred: bool
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            "★" if starred else "☆",
            key=key(scope, f"prompts/star/{number}"),
            type="tertiary",
            help="Take the star away" if starred else "Star this prompt: starred ones come first and stay.",
            on_click=faults.guard(_star),
            args=(prompt, not starred),
        )
        _draw_choice(scope, f"own/{number}", prompt, take, about)


def _draw_choice(scope: str, name: str, prompt: str, take: Callable[[str, str], None], about: str) -> None:
    line = " ".join(prompt.split())
    short = line if len(line) <= _CHARS else f"{line[: _CHARS - 1]}…"
    st.button(
        escape(short),
        key=key(scope, f"prompts/{name}"),
        type="tertiary",
        help=about,
        on_click=take,
        args=(scope, make_literal(prompt)),
    )


def _star(prompt: str, starred: bool) -> None:
    services = session.services()
    if starred:
        services.store.prompts.star(prompt, services.now())
    else:
        services.store.prompts.unstar(prompt)
