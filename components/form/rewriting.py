"""Improve and Translate: the prompt in other words, by the chat model that is chosen in Settings.

Both texts are shown with their difference, and nothing goes into the form unless the person says so.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import faults, press, session
from components.form.difference import draw_difference
from components.frontend import listen
from components.press import Press
from components.session import key
from components.words import escape
from dailies.compare.plan import spell_amount
from dailies.errors import DailiesError
from dailies.gateways import SANDBOX
from dailies.request import expand
from dailies.rewriting import MOST_CHARS, Kind, Rewrite
from dailies.work.rewrites import Ask

_SHOWN = 40  # characters of a model's id


def draw_rewriting(scope: str, most: int | None) -> None:
    """Draw the buttons and what came of them, if a chat model is chosen; `most` is the prompt's limit in characters."""
    if session.chat_model():
        _draw(scope, most)


def draw_invitation() -> None:
    """Draw the way to Settings while no chat model is chosen."""
    if not session.chat_model():
        st.page_link(
            session.page("settings"),
            label="Set up Improve and Translate",
            icon=":material/auto_fix_high:",
            help="A chat model of your gateway can improve or translate a prompt. Choose one in Settings.",
        )


@faults.fragment
def _draw(scope: str, most: int | None) -> None:
    if st.session_state.pop(_name_used(scope), False):
        st.rerun()  # the prompt stands outside this fragment
    since, model = session.services().store.revision(), session.chat_model()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        presses = [_draw_button(scope, kind, model, most) for kind in Kind]
        st.markdown(f":small[asks {_shorten(model)}, {escape(_word_price(model))}]", width="content")
    for said in filter(None, [pressed.report() for pressed in presses]):
        st.warning(escape(said), icon=":material/edit:")
    stand = session.services().rewrites.find(session.browser_id(), scope)
    if stand is None:
        return
    if stand.waits:
        listen((), since=since, every=True, key=key(scope, "rewrite/live"))
        st.markdown(f":small[:material/hourglass_top: Waiting for {_shorten(stand.ask.model)}…]")
    elif stand.made is None:
        st.warning(escape(stand.trouble), icon=":material/error:")
    else:
        _draw_choice(scope, stand.made, most)


def _word_price(model: str) -> str:
    """Say what a press costs, as far as that is known."""
    gateway = session.gateway().name
    if gateway == SANDBOX:
        return "free"
    try:
        price = session.services().gate.find_chat_price(model, gateway)
    except DailiesError:
        price = None
    if price is None:
        return "price unknown"
    return "priced by tokens" if price.by_tokens else spell_amount(price.per_call, price.currency)


def _draw_button(scope: str, kind: Kind, model: str, most: int | None) -> Press:
    about = "Sends the prompt to the chat model and shows both texts. Your form changes only if you use the new one."
    return press.draw_button(
        key(scope, kind.value),
        kind.label,
        lambda taken: _ask(taken, scope, kind, model, most),
        type="tertiary",
        icon=":material/auto_fix_high:" if kind is Kind.IMPROVE else ":material/translate:",
        help=f"{about} The gateway may charge for it.",
    )


def _ask(taken: Press, scope: str, kind: Kind, model: str, most: int | None) -> None:
    """Have the chat model asked in the background."""

    def prepare() -> Callable[[], str]:
        prompt, problem = session.read_text(key(scope, "prompt")).strip(), session.gateway_problem()
        if problem:
            raise DailiesError(f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.fix}")
        if not prompt:
            raise DailiesError("Write a prompt first, then press again.")
        if len(prompt) > MOST_CHARS:
            raise DailiesError(f"The prompt has more than {MOST_CHARS:,} characters. Shorten it, then press again.")
        ask = Ask(session.gateway().name, session.credential(), session.owner(), model, kind, prompt, most)
        rewrites, browser = session.services().rewrites, session.browser_id()

        def send() -> str:
            rewrites.start(browser, scope, ask, taken.token)
            return ""

        return send

    taken.carry_out(prepare)
    taken.outcome = taken.outcome or None


def _draw_choice(scope: str, made: Rewrite, most: int | None) -> None:
    """Draw both texts and the choice between them."""
    if made.after == made.before:
        st.markdown(f":small[:material/check: {_shorten(made.model)} would change nothing.]")
        st.button("Close", key=key(scope, "rewrite/keep"), on_click=_keep, args=(scope,))
        return
    draw_difference(made)
    if most and len(made.after) > most:
        st.caption(f":red[:material/straighten: It has {len(made.after):,} characters, and this model takes {most:,}.]")
    if session.read_text(key(scope, "prompt")).strip() != made.before:
        st.caption(":material/info: You have changed the prompt since. *Use it* replaces it; you can bring it back.")
    with st.container(horizontal=True):
        st.button(
            "Use it",
            key=key(scope, "rewrite/use"),
            type="primary",
            icon=":material/check:",
            help="Puts the new text into the form. Yours can be brought back.",
            on_click=faults.guard(_use),
            args=(scope,),
        )
        st.button(
            "Keep mine",
            key=key(scope, "rewrite/keep"),
            help="Leaves the form as it is and drops the new text.",
            on_click=_keep,
            args=(scope,),
        )


def _use(scope: str) -> None:
    made = session.services().rewrites.settle(session.browser_id(), scope, used=True)
    if made is not None:
        braces = expand.count(made.before) > 1  # braces that only the chat model wrote make no takes
        session.replace_prompt(scope, made.after if braces else expand.make_literal(made.after))
        st.session_state[_name_used(scope)] = True


def _keep(scope: str) -> None:
    session.services().rewrites.settle(session.browser_id(), scope)


def _name_used(scope: str) -> str:
    return key(scope, "rewrite/used")


def _shorten(model: str) -> str:
    return escape(model if len(model) <= _SHOWN else f"{model[: _SHOWN - 1]}…")
