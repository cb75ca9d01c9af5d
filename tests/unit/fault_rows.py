"""The rows of the fault matrix: what a gateway does, how the run must end, what a person reads and can do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.unit.faulty import HTML, JSON, MP4, Behaviour, breaks_off, drips, hangs, head, resets, says, sends

CLOSED = "http://127.0.0.1:9"
"""The address of a gateway that nobody runs."""

CREATED = says({"id": "t1", "status": "queued"})
FINISHED = says({"id": "t1", "status": "completed", "video_url": "/f/a.mp4"})
RUNNING = says({"id": "t1", "status": "running", "progress": 40})
ALWAYS = 1_000


@dataclass(frozen=True)
class Row:
    """`create`, `poll` or `clip` is done `times` times, then the gateway is in good order.

    `state`, `what` and `fix` are the end, `note` is read on the way there. `deaf`: in this state of the run what
    connects is reset. `closed`: nobody listens. `hasty`: we do not wait long. `waits`: seconds until the next look.
    """

    name: str
    state: str = "done"
    what: str = ""
    fix: str = ""
    note: str = ""
    create: Behaviour | None = None
    poll: Behaviour | None = None
    clip: Behaviour | str | None = None
    times: int = ALWAYS
    deaf: str = ""
    closed: bool = False
    hasty: bool = False
    waits: float = 0.0


def unsure(name: str, create: Behaviour | None, what: str, **more: Any) -> Row:
    """A create that left and has no answer that can be relied on."""
    return Row(f"create: {name}", "unsure", what, LOOK_FOR_IT, create=create, **more)


def refused(name: str, create: Behaviour | None, what: str, fix: str, **more: Any) -> Row:
    """A create that made no task, or one that failed at once."""
    return Row(f"create: {name}", "failed", what, fix, create=create, **more)


def asked(name: str, poll: Behaviour, note: str = "", **more: Any) -> Row:
    """Two looks that go wrong; then the clip is there."""
    return Row(f"poll: {name}", note=note, poll=poll, times=2, **more)


def kept_asking(name: str, poll: Behaviour | None, state: str, what: str, fix: str, **more: Any) -> Row:
    """Every look goes wrong."""
    return Row(f"poll: {name}, for ever", state, what, fix, poll=poll, **more)


def fetched(name: str, clip: Behaviour | str, note: str = "", **more: Any) -> Row:
    """One download goes wrong; then the clip comes."""
    return Row(f"clip: {name}", note=note and not_yet(note), clip=clip, times=1, **more)


def never_fetched(name: str, clip: Behaviour | str, what: str, **more: Any) -> Row:
    """Every download goes wrong."""
    what = f"The clip could not be fetched. {what}"
    return Row(f"clip: {name}, for ever", "failed", what, FETCH_AGAIN, clip=clip, **more)


def unknown(what: str) -> str:
    return f"The call was sent, its outcome is unknown. {what}"


def lost(did: str) -> str:
    return f"The call was sent and its answer is lost: the gateway {did}."


def no_answer(why: str) -> str:
    return f"No answer about the task: {why} Asking again."


def given_up(last: str) -> str:
    return f"The watch limit was reached without a clip. {last}"


def not_yet(why: str) -> str:
    return f"The clip could not be fetched: {why} Asking the gateway for it again."


def error(message: str, code: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": "x"}}


def redirect(to: str, status: int = 302) -> Behaviour:
    return says(b"", status, HTML, {"Location": to})


PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
OPENING = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OPENING + b"Transfer-Encoding: chunked\r\n\r\n"
DATES = {"Date": "Thu, 01 Jan 2026 08:00:00 GMT", "Retry-After": "Thu, 01 Jan 2026 08:00:20 GMT"}
EXPIRED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
NOISE = bytes(range(256)) * 40
PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:3\n"
LOOK_FOR_IT = (
    "Look for the task in the gateway's log and, if it is there, enter its id here. "
    "Sending it again may make, and charge, a second clip."
)
FETCH_AGAIN = "Press Fetch again to ask the gateway for the clip once more. Links live for 12 hours or more."
LOOK_AGAIN = "Look again to ask the gateway once more."
CHANGE_IT = "Change what the gateway names, then send it again."
NO_PATH = "Check the base URL in Settings: this path does not exist there."
OTHER_URL = "Change the base URL in Settings, then send it again."
CHECK_KEY = "Check the key in Settings: it must be valid and allowed to use this model."
TOP_UP = "Top up the account behind the key, then send it again."
CHANGE_PROMPT = "Change the prompt or the picture, then send it again."
TRY_AGAIN = "Send it again. If it fails again, change the input or choose another model."
CLOSED_EARLY = "closed the connection before its answer was whole"
GATEWAY_CLOSED = "The gateway closed the connection before its answer was whole."
SERVER_CLOSED = "The server of the clip closed the connection before its answer was whole."
COMPARE = "It does not say why. Compare the exact request with the gateway's documents, then send it again."

ROWS = (
    refused(
        "no connection",
        None,
        "No connection to 127.0.0.1:9: it refused the connection.",
        "Check the base URL in Settings and the network, then send it again.",
        closed=True,
    ),
    unsure("reset before the call is read", None, lost(CLOSED_EARLY), deaf="ready"),
    unsure("reset after the call", resets(), lost(CLOSED_EARLY)),
    unsure("hung up without an answer", sends(b""), lost(CLOSED_EARLY)),
    unsure("half a status line", sends(b"HTTP/1.1 20"), lost(CLOSED_EARLY)),
    unsure("half the headers", sends(OPENING + b"Content-Len"), lost(CLOSED_EARLY)),
    unsure("reset inside the headers", resets(OPENING), lost(CLOSED_EARLY)),
    unsure("half the body", breaks_off(b'{"id": "t', 400), lost(CLOSED_EARLY)),
    unsure("reset inside the body", resets(head(200, JSON, 400, {}) + b'{"id": "t'), lost(CLOSED_EARLY)),
    unsure("a broken chunk", sends(CHUNKED + b"zz\r\n{}"), lost("did not answer in HTTP")),
    unsure("no last chunk", sends(CHUNKED + b'5\r\n{"id"\r\n'), lost(CLOSED_EARLY)),
    unsure("not HTTP", sends(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), lost("did not answer in HTTP")),
    unsure("no answer in time", hangs(), lost("did not answer in time"), hasty=True),
    unsure("headers that drip", drips(OPENING, b"X-A: b\r\n"), lost("took too long over its answer"), hasty=True),
    unsure(
        "a body that drips",
        drips(head(200, JSON, 10_000, {}) + b"{", b" "),
        lost("took too long over its answer"),
        hasty=True,
    ),
    unsure(
        "packed, says the label, and is not",
        says(b"plain", headers={"Content-Encoding": "gzip"}),
        lost("packed its answer in a way that cannot be unpacked"),
    ),
    refused(
        "a redirect",
        redirect("https://other.example/v1/videos"),
        "The gateway redirects to https://other.example/v1/videos. Set that as the base URL.",
        OTHER_URL,
    ),
    refused(
        "a redirect that keeps the method",
        redirect("https://other.example/v1/videos", 308),
        "The gateway redirects to https://other.example/v1/videos. Set that as the base URL.",
        OTHER_URL,
    ),
    refused("a redirect to nowhere", says(b"", 302, HTML), "The gateway redirects.", OTHER_URL),
    unsure("see other", redirect("/elsewhere", 303), unknown("The gateway redirects to /elsewhere.")),
    refused(
        "400 in words",
        says(error("The size is not allowed.", "invalid_size"), 400),
        "The size is not allowed.",
        CHANGE_IT,
    ),
    refused("400 and nothing", says(b"", 400), "The gateway answered 400 with an empty answer.", COMPARE),
    refused(
        "400 with a list",
        says([{"loc": ["body", "seconds"], "msg": "must be 5 or 10"}], 400),
        "seconds: must be 5 or 10.",
        CHANGE_IT,
    ),
    refused("401", says(error("Invalid token."), 401), "Invalid token.", CHECK_KEY),
    refused("402", says(error("Pay first."), 402), "Pay first.", TOP_UP),
    refused(
        "403 of a firewall",
        says(b"<html>Access denied</html>", 403, HTML),
        "The gateway answered 403 with a web page.",
        "Check the key in Settings, and whether a firewall stands before the gateway and refuses the call.",
    ),
    refused(
        "404 of a wrong address",
        says(b"404 page not found", 404, "text/plain"),
        'The gateway answered 404 with "404 page not found".',
        NO_PATH,
    ),
    refused("405", says({"detail": "Method Not Allowed"}, 405), "Method Not Allowed.", NO_PATH),
    unsure("408", says(b"", 408), unknown("The gateway answered 408 with an empty answer.")),
    refused(
        "413",
        says(PAGE.replace(b"502 Bad Gateway", b"413 Request Entity Too Large"), 413, HTML),
        "The gateway answered 413 with a web page.",
        "The call is too large for the gateway: give it smaller or fewer references.",
    ),
    refused(
        "422",
        says({"detail": [{"loc": ["body", "prompt"], "msg": "field required"}]}, 422),
        "prompt: field required.",
        CHANGE_IT,
    ),
    refused(
        "429 with seconds",
        says(error("Slow down."), 429, headers={"Retry-After": "7"}),
        "Slow down.",
        "Too many calls, or the model is busy. Send it again in 7 s.",
    ),
    refused(
        "429 without",
        says(error("Slow down."), 429),
        "Slow down.",
        "Too many calls, or the model is busy. Send it again in a minute.",
    ),
    refused(
        "451 moderated",
        says(error("The prompt was flagged by our content policy.", "prompt_blocked"), 451),
        "The prompt was flagged by our content policy.",
        CHANGE_PROMPT,
    ),
    unsure("500 in words", says(error("The upstream crashed."), 500), unknown("The upstream crashed.")),
    unsure("500 in small letters", says(error("the upstream is gone"), 500), unknown("The upstream is gone.")),
    refused(
        "500 that proves that there is no task",
        says(error("No channel for this model.", "model_not_found"), 503),
        "The gateway has no channel for this model with this key. It says: No channel for this model.",
        "Choose another model, or ask the gateway's operator to open this one for the key.",
    ),
    unsure("502 of a proxy", says(PAGE, 502, HTML), unknown("The gateway answered 502 with a web page.")),
    unsure(
        "503 with a wait",
        says(b"", 503, headers={"Retry-After": "30"}),
        unknown("The gateway answered 503 with an empty answer."),
    ),
    unsure(
        "504",
        says(b"upstream timed out", 504, "text/plain"),
        unknown('The gateway answered 504 with "upstream timed out".'),
    ),
    unsure(
        "520 and an odd body",
        says(b"\xe9rror code: 520", 520, "text/plain"),
        unknown('The gateway answered 520 with "�rror code: 520".'),
    ),
    unsure(
        "200 and a web page",
        says(PAGE, 200, HTML),
        unknown("A web page answered instead of the gateway. The path or the base URL is wrong."),
    ),
    unsure("200 and nothing", says(b""), unknown("The gateway's answer cannot be read: it is empty.")),
    unsure("204", says(b"", 204), unknown("The gateway's answer cannot be read: it is empty.")),
    unsure(
        "200 and no JSON",
        says(b"OK", 200, "text/plain"),
        unknown("The gateway's answer cannot be read: it is not the JSON of a task."),
    ),
    unsure(
        "200 and less than an id",
        says(b'{"id": "t'),
        unknown("The gateway's answer cannot be read: it is not the JSON of a task."),
    ),
    Row("create: 200 and half a JSON, which names the task", create=says(b'{"id": "t1", "sta')),
    Row("create: half the body, which names the task", create=breaks_off(b'{"data": {"id": "t1"}, "sta', 400)),
    Row("create: reset behind the id", create=resets(head(200, JSON, 400, {}) + b'{"id": "t1", "status": "que')),
    unsure(
        "200 and null", says(b"null"), unknown("The gateway's answer cannot be read: it is not the JSON of a task.")
    ),
    unsure(
        "200 and a number", says(b"42"), unknown("The gateway's answer cannot be read: it is not the JSON of a task.")
    ),
    unsure("200 and an empty list", says([]), unknown("The gateway accepted the call and its answer names no task.")),
    unsure(
        "200 and no id",
        says({"status": "queued"}),
        unknown("The gateway accepted the call and its answer names no task."),
    ),
    unsure(
        "200 and an id of the wrong type",
        says({"id": {"a": 1}, "status": "queued"}),
        unknown("The gateway accepted the call and its answer names no task."),
    ),
    unsure(
        "200 and a null id",
        says({"id": None, "status": "queued"}),
        unknown("The gateway accepted the call and its answer names no task."),
    ),
    refused(
        "200 that is a refusal",
        says(error("The balance is too low.", "insufficient_user_quota")),
        "The balance is too low.",
        TOP_UP,
    ),
    refused(
        "200 with a code that is a refusal",
        says({"code": 1201, "message": "The model is busy."}),
        "The model is busy.",
        CHANGE_IT,
    ),
    refused("200 with success false", says({"success": False, "msg": "Not today."}), "Not today.", CHANGE_IT),
    refused(
        "200 that failed at once",
        says({"id": "t1", "status": "failed", "error": {"message": "No such picture."}}),
        "No such picture.",
        TRY_AGAIN,
    ),
    refused(
        "200 and a failure without an id",
        says({"status": "failed", "error": {"message": "No such picture."}}),
        "No such picture.",
        CHANGE_IT,
    ),
    asked("reset", resets(), no_answer(GATEWAY_CLOSED)),
    asked("hung up", sends(b""), no_answer(GATEWAY_CLOSED)),
    asked("half the headers", sends(OPENING + b"Con"), no_answer(GATEWAY_CLOSED)),
    asked("half the body", breaks_off(b'{"id": "t1", "status": "comple', 400), no_answer(GATEWAY_CLOSED)),
    asked("not HTTP", sends(b"hello\r\n\r\n"), no_answer("The gateway did not answer in HTTP.")),
    asked("no answer in time", hangs(), no_answer("The gateway did not answer in time."), hasty=True),
    asked(
        "a body that drips",
        drips(head(200, JSON, 10_000, {}) + b"{", b" "),
        no_answer("The gateway took too long over its answer."),
        hasty=True,
    ),
    asked("a redirect to no address", redirect("ftp://x"), no_answer("The address of a redirect is no web address.")),
    asked(
        "401",
        says(error("Invalid token."), 401),
        "The gateway refuses the key: Invalid token. Open Settings and check it.",
    ),
    asked(
        "403 page",
        says(b"<html>no</html>", 403, HTML),
        "The gateway refuses the key: The gateway answered 403 with a web page. Open Settings and check it.",
    ),
    asked("404", says(error("No such task."), 404), "The gateway says that it does not know this task. Asking again."),
    asked(
        "429 with seconds",
        says(error("Slow down."), 429, headers={"Retry-After": "7"}),
        "The gateway asks for fewer calls. Asking again in 7 s.",
        waits=7,
    ),
    asked(
        "429 with a date",
        says(error("Slow down."), 429, headers=DATES),
        "The gateway asks for fewer calls. Asking again in 20 s.",
        waits=20,
    ),
    asked("500", says(error("The upstream crashed."), 500), no_answer("The upstream crashed.")),
    asked("502 page", says(PAGE, 502, HTML), no_answer("The gateway answered 502 with a web page.")),
    asked(
        "503 with a wait",
        says(b"", 503, headers={"Retry-After": "9"}),
        no_answer("The gateway answered 503 with an empty answer."),
        waits=9,
    ),
    asked(
        "200 page",
        says(PAGE, 200, HTML),
        no_answer("A web page answered instead of the gateway. The path or the base URL is wrong."),
    ),
    asked("200 empty", says(b""), no_answer("The gateway's answer cannot be read: it is empty.")),
    asked(
        "200 text",
        says(b"OK", 200, "text/plain"),
        no_answer("The gateway's answer cannot be read: it is not the JSON of a task."),
    ),
    asked("200 null", says(b"null"), no_answer("The gateway's answer cannot be read: it is not the JSON of a task.")),
    asked("an unknown word", says({"id": "t1", "status": "simmering"}), ""),
    asked("no word", says({"id": "t1"}), ""),
    asked(
        "a refusal inside 200",
        says(error("Try later.", "busy")),
        "The gateway answers with a refusal: Try later. Asking again.",
    ),
    asked("back to queued", says({"id": "t1", "status": "queued", "progress": 0}), ""),
    asked("a percent beyond", says({"id": "t1", "status": "running", "progress": 900}), ""),
    asked("types", says({"id": 7, "status": ["running"], "progress": "forty"}), ""),
    kept_asking(
        "no connection",
        None,
        "unattended",
        given_up("No answer about the task: The gateway closed the connection before its answer was whole."),
        LOOK_AGAIN,
        deaf="queued",
    ),
    kept_asking(
        "401",
        says(error("Invalid token."), 401),
        "unattended",
        given_up("The gateway refuses the key: Invalid token. Open Settings and check it."),
        LOOK_AGAIN,
    ),
    kept_asking(
        "404 the task is gone",
        says(error("No such task.", "task_not_exist"), 404),
        "failed",
        "The gateway does not know this task. It says: No such task.",
        "Check that the key belongs to the account that sent it, and look for the task in the gateway's log.",
    ),
    kept_asking("400", says(error("The picture is too small."), 400), "failed", "The picture is too small.", TRY_AGAIN),
    kept_asking(
        "400 moderated",
        says(error("The picture violates our policy.", "content_policy"), 400),
        "failed",
        "The picture violates our policy.",
        CHANGE_PROMPT,
    ),
    kept_asking(
        "429 until after the limit",
        says(error("Slow down."), 429, headers={"Retry-After": "86400"}),
        "unattended",
        given_up("The gateway asks for fewer calls."),
        LOOK_AGAIN,
    ),
    kept_asking(
        "500",
        says(error("The upstream crashed."), 500),
        "unattended",
        given_up("No answer about the task: The upstream crashed."),
        LOOK_AGAIN,
    ),
    kept_asking(
        "an unknown word",
        says({"id": "t1", "status": "simmering"}),
        "unattended",
        given_up(
            'The gateway\'s answer is not understood: it says "simmering". Its whole answer stands under Details.'
        ),
        LOOK_AGAIN,
    ),
    kept_asking(
        "a redirect loop",
        redirect("/v1/videos/t1"),
        "unattended",
        given_up("No answer about the task: There were more than 5 redirects, one after the other."),
        LOOK_AGAIN,
    ),
    kept_asking(
        "running",
        RUNNING,
        "unattended",
        "The gateway had not finished the clip when the watch limit was reached.",
        LOOK_AGAIN,
    ),
    kept_asking(
        "failed",
        says({"id": "t1", "status": "failed", "error": {"message": "The upstream gave up."}}),
        "failed",
        "The upstream gave up.",
        TRY_AGAIN,
    ),
    kept_asking(
        "failed without a reason",
        says({"id": "t1", "status": "failed"}),
        "failed",
        "The gateway says that the generation failed and gives no reason.",
        f"Its whole answer stands under Details. {TRY_AGAIN}",
    ),
    kept_asking(
        "cancelled",
        says({"id": "t1", "status": "cancelled"}),
        "cancelled",
        "The task was cancelled at the gateway.",
        "Send it again if you still want the clip.",
    ),
    kept_asking(
        "expired",
        says({"id": "t1", "status": "expired"}),
        "expired",
        "The gateway says that the task has expired.",
        "Send it again, at a quieter time if you can.",
    ),
    fetched("404", says(b"gone", 404, "text/plain"), "The link to the clip does not work. Its server answered 404."),
    fetched(
        "403 expired",
        says(EXPIRED, 403, "application/xml"),
        "The link to the clip has expired. Its server answered 403: Request has expired.",
    ),
    fetched("410", says(b"", 410), "The link to the clip has expired. Its server answered 410."),
    never_fetched(
        "404", says(b"gone", 404, "text/plain"), "The link to the clip does not work. Its server answered 404."
    ),
    never_fetched("410", says(b"", 410), "The link to the clip has expired. Its server answered 410."),
    fetched(
        "429 with a wait",
        says(b"", 429, headers={"Retry-After": "5"}),
        "The link to the clip does not work at the moment. Its server answered 429.",
        waits=5,
    ),
    fetched(
        "500",
        says(b"oops", 500, "text/plain"),
        "The link to the clip does not work at the moment. Its server answered 500.",
    ),
    fetched("reset", resets(), SERVER_CLOSED),
    fetched("hung up", sends(b""), SERVER_CLOSED),
    fetched("no answer in time", hangs(), "The server of the clip did not answer in time.", hasty=True),
    fetched("half a clip", "half", SERVER_CLOSED),
    never_fetched("half a clip", "half", SERVER_CLOSED),
    fetched("half a clip without a length", "half, no length", "Only a part of the clip came."),
    fetched("reset inside the clip", "cut", SERVER_CLOSED),
    fetched("silent inside the clip", "stalled", "The server of the clip did not answer in time.", hasty=True),
    fetched("too slow", "slow", "Less than 1000 kB a second came, too slow to wait for the clip.", hasty=True),
    never_fetched("too slow", "slow", "Less than 1000 kB a second came, too slow to wait for the clip.", hasty=True),
    never_fetched("endless", "endless", "The file is larger than 0.003 GB."),
    fetched("empty", says(b"", 200, MP4), "The file of the clip is empty."),
    fetched("a page", says(PAGE, 200, HTML), "A web page came instead of the clip."),
    fetched("a page labelled as a clip", says(PAGE, 200, MP4), "A web page came instead of the clip."),
    fetched("noise labelled as a clip", says(NOISE, 200, MP4), "What was fetched is not a video that can be played."),
    never_fetched("noise", says(NOISE, 200, MP4), "What was fetched is not a video that can be played."),
    fetched("a clip labelled as text", "as text", ""),
    fetched("a clip labelled as JSON", "as JSON", ""),
    never_fetched(
        "a playlist", says(PLAYLIST, 200, "application/vnd.apple.mpegurl"), "An HLS playlist came instead of the clip."
    ),
    never_fetched("a redirect loop", redirect("/f/a.mp4"), "There were more than 5 redirects, one after the other."),
    never_fetched(
        "a redirect to no address", redirect("file:///etc/passwd"), "The address of a redirect is no web address."
    ),
    fetched(
        "a redirect to a closed port",
        redirect("http://127.0.0.1:9/x"),
        "127.0.0.1 stands for an address on this machine, which is not called from here. "
        "The operator allows it in DAILIES_ALLOW_HOSTS.",
    ),
    fetched("a part", "a part", "Only a part of the file came."),
    fetched(
        "JSON with a refusal",
        says(error("The video is still being reviewed."), 200),
        "The video is still being reviewed.",
    ),
)
