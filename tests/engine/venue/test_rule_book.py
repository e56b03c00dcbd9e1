"""Rule books: what is in force at a time, and what had to be assumed."""

import tomllib
from importlib.resources import files
from itertools import chain

import pytest

from engine import RuleBook, VenueRules
from engine.venue import rules_for
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, run_script

VENUES = ("hyperliquid", "binance_um")

JULY_2025 = 1_751_328_000_000


@pytest.mark.parametrize("venue", VENUES)
def test_every_entry_has_a_source_and_the_day_from_which_it_holds(venue):
    book = tomllib.loads(files("engine.venue").joinpath("venues", f"{venue}.toml").read_text("utf-8"))
    entries = [*book["fees"], *book["funding"], *book["liquidation"], *chain(*book["instruments"].values())]
    assert all(each["source"] and each["valid_from"].endswith("Z") for each in entries)
    assert {"BTC", "ETH", "default"} <= set(book["instruments"])


@pytest.mark.parametrize("venue", VENUES)
def test_maintenance_margin_is_continuous_and_the_leverage_falls(venue):
    rules = RuleBook.of(venue).rules(("BTC", "ETH", "SOL", "NEW"), JULY_2025, JULY_2025 + 1)
    for instrument in rules.instruments.values():
        for lower, upper in zip(instrument.tiers, instrument.tiers[1:], strict=False):
            edge = upper.notional_from
            below = lower.maintenance_rate * edge - lower.deduction
            assert instrument.maintenance_margin(edge) == pytest.approx(below)
            assert upper.max_leverage < lower.max_leverage


def test_the_figures_of_hyperliquid():
    rules = RuleBook.of("hyperliquid").rules(("BTC", "ETH", "SOL"), JULY_2025, JULY_2025 + 1)
    assert [rules.instruments[name].max_leverage for name in ("BTC", "ETH", "SOL")] == [40, 25, 20]
    bitcoin, ether = rules.instruments["BTC"], rules.instruments["ETH"]
    assert (bitcoin.tier(149e6).max_leverage, bitcoin.tier(151e6).max_leverage) == (40, 20)
    assert (ether.tier(99e6).max_leverage, ether.tier(101e6).max_leverage) == (25, 15)
    assert bitcoin.maintenance_margin(1e6) == pytest.approx(12_500)
    assert (rules.fee_tiers[0].taker_percent, rules.fee_tiers[0].maker_percent) == (0.045, 0.015)
    assert (rules.funding_price, rules.funding_interval, rules.partial_above_usd) == ("oracle", "1h", 100_000.0)
    assert rules.assumptions == ()


def test_the_rules_in_force_at_the_start_count_and_what_is_assumed_is_said():
    book = RuleBook.of("hyperliquid")
    early = book.rules(("BTC",), START, START + 1)
    assert (early.instruments["BTC"].max_leverage, early.fee_tiers[0].taker_percent) == (50, 0.025)
    before = book.rules(("BTC",), 1_600_000_000_000, 1_600_000_000_001)
    assert any("tiers of fees known from 2023-06-01" in text for text in before.assumptions)
    across = book.rules(("BTC",), START, JULY_2025)
    assert any("margin of BTC another from 2025-03-15" in text for text in across.assumptions)
    unknown = book.rules(("NEW",), JULY_2025, JULY_2025 + 1)
    assert unknown.assumptions[0].startswith("hyperliquid rule book: NEW is not in it: assumed are at most 10x")
    assert unknown.instruments["NEW"].symbol == "NEW"


@pytest.mark.parametrize("symbol", ["BTC", "btc", "BTCUSDT", "BTCUSDC", "BTC-PERP"])
def test_a_symbol_is_found_with_and_without_its_quote(symbol):
    assert RuleBook.of("binance_um").rules((symbol,), JULY_2025, JULY_2025 + 1).assumptions == ()


def test_without_a_venue_nothing_but_the_defaults():
    assert rules_for(config(Script({}), 5)) == VenueRules()


def test_a_configured_venue_brings_fees_steps_and_its_assumptions():
    script, sim, result = run_script(market(BTC=klines(*[30_000.0] * 8)), {1: buy("BTC")}, 6, venue="hyperliquid")
    (fill,) = sim.exchange.fills
    assert fill.fee == pytest.approx(fill.size * fill.price * 0.025 / 100)
    assert fill.size == 0.16666
    assert script.seen[2].max_leverage == 50
    _, sim, _ = run_script(
        market(BTC=klines(*[30_000.0] * 8)),
        {1: buy("BTC")},
        6,
        venue="hyperliquid",
        fee_model="maker_taker",
        fee_rate=0.1,
    )
    assert sim.exchange.fills[0].fee == pytest.approx(0.16666 * 30)
    late = run_script(market(NEW=klines(*[3.0] * 8)), {}, 6, venue="binance_um")[2]
    assert any("NEW is not in it" in text for text in late.warnings)
    assert result.end_time == START + 6 * MINUTE
