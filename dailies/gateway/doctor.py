"""Judges a gateway by its answers to questions that cost nothing: what it is, what will work, what to change.

Pure: `probes` asks. Every question is a GET, and none names a create route. The facts about servers are those of
`docs/gateways.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from statistics import median
from urllib.parse import quote, urlsplit

from dailies.errors import DailiesError
from dailies.gateway.body import parse
from dailies.gateway.reasons import end
from dailies.gateway.refusals import read_error
from dailies.gateways import normalise
from dailies.text import LINK_CHARS, clean

TASK = "dailies-doctor-no-such-task"
NOWHERE = "/v1/dailies-doctor-no-such-path"
MODELS = "/v1/models"
SLOW_SECONDS, SKEW_SECONDS = 5.0, 60.0
"""From which middle response time a server is slow, and from which difference its clock is wrong."""
_NOT_THE_KEY = (404, 405, 408, 429)  # statuses of a refusal that says nothing about the key
_WORDS, _NAMED = 160, 6  # characters of a server's own words, and names in one list


class Server(StrEnum):
    """What answers."""

    SANDBOX = "the sandbox of dailies"
    NEW_API = "new-api or one-api"
    LITELLM = "LiteLLM"
    VLLM_OMNI = "vLLM-Omni"
    SGLANG = "SGLang"
    OPENAI = "OpenAI, or a server with its answers"
    UNKNOWN = "an unknown server"


ADVICE: Mapping[Server, str] = {
    Server.SANDBOX: "It renders clips from the request, at no cost.",
    Server.NEW_API: "Every entry point that answers below can be used.",
    Server.LITELLM: "Send pictures as multipart: it refuses a picture in JSON. It drops metadata.",
    Server.VLLM_OMNI: "Use multipart: it refuses JSON. It serves one model and ignores the model that is named.",
    Server.SGLANG: "Send pictures as multipart. It serves one model and reports no progress.",
    Server.OPENAI: "A picture must have the size of the video.",
    Server.UNKNOWN: "Begin with a text on the page for any model.",
}


class Trouble(StrEnum):
    """Why there is no answer."""

    NONE = ""
    CONNECTION = "connection"
    TLS = "tls"
    TIME = "time"


class Level(StrEnum):
    """How serious a finding is. A problem keeps the gateway from working."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Question:
    """One GET: `path` on the base URL, with the key or without."""

    path: str
    keyed: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, or the `trouble` and its `words`. `headers` by names in lower case; `at` is an aware datetime."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    seconds: float = 0.0
    at: datetime | None = None
    trouble: Trouble = Trouble.NONE
    words: str = ""

    @property
    def is_page(self) -> bool:
        """Whether it is a web page instead of JSON."""
        html = "html" in self.headers.get("content-type", "").lower()
        return self.status > 0 and (html or self.text.lstrip()[:1] == "<")

    @property
    def redirects_to(self) -> str:
        """The address that it redirects to; empty if it does not."""
        return self.headers.get("location", "") if 300 <= self.status < 400 else ""

    @property
    def reason(self) -> str:
        """The server's own words, as a sentence."""
        said = read_error(self.status, self.text, self.headers.get("content-type", ""), self.headers).message
        return end(clean(said, _WORDS))


