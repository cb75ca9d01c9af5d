"""Bare HTML documents without Streamlit: the exported page, the blind vote in a file, and the Present page.

Owns the templates, and the policy that lets such a page run only our own script and reach no other network.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FRONTEND = Path(__file__).parent.parent / "frontend"
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}


def read_part(name: str) -> str:
    """Read one of our files in the folder `frontend`."""
    return (_FRONTEND / name).read_text(encoding="utf-8")


def make_policy(script: str, media: str) -> str:
    """Make a content security policy: this one script, the page's styles, and media from the sources in `media`."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = ["default-src 'none'", f"script-src 'sha256-{digest}'", "style-src 'unsafe-inline'"]
    # The player also reads clips to remove their sound, so a source of media may be read as well.
    rules += [f"{what} {media}" for what in ("img-src", "media-src", "connect-src")]
    rules += ["base-uri 'none'", "form-action 'none'"]
    return "; ".join(rules)


def render(
    template: str, *, title: str, style: str, script: str, data: Mapping[str, Any], media: str, **content: Any
) -> str:
    """Render a template as a whole page. The script finds `data` as JSON in the element with the id `data`.

    `style` and `script` are our own texts and are not escaped; everything else is. `media`: the sources of pictures and
    clips that the policy allows. `content` is what else the template shows.
    """
    return _TEMPLATES.get_template(template).render(
        policy=make_policy(script, media), title=title, style=style, script=script, data=data, **content
    )
