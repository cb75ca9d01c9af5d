"""Text from outside: cleaned once where it enters, escaped where it is shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from components.words import escape, format_code
from dailies.compare.ballots import FORMAT, read_ballot
from dailies.encodings import read_object
from dailies.gateway import replies
from dailies.media.references import link, read
from dailies.text import NAME_CHARS, begin, clean, clean_file_name, clean_leaves, join_and, join_or
from dailies.vocabulary import MediaKind
from tests.pages.conftest import png

LONE = "\ud83d"
ANY_TEXT = some.text(some.characters(), max_size=200)  # lone surrogates included


@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_is_clean_already(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not any(ord(char) < 32 and char not in "\n\t" for char in cleaned)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"a{LONE}b", "a\ufffdb"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("safe\u202egpj.exe\u2066x\u2069", "safegpj.exex"),
        ("👩\u200d🎨 می\u200cخواهم", "👩\u200d🎨 می\u200cخواهم"),
    ],
)
def test_what_is_replaced_and_what_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("the gateway is busy.", "The gateway is busy."),
        ("", ""),
        ("a.mp4 is gone", "a.mp4 is gone"),
        ("网关忙", "网关忙"),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_a_name_does(text: str, begun: str) -> None:
    assert begin(text) == begun


def test_cut_text_ends_with_an_ellipsis() -> None:
    assert clean("x" * 300, NAME_CHARS) == "x" * (NAME_CHARS - 1) + "…"
    assert clean_leaves({f"a{LONE}": [1, None, {"b": f"{LONE}"}]}) == {"a\ufffd": [1, None, {"b": "\ufffd"}]}


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [("../../etc/passwd", "passwd"), ("C:\\films\\a.png", "a.png"), ("a\nb.png", "a b.png"), ("dir/", "file")],
)
def test_a_file_name_is_no_path(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned


# --- every way in ------------------------------------------------------------------------------------------------


def test_typed_metadata_is_cleaned() -> None:
    json.dumps(read_object('{"a\\ud83d": ["\\ud83d"]}'), ensure_ascii=False).encode()


def test_names_and_links_of_references_are_cleaned() -> None:
    assert read(f"../a{LONE}.png", png((8, 8))).reference.name == "a\ufffd.png"
    assert link("https://a.example/\u202ex.png", MediaKind.IMAGE).url == "https://a.example/x.png"


def test_a_voters_name_is_cleaned() -> None:
    ballot = {"format": FORMAT, "version": 1, "comparison": "c", "ballot": "0" * 32, "voter": "a\u202eb\x00"}
    ballot |= {"answers": [{"question": "q", "outcome": "left"}]}
    assert read_ballot(json.dumps(ballot).encode()).voter == "ab\ufffd"


def test_every_word_of_a_gateway_is_cleaned() -> None:
    body = {"id": f"t{LONE}", "status": f"odd{LONE}", "url": f"https://a.example/{LONE}", "progress": LONE}
    progress = replies.read(200, json.dumps(body))
    f"{progress}".encode()
    assert (progress.task, progress.word, progress.link) == ("t\ufffd", "odd\ufffd", "")
    error = replies.read_error(400, json.dumps({"error": {"message": LONE, "code": f"\u202e{LONE}"}}))
    assert (error.message, error.code) == ("\ufffd", "\ufffd")
    error = replies.read_error(
        302, LONE, headers={"location": f"https://a.example/{LONE}", "x-oneapi-request-id": LONE}
    )
    f"{error}{error.raw}{error.request_id}".encode()


# --- the way to a page -------------------------------------------------------------------------------------------


@given(ANY_TEXT)
def test_escaped_text_has_no_bare_sign(text: str) -> None:
    escaped = escape(text)
    assert "\n\n" not in escaped
    assert escaped == escaped.strip()
    rest = iter(escaped)
    for char in rest:
        if char == "\\":
            assert not next(rest).isalnum()
        else:
            assert char.isalnum() or ord(char) > 126 or char.isspace() or ord(char) < 32


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("https://a.example", ":/"),
        ("www.a.example", "w."),
        ("me@a.example", "e@"),
        (":smile:", ":s"),
        (":+1:", ":+"),
        (":material_home:", ":m"),
        (":streamlit:", ":s"),
        ("a -> b", "->"),
    ],
)
def test_what_streamlit_reads_in_plain_text_is_broken_by_an_invisible_sign(text: str, broken: str) -> None:
    shown = escape(text).replace("\\", "")
    assert shown.replace("\N{WORD JOINER}", "") == text
    assert broken[0] + "\N{WORD JOINER}" + broken[1] in shown


def test_ratios_times_and_hosts_stay_as_they_are() -> None:
    assert "\N{WORD JOINER}" not in escape("16:9, 12:30:45, 127.0.0.1:8000: a - b")


@pytest.mark.parametrize(
    ("text", "code"), [("a", "`a`"), ("a`b``c", "``` a`b``c ```"), ("a\n\n# b", "`a # b`"), ("", "")]
)
def test_code_ends_where_the_text_does(text: str, code: str) -> None:
    assert format_code(text) == code


def test_words_are_joined_as_a_writer_would():
    assert [join_and(words) for words in ([], ["a"], ["a", "b"], iter("abc"))] == ["", "a", "a and b", "a, b and c"]
    assert join_or(["a", "b", "c"]) == "a, b or c"