Answers = Mapping[Question, Answer]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the catalog knows: `entries` are (path of the create, path of the query); `knows` is whether it has a model.

    `retired` says in words why a model is gone; empty for one that is not.
    """

    entries: tuple[tuple[str, str], ...]
    knows: Callable[[str], bool]
    retired: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing, and what to do about it if there is something to do."""

    about: str
    level: Level
    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that was found out about a gateway."""

    server: Server
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.level is not Level.PROBLEM for finding in self.findings)


# --- what to ask -------------------------------------------------------------------------------------------------

OPEN, KEYED = Question(MODELS, keyed=False), Question(MODELS)
ROOT, STATUS, UNKNOWN_PATH = Question("/", keyed=False), Question("/api/status", keyed=False), Question(NOWHERE)


def list_questions(expected: Expected) -> tuple[Question, ...]:
    """List what to ask a server that has answered `OPEN` without trouble, a redirect or a page."""
    queries = dict.fromkeys(query for _, query in expected.entries)
    return (KEYED, UNKNOWN_PATH, *(ask_for_task(query) for query in queries), ROOT, STATUS)


def ask_for_task(query: str) -> Question:
    """Ask a query route for a task that does not exist."""
    return Question(query.replace("{task}", quote(TASK)))


def stops_at(first: Answer) -> bool:
    """Whether nothing else is asked after the answer to `OPEN`: no key goes where a redirect or a page answers."""
    return bool(first.trouble or first.redirects_to or first.is_page)


def list_other_bases(base_url: str, first: Answer) -> tuple[str, ...]:
    """List the base URLs on the same host that may have been meant, if `OPEN` brought a page or no such path."""
    if not first.is_page and first.status != 404:
        return ()
    parts = urlsplit(base_url)
    start = f"{parts.scheme}://{parts.netloc}"
    return tuple(base for base in (start, f"{start}/api", f"{start}/openai") if base != base_url)


# --- what to make of the answers ---------------------------------------------------------------------------------


def judge(
    base_url: str,
    answers: Answers,
    expected: Expected,
    *,
    has_key: bool,
    given: str = "",
    others: Mapping[str, Answer] | None = None,
) -> Diagnosis:
    """Judge the answers of a server.

    `given` is the address as a person wrote it; `others` are the answers to `OPEN` at other base URLs.
    """
    first = answers[OPEN]
    findings = [*_judge_address(base_url, given, first, others or {})]
    if stops_at(first):
        return Diagnosis(Server.UNKNOWN, tuple(findings))
    server = recognise(base_url, answers)
    findings.append(Finding("Server", Level.OK, f"This is {server}.", ADVICE[server]))
    findings += _judge_speed(answers.values())
    findings += _judge_clock(answers.values())
    findings += _judge_key(answers, has_key=has_key)
    findings += _judge_models(answers, expected)
    findings += _judge_entries(answers, expected)
    return Diagnosis(server, tuple(findings))


def recognise(base_url: str, answers: Answers) -> Server:
    """Name the server by what only it says."""
    headers = {name for answer in answers.values() for name in answer.headers}
    said = "\n".join(answer.text for answer in answers.values() if not answer.is_page)
    owners = {str(row.get("owned_by", "")) for row in _list_rows(answers)}
    status = parse(answers[STATUS].text) if STATUS in answers else None
    front = answers[ROOT].text if ROOT in answers else ""
    signs = {
        Server.SANDBOX: "<h1>dailies sandbox</h1>" in front,
        # Its front page names it; without a database it answers a wrong key with the code.
        Server.LITELLM: any(name.startswith("x-litellm-") for name in headers)
        or bool(re.search(r'litellm\.|"no_db_connection"', said))
        or "<title>litellm" in front.lower(),
        Server.NEW_API: bool(headers & {"x-oneapi-request-id", "x-new-api-version"})
        or bool(re.search(r'"(new_api_error|one_api_error|task_not_exist)"', said))
        or (isinstance(status, Mapping) and isinstance(status.get("data"), Mapping) and "success" in status),
        Server.VLLM_OMNI: "vllm" in owners,
        Server.SGLANG: "sglang" in owners,
        Server.OPENAI: urlsplit(base_url).hostname == "api.openai.com"
        or any(name.startswith("openai-") for name in headers)
        or f"Video with id '{TASK}' not found" in said,
    }
    return next((server for server, found in signs.items() if found), Server.UNKNOWN)


def serves(question: Question, answers: Answers) -> bool | None:
    """Whether a route exists: its answer is JSON and not the one to an unknown path. None if that cannot be told."""
    answer, nowhere = answers.get(question), answers.get(UNKNOWN_PATH)
    if answer is None or nowhere is None or answer.trouble or answer.status in (401, 403, 429):
        return None
    if answer.is_page or answer.redirects_to or parse(answer.text) is None:
        return False
    return (answer.status, _scrub(answer, question)) != (nowhere.status, _scrub(nowhere, UNKNOWN_PATH))


def _scrub(answer: Answer, question: Question) -> str:
    """The text of an answer without what differs from one request to the next: the path and the request's id."""
    text = answer.text
    for part in (question.path, question.path.partition("?")[0]):
        text = text.replace(part, "")
    return re.sub(r"request id: [\w-]+|\d{6,}[\w-]*", "", text)


