"""What one browser session knows: the process's services, the catalog, the gateway in use and its key's handle.

Session keys are made here, so that no two families share a widget's state by accident.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from dailies.catalog.load import Catalog, Family, load
from dailies.domain import Reference, Request
from dailies.errors import MediaError
from dailies.media import clips
from dailies.services import Services, open_services
from dailies.settings import SANDBOX, Gateway

OWNER = ""  # without sign-in every run belongs to everyone who can open the app

_GATEWAY = "session/gateway"
_CREDENTIAL = "session/credential"
_AGAIN = "session/again"


def services() -> Services:
    return open_services()


def have_gateway() -> None:
    """See to it that the gateway in use is there, as far as it is ours: the sandbox is started anew if it has died."""
    if gateway().name == SANDBOX:
        services().ensure_sandbox()


def catalog() -> Catalog:
    return load()


def key(family: str, name: str) -> str:
    """The session key of a family's widget or value."""
    return f"{family}/{name}"


def gateway() -> Gateway:
    """The gateway of this session: chosen on the Settings page, else the one of the environment, else the sandbox."""
    chosen: Gateway | None = st.session_state.get(_GATEWAY)
    return chosen or services().settings.gateway()


def credential() -> str:
    """The handle of this session's key; empty where the environment's key (or none) is used."""
    return str(st.session_state.get(_CREDENTIAL, ""))


def use_gateway(chosen: Gateway | None, handle: str = "") -> None:
    """Use a gateway in this session from now on; None goes back to the environment's."""
    if chosen and chosen.name == SANDBOX:
        services().ensure_sandbox()
    st.session_state[_GATEWAY] = chosen
    st.session_state[_CREDENTIAL] = handle


def base_url() -> str:
    """The address of the gateway in use, for people and for copied code."""
    return services().settings.resolve(gateway().name) or gateway().name


def mine() -> set[str]:
    """The ids of the runs that this session has started."""
    found: set[str] = st.session_state.setdefault("session/mine", set())
    return found


def hosted(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """The references with addresses of our own for uploads, where the app has a public address."""
    public = services().settings.public_url
    if not public:
        return references
    addresses: dict[str, str] = st.session_state.setdefault("session/hosted", {})
    for reference in references:
        if reference.digest and reference.digest not in addresses:
            token = services().settings.sign_for_a_while(reference.digest)
            addresses[reference.digest] = f"{public}/references/{token}"
    return tuple(replace(r, hosted=addresses[r.digest]) if r.digest else r for r in references)


def page_of(family: Family | str) -> str:
    """The page file of a family, relative to the entry script."""
    return f"../pages/{family if isinstance(family, str) else family.id}.py"


def page(name: str) -> str:
    return f"../pages/{name}.py"


def family_of(file: str) -> Family:
    """The family whose page a script is: the file's name is the family's id."""
    return catalog().families[Path(file).stem]


def use_again(request: Request) -> None:
    """Have the composer of the request's family filled with it at the next run of its page."""
    st.session_state[_AGAIN] = request


def asked_again(family: str) -> Request | None:
    """The request to fill a family's composer with, once."""
    request: Request | None = st.session_state.get(_AGAIN)
    if request is None or request.family != family:
        return None
    del st.session_state[_AGAIN]
    return request


def picked() -> list[str]:
    """The ids of the runs that were picked on their cards to be compared."""
    found: list[str] = st.session_state.setdefault("session/picked", [])
    return found


def base_path() -> str:
    """What comes before every address of our own server: empty, or a slash and the configured path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def clip_address(name: str) -> str:
    """The signed address of a clip or poster on our own server."""
    return f"{base_path()}/clips/{services().settings.sign(name)}"


@st.cache_data(max_entries=400, show_spinner=False)
def frame_times(file: str) -> tuple[float, ...] | None:
    """The start of every frame of a clip of the store, in seconds; None where its file is gone."""
    try:
        return clips.frame_times(services().store.files.clip_path(file))
    except MediaError:
        return None
