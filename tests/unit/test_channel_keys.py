"""Channel keys: told from a client's key, checked, composed, and never shown."""

from __future__ import annotations

import pytest

from dailies.errors import DailiesError
from dailies.gateway import channel_keys
from dailies.gateway.channel_keys import ChannelKey, check, compose, explain, find_doubts, recognise

ID, SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
GOOD = ChannelKey("1500012345", ID, SECRET)
WITH_REGION = ChannelKey("1500012345", ID, SECRET, "ap-guangzhou")


def test_both_forms_are_recognised_and_composed_again() -> None:
    for key, text in ((GOOD, f"1500012345|{ID}|{SECRET}"), (WITH_REGION, f"1500012345|{ID}|{SECRET}|ap-guangzhou")):
        assert recognise(text) == key
        assert compose(key) == text
        assert check(key) == []
        assert find_doubts(key) == []


def test_space_around_parts_and_a_copied_bearer_do_not_matter() -> None:
    assert recognise(f"  Bearer 1500012345 | {ID}|{SECRET}\n") == GOOD


@pytest.mark.parametrize("text", ["", "sk-0123456789abcdef", "Bearer sk-1", "a|b", "a|b|c|d|e", "1500012345"])
def test_other_keys_are_not_taken_for_one(text: str) -> None:
    assert recognise(text) is None


def test_a_wrong_channel_key_is_still_one() -> None:
    assert recognise("SubAppId|SecretId|SecretKey") == ChannelKey("SubAppId", "SecretId", "SecretKey")
    assert recognise("||") == ChannelKey("", "", "")


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (ChannelKey("", ID, SECRET), [("SubAppId", "is empty")]),
        (ChannelKey("15000x", ID, SECRET), [("SubAppId", "holds something other than digits")]),
        (ChannelKey("１５０００", ID, SECRET), [("SubAppId", "holds something other than digits")]),
        (ChannelKey("1", "", ""), [("SecretId", "is empty"), ("SecretKey", "is empty")]),
        (ChannelKey("1", "AKID a", "b\tc"), [("SecretId", "holds a space"), ("SecretKey", "holds a space")]),
        (ChannelKey("1", ID, SECRET, ""), [("Region", "is empty")]),
        (ChannelKey("1", ID, SECRET, "Guangzhou"), [("Region", "does not look like one")]),
        (ChannelKey("1", "AKID|x", SECRET), [("SecretId", "holds a `|`")]),
        (ChannelKey("1", ID, f"{SECRET}|ap-guangzhou"), [("SecretKey", "holds a `|`")]),
    ],
)
def test_every_wrong_part_is_named(key: ChannelKey, found: list[tuple[str, str]]) -> None:
    problems = check(key)
    assert [(p.where, p.what) for p in problems] == found
    assert all(p.fix for p in problems)
    with pytest.raises(DailiesError, match=found[0][0]):
        compose(key)


@pytest.mark.parametrize("region", ["ap-guangzhou", "na-siliconvalley", "eu-frankfurt", "ap-shanghai-fsi"])
def test_regions(region: str) -> None:
    assert check(ChannelKey("1", ID, SECRET, region)) == []


def test_the_order_of_another_fork_is_pointed_out() -> None:
    swapped = ChannelKey(ID, SECRET, "1500012345")
    assert "put the number first" in check(swapped)[0].fix


def test_an_unusual_secret_id_is_a_doubt_and_no_problem() -> None:
    key = ChannelKey("1", "IKIDsomething", SECRET)
    assert check(key) == []
    assert [(d.where, "AKID" in d.what) for d in find_doubts(key)] == [("SecretId", True)]
    assert compose(key) == f"1|IKIDsomething|{SECRET}"


def test_no_word_about_a_key_holds_a_secret() -> None:
    bad = ChannelKey("x-secret-app", f"{ID} ", f"{SECRET} x", "Secret-Region")
    assert f"{GOOD!r} {GOOD}" == "ChannelKey(...) ChannelKey(...)"
    said = [repr(bad), str(check(bad)), str(find_doubts(bad)), explain(bad), str(bad.masked())]
    with pytest.raises(DailiesError) as caught:
        compose(bad)
    for text in (*said, str(caught.value)):
        assert not any(part in text for part in (ID, SECRET, "x-secret-app", "Secret-Region"))


def test_masked_parts_show_four_characters_and_the_length_at_most() -> None:
    assert WITH_REGION.masked() == (
        ("SubAppId", "1500012345"),
        ("SecretId", "AKID… (36 characters)"),
        ("SecretKey", "Gu5t… (32 characters)"),
        ("Region", "ap-guangzhou"),
    )
    assert ChannelKey("", "short", "s").masked() == (
        ("SubAppId", "empty"),
        ("SecretId", "… (5 characters)"),
        ("SecretKey", "… (1 character)"),
    )


def test_the_words_say_whose_key_it_is_and_what_a_client_needs() -> None:
    assert "`SubAppId|SecretId|SecretKey`" in explain(GOOD)
    assert "`SubAppId|SecretId|SecretKey|Region`" in explain(WITH_REGION)
    assert "operator" in explain(GOOD)
    assert "`sk-…`" in explain(GOOD)


def test_the_module_keeps_nothing() -> None:
    kept = [value for value in vars(channel_keys).values() if isinstance(value, ChannelKey | list | dict)]
    assert [value for value in kept if value is not channel_keys.__builtins__] == []
