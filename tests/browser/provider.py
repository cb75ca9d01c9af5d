"""An OpenID Connect provider over real HTTP: the code flow with PKCE, as small as it can be and still be right.

Whoever comes picks a person from a page; there are no passwords. It keeps to what a client may rely on: exact redirect
addresses, one-time codes that are bound to client, redirect and challenge, client authentication, a nonce that comes
back, and tokens signed with a key that is published.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "dailies", "a-secret-of-the-client"


@dataclass(frozen=True)
class _Grant:
    subject: str
    redirect: str
    challenge: str
    nonce: str


@dataclass
class Provider:
    """The provider. `people` are claims by subject."""

    url: str
    redirect: str
    people: Mapping[str, Mapping[str, object]]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}))
    grants: dict[str, _Grant] = field(default_factory=dict)

    async def describe(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "end_session_endpoint": f"{self.url}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Ask who comes; with `as`, send them back with a code."""
        query = request.query_params
        given = (query.get("client_id"), query.get("redirect_uri"), query.get("response_type"))
        if given != (CLIENT, self.redirect, "code") or "openid" not in query.get("scope", "").split():
            return Response("This request is not one of the client's.", 400)
        if query.get("code_challenge_method") != "S256" or not query.get("state"):
            return Response("A challenge and a state are needed.", 400)
        subject = query.get("as", "")
        if subject not in self.people:
            links = (f"<a href='?{escape(urlencode([*query.multi_items(), ('as', s)]))}'>{s}</a>" for s in self.people)
            return HTMLResponse(f"<h1>Who are you?</h1>{' '.join(links)}")
        code = secrets.token_urlsafe(16)
        self.grants[code] = _Grant(subject, self.redirect, query["code_challenge"], query.get("nonce", ""))
        return RedirectResponse(f"{self.redirect}?{urlencode({'code': code, 'state': query['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self.grants.pop(str(form.get("code", "")), None)
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if grant is None or grant.redirect != form.get("redirect_uri") or grant.challenge != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.url, "sub": grant.subject, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": grant.nonce} | dict(self.people[grant.subject])
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse(answer | {"id_token": token}, headers={"Cache-Control": "no-store"})

    async def end(self, request: Request) -> Response:
        return RedirectResponse(request.query_params.get("post_logout_redirect_uri", "/"), 302)


@contextmanager
def serving_provider(redirect: str, people: Mapping[str, Mapping[str, object]]) -> Iterator[Provider]:
    """A provider on a free port of this machine whose one client comes back to `redirect`."""
    listener = socket.create_server(("127.0.0.1", 0))
    provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}", redirect, people)
    routes = [
        Route("/.well-known/openid-configuration", provider.describe),
        Route("/keys", provider.keys),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
        Route("/end", provider.end),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield provider
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def write_secrets(provider: Provider) -> str:
    """The `[auth]` section for this provider, as TOML."""
    return (
        "[auth]\n"
        f'redirect_uri = "{provider.redirect}"\n'
        f'cookie_secret = "{secrets.token_urlsafe(48)}"\n'
        f'client_id = "{CLIENT}"\n'
        f'client_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