def _judge_address(base_url: str, given: str, first: Answer, others: Mapping[str, Answer]) -> Iterable[Finding]:
    if given and given.strip().rstrip("/") != base_url:
        shown = given.strip().partition("?")[0]  # people show others what this says, and a query may hold a key
        yield Finding("Address", Level.NOTE, f"You gave {shown}; dailies adds /v1 and uses {base_url}.")
    host = urlsplit(base_url).netloc
    if first.trouble:
        yield Finding("Connection", Level.PROBLEM, *_word_trouble(first, base_url, host))
    elif target := first.redirects_to:
        yield Finding("Address", Level.PROBLEM, *_word_redirect(base_url, target))
    elif first.is_page:
        found = next((base for base, answer in others.items() if _is_api(answer)), "")
        fix = f"Use {found} as the base URL." if found else "Ask its operator for the base URL of the API."
        yield Finding("Address", Level.PROBLEM, f"A web page answers at {base_url}{MODELS}, not an API.", fix)
    else:
        found = next((base for base, answer in others.items() if _is_api(answer)), "")
        if found:
            what = f"There is no {MODELS} at {base_url}, and there is one at {found}."
            yield Finding("Address", Level.PROBLEM, what, f"Use {found} as the base URL.")
        else:
            yield Finding("Connection", Level.OK, f"{host} answers in {first.seconds:.2f} s.")


def _word_trouble(answer: Answer, base_url: str, host: str) -> tuple[str, str]:
    words = answer.words.rstrip(".")
    if answer.trouble is Trouble.TLS:
        if "certificate" in words.lower():
            fix = "Have the certificate mended, or make this machine trust the one who signed it."
            return f"The certificate of {host} is not accepted: {words}.", fix
        return f"{host} does not speak TLS: {words}.", f"Try http://{base_url.partition('://')[2]}."
    if answer.trouble is Trouble.TIME:
        return f"{host} did not answer in {answer.seconds:.0f} s.", "Check the address, and whether the server is busy."
    return f"There is no connection to {host}: {words}.", "Check the address and the port, and that the server runs."


def _word_redirect(base_url: str, target: str) -> tuple[str, str]:
    shown = clean(target, LINK_CHARS).partition("?")[0]
    if shown.startswith("/"):
        return f"The server redirects to {shown}.", "Set the base URL that it redirects to."
    before, after = urlsplit(base_url), urlsplit(shown)
    secure = (before.scheme, after.scheme) == ("http", "https") and before.hostname == after.hostname
    what = "The server wants https; a redirected request loses its body." if secure else f"It redirects to {shown}."
    try:
        return what, f"Set {normalise(shown)} as the base URL."
    except DailiesError:
        return what, "Ask its operator for the base URL of the API."


def _is_api(answer: Answer) -> bool:
    return not answer.is_page and answer.status in (200, 401, 403) and isinstance(parse(answer.text), Mapping)


def _judge_speed(answers: Iterable[Answer]) -> Iterable[Finding]:
    answers = list(answers)
    silent = sum(answer.trouble is not Trouble.NONE for answer in answers)
    if silent:
        what = f"{silent} of {len(answers)} questions got no answer."
        yield Finding("Speed", Level.NOTE, what, "Try again; if it stays so, look at the server.")
    middle = median([answer.seconds for answer in answers if not answer.trouble] or [0.0])
    if middle > SLOW_SECONDS:
        what = f"It answers slowly: half of the answers took more than {middle:.1f} s."
        yield Finding("Speed", Level.NOTE, what, "Runs work, and their states come late.")


