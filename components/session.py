"""What one browser session knows: the process's services, the catalog, the gateway in use and its key's handle.

Session keys are made here, so that no two families share a widget's state by accident.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import streamlit as st

from components import faults
from components.address import base_path
from components.words import escape
from dailies.catalog.load import Catalog, Family, load
from dailies.domain import Notice, Problem, Request
from dailies.errors import DailiesError, StoreError
from dailies.gateways import SANDBOX, Gateway
from dailies.library import Lineage
from dailies.people import NOBODY_SIGNS_IN, Browser, Person, read_person
from dailies.services import PersonalServices, open_services
from dailies.signing import COOKIE
from dailies.text import clean

_BROWSER = "session/browser"
_GREETED = "session/greeted"
_AGAIN = "session/again"
_REPLACED = "session/replaced"
_COMES_OF = "session/comes of"
_PAGE = "session/page"
_ENTERED = "session/entered"  # the number of the entrance for which the form is not filled yet
_KEPT = "session/kept"  # the form of this page as it was last kept
_FORM = "session/form"  # whose it is
_LEFT = "session/left"  # the form that was left for this page, and when
_LATE = timedelta(seconds=10)  # after which nothing that was typed there is awaited any more

_entrances = count(1)


def person() -> Person:
    """The person who looks at this page; everybody is the same one where nobody signs in.

    Raises `DailiesError` where people sign in and this one has not: no page gets that far.
    """
    access = open_services().settings.access
    if not access.sign_in:
        return NOBODY_SIGNS_IN
    found = read_person(st.user.to_dict()) if st.user.is_logged_in else None
    if found is None:
        raise DailiesError("Sign in first.")
    return access.with_role(found)


def must_sign_in() -> bool:
    """Whether people sign in and this one has not."""
    return open_services().settings.access.sign_in and not st.user.is_logged_in


def greet() -> None:
    """Keep how this person is called, once in a session, for others who see the name beside what they own."""
    if owner() and st.session_state.get(_GREETED) != person():
        services().store.greet(services().now())
        st.session_state[_GREETED] = person()


def owner() -> str:
    """The owner of what is made here."""
    return person().id


def services() -> PersonalServices:
    """The services of this process, with a store that shows only what is this person's."""
    return open_services().of(person())


def is_open() -> bool:
    """Whether the operator has let in everybody who can reach the address."""
    return services().settings.access.is_open


def catalog() -> Catalog:
    return load()


def key(family: str, name: str) -> str:
    """The session key of a family's widget or value."""
    return f"{family}/{name}"


def read_text(name: str, most: int | None = None) -> str:
    """Read what was typed into a widget, cleaned and with at most `most` characters; empty if nothing was."""
    return clean(str(st.session_state.get(name) or ""), most)


# --- the browser, its gateway and its key ------------------------------------------------------------------------


def begin() -> None:
    """Begin a run of the whole script: read what is kept for this browser, and start the sandbox if it is used.

    Another tab may have chosen another gateway meanwhile; that is said.
    """
    before: Browser | None = st.session_state.get(_BROWSER)
    found = services().store.browsers.get(browser_id())
    if found is None:
        found = Browser(browser_id(), services().settings.first_gateway(user()).name)
    st.session_state[_BROWSER] = found
    if before is not None and before.gateway != found.gateway:
        st.toast(f"This browser now uses {escape(gateway().title)}, chosen in another tab.", icon=":material/dns:")
    if gateway().name == SANDBOX:
        services().ensure_sandbox()


def is_changed_elsewhere() -> bool:
    """Whether another tab of this browser has changed what `begin` reads, since this one read it."""
    found = services().store.browsers.get(browser_id())
    return found is not None and found != _browser()


def enter(page: str) -> None:
    """Say which page is drawn: one that was not drawn before is filled with what is kept for it."""
    if st.session_state.get(_PAGE) != page:
        _keep_typed()
        st.session_state[_LEFT] = st.session_state.get(_FORM), services().now()
        st.session_state[_PAGE], st.session_state[_ENTERED] = page, next(_entrances)
    elif _came_late():
        st.session_state[_ENTERED] = next(_entrances)


def gateway() -> Gateway:
    """The gateway that this browser uses. One that is no longer set up keeps its name and has no address."""
    name = _browser().gateway
    return services().settings.gateway(name, user()) or Gateway(name, "")


def name_gateway(name: str) -> str:
    """The title of any gateway for people; of one that is no longer set up, its name."""
    known = services().settings.gateway(name, user())
    return known.title if known else name


