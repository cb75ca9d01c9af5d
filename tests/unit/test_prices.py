"""The price file, read strictly, and the cost of a request by the values in effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.catalog.load import load
from dailies.catalog.prices import Cost, Prices, Unpriced, load_prices
from dailies.domain import Cell, Draft, Request
from dailies.errors import CatalogError
from dailies.money import Money
from dailies.request.draft import check
from dailies.rewriting import Tokens
from dailies.vocabulary import Mode, Value

TOP = 'currency = "USD"\nsource = "the list"\nchecked = 2026-11-01\n'
EXAMPLE = Path(__file__).parent.parent.parent / "prices.example.toml"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*rows: str, top: str = TOP) -> Path:
        path = tmp_path / "prices.toml"
        path.write_text(top + "".join(f"[[prices]]\n{row}\n" for row in rows), encoding="utf-8")
        return path

    return written


def asked(model: str, values: Mapping[str, Value] | None = None, *, sent_as: str = "") -> tuple[Request, Cell]:
    found = load().find(model)
    assert found
    entry = next(entry for entry, rows in found[0].models.items() if found[1] in rows or found[1].status == "typed")
    cell = found[0].cell(model, Mode.TEXT, entry)
    assert cell
    checked = check(Draft("A boat", dict(values or {}), sent_as=sent_as), cell)
    assert checked.request, checked.problems
    return checked.request, cell


def cost(prices: Prices, model: str, sent_as: str = "", **values: Value) -> Decimal | str:
    found = prices.estimate(*asked(model, values, sent_as=sent_as))
    return found.amount if isinstance(found, Cost) else found.why


def test_per_second_per_clip_and_both(write: Write) -> None:
    prices = load_prices(
        write(
            'model = "Kling-3.0"\nper_second = 0.1',
            'model = "sora-2"\nper_clip = 2',
            'model = "veo_3_1"\nper_second = 0.1\nper_clip = 0.05',
        )
    )
    assert cost(prices, "Kling-3.0", seconds=12) == Decimal("1.2")
    assert cost(prices, "sora-2", seconds=12) == 2
    assert cost(prices, "veo_3_1", seconds=6) == Decimal("0.65")


def test_the_length_is_the_one_that_holds(write: Write) -> None:
    prices = load_prices(write('model = "*"\nper_second = 1'))
    assert cost(prices, "Kling-3.0") == 5  # the default
    assert cost(prices, "GV-3.1") == 8  # fixed by the model
    assert cost(prices, "GV-3.1", seconds=5) == 8


def test_a_length_that_nobody_knows_costs_nobody_knows_what(write: Write) -> None:
    prices = load_prices(write('model = "any-model"\nper_second = 1', 'model = "any-other"\nper_clip = 1'))
    assert cost(prices, "any-model") == "the price is per second, and the duration is unknown"
    assert cost(prices, "any-other") == 1


def test_the_first_row_that_fits_is_the_price(write: Write) -> None:
    prices = load_prices(
        write(
            'model = "Kling-3.0"\nper_clip = 3\nwhen = { resolution = "1080p", audio = ["on"] }',
            'model = "Kling-3.0"\nper_clip = 2\nwhen = { resolution = "1080P" }',
            'model = "Kling-*"\nper_clip = 1',
        )
    )
    assert cost(prices, "Kling-3.0", resolution="1080P", audio="on") == 3
    assert cost(prices, "Kling-3.0", resolution="1080P", audio="off") == 2
    assert cost(prices, "Kling-3.0", resolution="720P", audio="on") == 1
    assert cost(prices, "Kling-3.0") == 1  # 720P is what the gateway takes when nothing is sent
    assert cost(prices, "Kling-9.9") == 1
    assert cost(prices, "sora-2") == "no price is on file"


def test_whole_numbers_are_conditions_too(write: Write) -> None:
    prices = load_prices(write('model = "sora-2"\nper_clip = 1\nwhen = { seconds = [4, 8] }'))
    assert cost(prices, "sora-2", seconds=8) == 1
    assert cost(prices, "sora-2", seconds=12) == "no price on file is for these values"


def test_decimals_are_conditions_and_lengths(write: Write) -> None:
    prices = load_prices(
        write(
            'model = "kling-v1"\nper_clip = 1\nwhen = { prompt_strength = [1, 0.35] }',
            'model = "kling-v1"\nper_second = 0.1',
        )
    )
    request, cell = asked("kling-v1", {"prompt_strength": "0.350"})
    assert prices.estimate(request, cell) == Cost(Decimal(1), "USD", "the list", date(2026, 11, 1))
    assert cost(prices, "kling-v1", prompt_strength=1) == 1
    length = replace(request, values={"prompt_strength": 0.5, "seconds": 2.5})
    assert prices.estimate(length, cell) == Cost(Decimal("0.25"), "USD", "the list", date(2026, 11, 1))


def test_a_condition_on_what_nobody_has_set_leaves_the_cost_open(write: Write) -> None:
    """Falling through to the cheaper row would be a guess."""
    prices = load_prices(
        write('model = "sora-2"\nper_clip = 3\nwhen = { audio = "on" }', 'model = "sora-2"\nper_clip = 1')
    )
    assert cost(prices, "sora-2", audio="on") == 3
    assert cost(prices, "sora-2", audio="off") == 1
    assert cost(prices, "sora-2") == "the price depends on sound, which is not set"


def test_a_condition_that_is_false_settles_what_nobody_has_set(write: Write) -> None:
    prices = load_prices(
        write(
            'model = "sora-2"\nper_clip = 3\nwhen = { audio = "on", seconds = 12 }',
            'model = "sora-2"\nper_clip = 1',
        )
    )
    assert cost(prices, "sora-2", seconds=4) == 1
    assert cost(prices, "sora-2", seconds=12) == "the price depends on sound, which is not set"


def test_what_a_model_does_not_take_is_passed_over(write: Write) -> None:
    prices = load_prices(write('model = "*"\nper_clip = 3\nwhen = { audio = "on" }', 'model = "*"\nper_clip = 1'))
    assert cost(prices, "grok-video-3") == 1


def test_a_combined_billing_name_is_what_is_paid_for(write: Write) -> None:
    prices = load_prices(write('model = "kling-3.0-1080p*"\nper_clip = 3', 'model = "Kling-3.0"\nper_clip = 1'))
    assert cost(prices, "Kling-3.0") == 1
    assert cost(prices, "Kling-3.0", sent_as="kling-3.0-1080p-audio") == 3


def test_an_id_with_a_star_in_it_is_itself(write: Write) -> None:
    prices = load_prices(write('model = "wan2.6-t2v:1280*720"\nper_clip = 1', 'model = "wan2.6-*"\nper_clip = 2'))
    assert cost(prices, "wan2.6-t2v:1280*720") == 1
    assert cost(prices, "wan2.6-t2v:1920*1080") == 2


def test_currency_source_and_date_come_from_the_row_or_else_from_the_top(write: Write) -> None:
    own = 'per_clip = 1\ncurrency = "credits"\nsource = "a letter"\nchecked = 2026-11-15'
    prices = load_prices(write(f'model = "sora-2"\n{own}', 'model = "sora-2-pro"\nper_clip = 1'))
    one, two = prices.estimate(*asked("sora-2")), prices.estimate(*asked("sora-2-pro"))
    assert isinstance(one, Cost)
    assert isinstance(two, Cost)
    assert (one.currency, one.source, one.checked) == ("credits", "a letter", date(2026, 11, 15))
    assert (two.currency, two.source, two.checked) == ("USD", "the list", date(2026, 11, 1))


def test_without_a_file_nothing_is_known() -> None:
    assert Prices().estimate(*asked("sora-2")) == Unpriced("no price is on file")


def test_the_example_is_a_price_file() -> None:
    prices = load_prices(EXAMPLE)
    assert cost(prices, "Kling-3.0", seconds=10, resolution="1080P", audio="on") == Decimal("1.4")
    assert cost(prices, "Kling-3.0", seconds=10) == Decimal("0.7")
    assert cost(prices, "Hailuo-2.3") == Decimal("2.5")


@pytest.mark.parametrize(
    ("row", "key", "words"),
    [
        ('model = "a"', "prices.0", "no price"),
        ("per_clip = 1", "prices.0.model", "required"),
        ('model = " "\nper_clip = 1', "prices.0.model", "model id"),
        ('model = "a?"\nper_clip = 1', "prices.0.model", "pattern with *"),
        ('model = "a"\nper_clip = "1"', "prices.0.per_clip", "finite number"),
        ('model = "a"\nper_clip = true', "prices.0.per_clip", "finite number"),
        ('model = "a"\nper_second = -1', "prices.0.per_second", "greater than or equal to 0"),
        ('model = "a"\nper_second = inf', "prices.0.per_second", "finite"),
        ('model = "a"\nper_second = nan', "prices.0.per_second", "finite"),
        ('model = "a"\nper_clip = 1\nper_minute = 1', "prices.0.per_minute", "not permitted"),
        ('model = "a"\nper_clip = 1\ncurrency = ""', "prices.0.currency", "one short word"),
        ('model = "a"\nper_clip = 1\ncurrency = "US dollars"', "prices.0.currency", "one short word"),
        ('model = "a"\nper_clip = 1\nchecked = "soon"', "prices.0.checked", "date"),
        ('model = "a"\nper_clip = 1\nwhen = { sound = "on" }', "prices.0.when.sound", "not a parameter id"),
        ('model = "a"\nper_clip = 1\nwhen = { audio = true }', "prices.0.when.audio", "a word or a number"),
        ('model = "a"\nper_clip = 1\nwhen = { audio = [] }', "prices.0.when.audio", "a word or a number"),
        ('model = "a"\nper_clip = 1\nper_call = 1', "prices.0", "make two rows"),
        ('model = "a"\nper_call = 1\nwhen = { audio = "on" }', "prices.0", "no parameters"),
        ('model = "a"\nper_clip = 1\nwhen = { audio = { a = 1 } }', "prices.0.when.audio", "a word or a number"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_key(write: Write, row: str, key: str, words: str) -> None:
    with pytest.raises(CatalogError) as caught:
        load_prices(write(row))
    assert (caught.value.file, caught.value.key) == ("prices.toml", key)
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("top", "key", "words"),
    [
        ('currency = "USD"\nsource = "x"\n', "checked", "required"),
        ('currency = "USD"\nchecked = 2026-11-01\n', "prices.0", "has no source"),
        ('source = "x"\nchecked = 2026-11-01\n', "prices.0.currency", "missing"),
        (f"{TOP}discount = 1\n", "discount", "not permitted"),
        ("currency = USD\n", "", "not valid TOML"),
    ],
)
def test_a_wrong_top_is_named(write: Write, top: str, key: str, words: str) -> None:
    with pytest.raises(CatalogError) as caught:
        load_prices(write('model = "a"\nper_clip = 1', top=top))
    assert (caught.value.file, caught.value.key) == ("prices.toml", key)
    assert words in caught.value.what


@pytest.mark.parametrize(
    "rows",
    [
        ('model = "a"\nper_clip = 1', 'model = "a"\nper_clip = 2'),
        ('model = "a*"\nper_clip = 1', 'model = "abc"\nper_clip = 2'),
        ('model = "a*"\nper_call = 1', 'model = "abc"\nper_million_in = 2'),
        ('model = "a*"\nper_clip = 1', 'model = "ab*"\nper_clip = 2\nwhen = { audio = "on" }'),
        (
            'model = "a"\nper_clip = 1\nwhen = { audio = ["on", "off"] }',
            'model = "a"\nper_clip = 2\nwhen = { audio = "ON", seconds = 5 }',
        ),
    ],
)
def test_a_row_that_is_never_reached_is_an_error(write: Write, rows: tuple[str, str]) -> None:
    with pytest.raises(CatalogError, match=r"prices\.1: is never reached: prices\.0"):
        load_prices(write(*rows))


@pytest.mark.parametrize(
    "rows",
    [
        ('model = "ab"\nper_clip = 1', 'model = "a*"\nper_clip = 2'),
        ('model = "a"\nper_clip = 1\nwhen = { audio = "on" }', 'model = "a"\nper_clip = 2'),
        (
            'model = "a"\nper_clip = 1\nwhen = { audio = "on", seconds = 5 }',
            'model = "a"\nper_clip = 2\nwhen = { audio = "on" }',
        ),
        ('model = "a"\nper_clip = 1\nwhen = { audio = "on" }', 'model = "a"\nper_clip = 2\nwhen = { audio = "off" }'),
        (
            'model = "a"\nper_clip = 1\nwhen = { seconds = [5, 6] }',
            'model = "a"\nper_clip = 2\nwhen = { seconds = [6, 7] }',
        ),
    ],
)
def test_the_particular_before_the_general_is_right(write: Write, rows: tuple[str, str]) -> None:
    assert len(load_prices(write(*rows)).rows) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"prices\.toml: cannot be read"):
        load_prices(tmp_path / "prices.toml")


def test_an_empty_file_of_prices_is_an_error(write: Write) -> None:
    with pytest.raises(CatalogError, match=r"prices\.toml: prices: "):
        load_prices(write())


def test_the_calls_of_a_chat_model_are_priced_by_call_and_by_tokens(write: Write) -> None:
    prices = load_prices(
        write(
            'model = "*"\nper_clip = 1',
            'model = "writer-*"\nper_million_in = 0.4\nper_million_out = 1.6',
            'model = "*"\nper_call = 0.02',
        )
    )
    by_tokens, by_call = prices.find_chat("writer-1"), prices.find_chat("other")
    assert by_tokens is not None and by_call is not None
    assert by_tokens.price(Tokens(500_000, 1_000_000)) == Money(Decimal("1.8"), "USD")
    assert by_tokens.price(None) is None
    assert by_call.price(None) == by_call.price(Tokens(1, 1)) == Money(Decimal("0.02"), "USD")
    assert cost(prices, "sora-2") == 1
    assert load_prices(EXAMPLE).find_chat("gpt-5-mini") is not None
    assert Prices().find_chat("writer-1") is None