def _judge_clock(answers: Iterable[Answer]) -> Iterable[Finding]:
    for answer in answers:
        try:
            said = parsedate_to_datetime(answer.headers["date"])
            away = (said - answer.at).total_seconds() if answer.at and said.tzinfo else 0.0
        except (KeyError, ValueError):
            continue
        if abs(away) > SKEW_SECONDS:
            which = "ahead of" if away > 0 else "behind"
            what = f"Its clock is {abs(away):.0f} s {which} the clock of this machine."
            yield Finding("Clock", Level.NOTE, what, "Set both clocks: signed links may be refused as expired.")
        return


def _judge_key(answers: Answers, *, has_key: bool) -> Iterable[Finding]:
    without, keyed = answers[OPEN], answers.get(KEYED, Answer())
    open_to_all = 200 <= without.status < 300
    if open_to_all:
        yield Finding("Key", Level.OK, "It asks for no key to list its models.")
    elif not has_key:
        what = f"There is no key, and without one it answers {without.status}: {without.reason}"
        yield Finding("Key", Level.PROBLEM, what, "Give the key of this gateway.")
    elif 200 <= keyed.status < 300:
        yield Finding("Key", Level.OK, "It accepts the key.")
    elif 400 <= keyed.status < 500 and keyed.status not in _NOT_THE_KEY:
        what = f"It refuses the key with {keyed.status}: {keyed.reason}"
        yield Finding("Key", Level.PROBLEM, what, "Check that the key is whole, valid and made for this gateway.")


def _list_rows(answers: Answers) -> Sequence[Mapping[str, object]]:
    for question in (KEYED, OPEN):
        body = parse(answers[question].text) if question in answers and answers[question].status == 200 else None
        rows = body.get("data") if isinstance(body, Mapping) else None
        if isinstance(rows, list):
            return [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)]
    return ()


def _judge_models(answers: Answers, expected: Expected) -> Iterable[Finding]:
    keyed = answers.get(KEYED, answers[OPEN])
    if keyed.trouble or (400 <= keyed.status < 500 and keyed.status not in _NOT_THE_KEY):
        return
    names = [clean(str(row["id"]), LINK_CHARS) for row in _list_rows(answers)]
    if not names:
        what = "It lists no models." if keyed.status == 200 else f"It has no list of models: {keyed.reason}"
        yield Finding("Models", Level.NOTE, what, "Type the model's id on the page for any model.")
        return
    known = [name for name in names if expected.knows(name)]
    what = f"It lists {len(names)} model{'' if len(names) == 1 else 's'}; the catalog knows {len(known)}{_name(known)}."
    fix = "Use the page Any model for the others." if len(known) < len(names) else ""
    yield Finding("Models", Level.OK if known else Level.NOTE, what, fix)
    reasons = {name: why for name in known if (why := expected.retired(name))}
    for why in dict.fromkeys(reasons.values()):
        gone = [name for name in known if reasons.get(name) == why]
        what = f"{len(gone)} of them {'was' if len(gone) == 1 else 'were'} {why}{_name(gone)}."
        yield Finding("Models", Level.NOTE, what, "The gateway may reach them another way, or refuse them.")


def _judge_entries(answers: Answers, expected: Expected) -> Iterable[Finding]:
    found: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for create, query in expected.entries:
        found[serves(ask_for_task(query), answers)].append(create)
    there, gone, unclear = ([*dict.fromkeys(found[key])] for key in (True, False, None))
    if there:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        fix = f"Not served here: {gone[0]}{more}." if gone else ""
        what = f"These routes answer: {', '.join(there)}." if gone or unclear else "Every route of the catalog answers."
        yield Finding("Entry points", Level.OK, what, fix)
    elif not unclear:
        what = "No route for videos answers."
        yield Finding("Entry points", Level.PROBLEM, what, "Check the base URL, and that the server makes videos.")
    if unclear:
        yield Finding("Entry points", Level.NOTE, f"Nothing can be said about {', '.join(unclear)}.")


def _name(names: Sequence[str]) -> str:
    """A few of the names in brackets."""
    if not names:
        return ""
    more = ", …" if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{more})"