def user() -> str:
    """The e-mail address of the person who is signed in; empty without sign-in."""
    return person().email


def credential(name: str = "") -> str:
    """The handle of the key that pays at a gateway: this person's own, or empty for the operator's.

    `name` is the gateway in use unless given. Whoever entered a key never falls back to the operator's.
    """
    browser, name = _browser(), name or _browser().gateway
    handle = services().settings.signer.handle(browser.id, name)
    own = services().keyring.get(handle, name) is not None or (browser.keyed and browser.gateway == name)
    return handle if own else ""


def gateway_problem(name: str = "") -> Problem | None:
    """Why nothing can be sent to a gateway now: it is gone, or its key is. `name` is the one in use unless given."""
    name = name or _browser().gateway
    known = services().settings.gateway(name, user())
    if known is None:
        return Problem("Gateway", f"{name or 'It'} is not set up here any more", "Choose another one in Settings.")
    if services().keyring.get(credential(name), name) is not None:
        return None
    if _browser().keyed and _browser().gateway == name:
        what = f"your key for {known.title} is no longer in this server's memory"
        return Problem("Key", what, "Open Settings and enter it again.")
    return Problem("Key", f"there is no key for {known.title}", "Open Settings and enter yours.")


def use_gateway(name: str, entered: str = "") -> None:
    """Use a gateway in this browser from now on, with a key of one's own where one is entered.

    Raises `DailiesError` for what cannot be a key.
    """
    handle = services().settings.signer.handle(browser_id(), name)
    if entered:
        services().keyring.put(handle, name, entered)
    keyed = bool(entered) or (services().keyring.get(handle, name) is not None)
    chat = _browser().chat if _browser().gateway == name else ""  # another gateway has other models
    _keep(Browser(browser_id(), name, keyed, chat))
    if name == SANDBOX:
        services().ensure_sandbox()


def forget_key() -> None:
    """Forget this person's key for the gateway in use; the operator's key pays from now on, where there is one."""
    browser = _browser()
    services().keyring.forget(services().settings.signer.handle(browser.id, browser.gateway))
    _keep(replace(browser, keyed=False))


def chat_model() -> str:
    """The id of the model that rewrites prompts in this browser; empty if none does."""
    return _browser().chat


def use_chat_model(model: str) -> None:
    """Have prompts of this browser rewritten by a model of the gateway in use from now on; empty: by none."""
    _keep(replace(_browser(), chat=model))


def _keep(browser: Browser) -> None:
    services().store.browsers.save(browser, services().now())
    st.session_state[_BROWSER] = browser


def _browser() -> Browser:
    if _BROWSER not in st.session_state:
        begin()
    found: Browser = st.session_state[_BROWSER]
    return found


def browser_id() -> str:
    """The person who is signed in, else the browser of the signed cookie, else one of this session alone."""
    if owner():
        return owner()
    named = services().settings.signer.read_browser(st.context.cookies.get(COOKIE, ""))
    alone: str = st.session_state.setdefault("session/no cookie", secrets.token_hex(16))
    return named or alone


# --- the form as it was left -------------------------------------------------------------------------------------


def entrance() -> int | None:
    """The entrance into this page for which its form is not filled yet; None where it is."""
    entered: int | None = st.session_state.get(_ENTERED)
    return entered


def leave_entrance(entered: int | None) -> None:
    """Say that the form of this page has been filled for an entrance; a run that is interrupted earlier fills it again.

    A run that another one replaces goes on for a moment beside it, and must not say so for the other's entrance.
    """
    if entrance() == entered:
        st.session_state[_ENTERED] = None


def saved_draft(form: str) -> Request | None:
    """The form of a page as this browser left it, when the page is entered; None later on, and where it left none."""
    if entrance() is None:
        return None
    kept = services().store.browsers.draft(browser_id(), form)
    st.session_state[_KEPT], st.session_state[_FORM] = kept, form
    return kept


def newest_draft() -> Request | None:
    """The form that this browser changed last, on whichever page."""
    return services().store.browsers.newest_draft(browser_id())


def save_draft(form: str, draft: Request) -> None:
    """Keep the form of a page on the server, where it has changed since it was last kept.

    A prompt that this session has not changed stays as it is kept: it may have been typed while the page was drawn.
    """
    before: Request | None = st.session_state.get(_KEPT)
    if before == draft:
        return
    same = draft.prompt == (before.prompt if before else "")
    try:
        services().store.browsers.save_draft(browser_id(), form, draft, services().now(), keeps_prompt=same)
    except StoreError as error:  # the form itself stays, and is kept with the next run that can
        faults.tell("The form is not saved yet.", error)
        return
    st.session_state[_KEPT] = draft


