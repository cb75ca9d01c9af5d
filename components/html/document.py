"""Bare HTML documents of our own, without Streamlit: one that is handed on as a file, one for presenting.

Owns escaping, and the policy by which such a page runs our own scripts and nothing else, and reaches no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

_HERE = Path(__file__).parent.parent / "frontend"
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>$title</title>
<style>$style</style>
</head>
<body>
$body
<script type="application/json" id="data">$data</script>
<script>$script</script>
</body>
</html>
""")


def part(name: str) -> str:
    """The text of one of our files beside the components."""
    return (_HERE / name).read_text(encoding="utf-8")


def policy(script: str, media: str) -> str:
    """A content security policy: this one script, styles of the page, and media from the sources in `media` alone."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = ["default-src 'none'", f"script-src 'sha256-{digest}'", "style-src 'unsafe-inline'"]
    # The player also reads a clip to take its sound track away, so what may be shown may be read.
    rules += [f"{what} {media}" for what in ("img-src", "media-src", "connect-src")]
    rules += ["base-uri 'none'", "form-action 'none'"]
    return "; ".join(rules)


def document(*, title: str, body: str, style: str, script: str, data: Mapping[str, Any], media: str) -> str:
    """A whole page. `body` is HTML; `data` is found by the script under the id `data`.

    `script` and `style` are our own texts. `media`: the sources of pictures and clips that the policy lets through.
    """
    return _PAGE.substitute(
        policy=escape(policy(script, media), quote=True),
        title=escape(title),
        style=style,
        body=body,
        data=script_json(data),
        script=script,
    )


def script_json(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
