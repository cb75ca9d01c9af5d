"""The addresses of this app at which gateways fetch uploads."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import streamlit as st

from components import session
from components.address import base_path
from dailies.access import ANY_ADDRESS, is_loopback
from dailies.domain import Reference, Slot
from dailies.gateways import SANDBOX


def find_base(slot: Slot, name: str = "") -> str:
    """The address of this app at which a gateway can fetch an upload for a slot; empty if it cannot, or need not.

    `name` is the gateway in use unless given. The embedded sandbox runs on this machine; it fetches what it does not
    take as a file. Any other gateway needs the app's public address.
    """
    settings = session.services().settings
    if (name or session.gateway().name) != SANDBOX:
        return settings.public_url
    near = is_loopback(urlsplit(settings.sandbox_url or "").hostname or "")
    return "" if slot.takes_files else (_find_own_base() if near else settings.public_url)


def _find_own_base() -> str:
    """The address of this app for programs on this machine; empty if it serves TLS under the name of another."""
    if st.get_option("server.sslCertFile"):
        return ""
    address = str(st.get_option("server.address") or "")
    host = "127.0.0.1" if address in ANY_ADDRESS else f"[{address}]" if ":" in address else address
    return f"http://{host}:{st.get_option('server.port')}{base_path()}"


def host(references: tuple[Reference, ...], slot: Slot | None, name: str = "") -> tuple[Reference, ...]:
    """Return the references of a slot with our addresses of uploads, if the gateway can fetch them from this app.

    `name` is the gateway in use unless given. An address made for another gateway is removed.
    """
    base = find_base(slot, name) if slot else ""
    addresses: dict[str, str] = st.session_state.setdefault("session/hosted", {})
    made: list[Reference] = []
    for reference in references:
        address = ""
        if base and reference.digest:
            if reference.digest not in addresses:
                addresses[reference.digest] = session.services().settings.signer.reference(reference.digest)
            address = f"{base}/references/{addresses[reference.digest]}"
        made.append(replace(reference, hosted=address))
    return tuple(made)