def _came_late() -> bool:
    """Whether a prompt was saved for the form that was left, after this page had been filled without it.

    The browser's Back does not wait for the server. The draft counts as the newest then.
    """
    form, left = st.session_state.get(_LEFT) or (None, None)
    now, browsers = services().now(), services().store.browsers
    if form is None or left is None or not left <= now < left + _LATE:
        return False
    typed = browsers.prompt_since(browser_id(), form, left)
    if typed is None:
        return False
    st.session_state[_LEFT] = None
    browsers.save_prompt(browser_id(), form, typed, now)
    return True


def _keep_typed() -> None:
    """Keep a prompt that came with the very press that leaves its form: the form has not been drawn with it."""
    form, before = st.session_state.get(_FORM), st.session_state.get(_KEPT)
    if form is None or before is None or key(form, "prompt") not in st.session_state:
        return
    typed = read_text(key(form, "prompt"))
    if typed != before.prompt:
        services().store.browsers.save_prompt(browser_id(), form, typed, services().now())
        st.session_state[_KEPT] = replace(before, prompt=typed)


# --- addresses and what else a session knows ---------------------------------------------------------------------


def base_url() -> str:
    """The address of the gateway in use, for people and for copied code."""
    return services().settings.resolve(gateway().name) or gateway().name


def mine() -> set[str]:
    """The ids of the runs that this session has started."""
    found: set[str] = st.session_state.setdefault("session/mine", set())
    return found


def page_of(family: Family | str) -> str:
    """The page file of a family, relative to the entry script."""
    return f"../pages/{family if isinstance(family, str) else family.id}.py"


def page(name: str) -> str:
    return f"../pages/{name}.py"


def family_of(file: str) -> Family:
    """The family whose page a script is: the file's name is the family's id."""
    return catalog().families[Path(file).stem]


def use_again(request: Request, notices: tuple[Notice, ...] = ()) -> None:
    """Have the composer of the request's family filled with it at the next run of its page.

    `notices` say what had to change for it. The form that it replaces is kept, see `replaced`.
    """
    _keep_typed()
    before = newest_draft()
    st.session_state[_REPLACED] = before if before != request else None
    st.session_state[_AGAIN] = (request, notices)
    st.session_state[key(request.family, "lineage")] = st.session_state.pop(_COMES_OF, None)


def replace_prompt(form: str, prompt: str) -> None:
    """Put another prompt into a form. What it replaces is kept, see `replaced`. For callbacks of buttons."""
    _keep_typed()
    before: Request | None = st.session_state.get(_KEPT)
    if before is not None and before.prompt.strip() and before.prompt != prompt:
        st.session_state[_REPLACED] = before
    st.session_state[key(form, "prompt")] = prompt


def come_of(lineage: Lineage) -> None:
    """Say how the form that is filled next, whichever page it is on, comes of an earlier run."""
    st.session_state[_COMES_OF] = lineage


def find_lineage(scope: str, request: Request) -> Lineage | None:
    """How a request of a form comes of an earlier run; None where it does not, or no longer."""
    found: Lineage | None = st.session_state.get(key(scope, "lineage"))
    return found if found and found.holds(request) else None


def asked_again(family: str) -> tuple[Request, tuple[Notice, ...]] | None:
    """The request to fill a family's composer with and its notices, once."""
    again: tuple[Request, tuple[Notice, ...]] | None = st.session_state.get(_AGAIN)
    if again is None or again[0].family != family:
        return None
    del st.session_state[_AGAIN]
    leave_entrance(entrance())
    return again


def replaced() -> Request | None:
    """The form that a request to use again has replaced, if there was anything in it that the request has not."""
    before: Request | None = st.session_state.get(_REPLACED)
    return before if before and before.entry and (before.prompt.strip() or any(before.references.values())) else None


def picked() -> list[str]:
    """The ids of the runs that were picked on their cards to be compared."""
    found: list[str] = st.session_state.setdefault("session/picked", [])
    return found


def clip_address(name: str) -> str:
    """The signed address of a clip or poster on our own server."""
    return f"{base_path()}/clips/{services().settings.signer.clip(name, owner())}"
