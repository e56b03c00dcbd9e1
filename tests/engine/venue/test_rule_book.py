"""Rule books: what is in force at a time, and what had to be assumed."""

import tomllib
from importlib.resources import files
from itertools import chain

import pytest

from engine import RuleBook, VenueRules
from engine.instants import instant_ms
from engine.venue import rules_for
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, run_script

VENUES = ("hyperliquid", "binance_um")

JULY_2025 = 1_751_328_000_000
EARLY_2023 = 1_672_531_200_000
YEAR = 365 * 86_400_000
FEES = (0.045, 0.015)
SHARED = (
    "BTC ETH SOL XRP DOGE BNB ADA AVAX LINK LTC BCH DOT TRX SUI NEAR APT ARB OP FIL UNI AAVE ATOM ETC XLM HBAR TON WLD "
    "ENA TIA INJ SEI TAO WIF TRUMP FARTCOIN CRV HYPE ORDI GALA POL DYDX ICP ALGO FET RENDER ONDO JUP PENGU LDO PAXG ZEC"
)
MOST_TRADED = {
    "hyperliquid": (*SHARED.replace(" GALA", "").split(), "kPEPE", "kBONK", "kSHIB", "PUMP", "VIRTUAL"),
    "binance_um": (*SHARED.split(), "1000PEPE", "1000BONK", "1000SHIB", "XMR", "PNUT"),
}


@pytest.mark.parametrize("venue", VENUES)
def test_every_entry_has_a_source_its_day_and_the_day_on_which_it_was_looked_up(venue):
    book = tomllib.loads(files("engine.venue").joinpath("venues", f"{venue}.toml").read_text("utf-8"))
    instruments = book.pop("instruments")
    entries = [*chain(*book.values()), *chain(*instruments.values())]
    assert all(each["source"] and each["valid_from"].endswith("Z") for each in entries)
    assert {each["looked_up"] for each in entries} == {"2026-11-25"}
    assert set(instruments) == {"default"}


@pytest.mark.parametrize("venue", VENUES)
def test_maintenance_margin_is_continuous_and_the_leverage_falls_at_any_time(venue):
    for start in range(EARLY_2023, JULY_2025 + 2 * YEAR, YEAR // 4):
        rules = RuleBook.of(venue).rules((*MOST_TRADED[venue], "NEW"), start, start + 1)
        for instrument in rules.instruments.values():
            for lower, upper in zip(instrument.tiers, instrument.tiers[1:], strict=False):
                edge = upper.notional_from
                below = lower.maintenance_rate * edge - lower.deduction
                assert instrument.maintenance_margin(edge) == pytest.approx(below)
                assert upper.max_leverage < lower.max_leverage


@pytest.mark.parametrize("venue", VENUES)
def test_the_most_traded_symbols_have_steps_margin_and_a_minimum(venue):
    rules = RuleBook.of(venue).rules(MOST_TRADED[venue], JULY_2025, JULY_2025 + 1)
    assert len(rules.instruments) >= 30
    assert not any("is not in it" in text for text in rules.assumptions)
    for instrument in rules.instruments.values():
        assert instrument.rounds_prices
        assert instrument.size_step is not None
        assert instrument.min_notional >= 5.0


def at(day):
    return instant_ms(f"{day}T00:00:00Z")


def ruled(venue, symbol, day):
    return RuleBook.of(venue).rules((symbol,), at(day), at(day) + 1)


def test_the_figures_of_hyperliquid():
    rules = RuleBook.of("hyperliquid").rules(("BTC", "ETH", "SOL", "kPEPE"), JULY_2025, JULY_2025 + 1)
    assert [rules.instruments[name].max_leverage for name in ("BTC", "ETH", "SOL", "kPEPE")] == [40, 25, 20, 10]
    bitcoin, ether = rules.instruments["BTC"], rules.instruments["ETH"]
    assert (bitcoin.tier(149e6).max_leverage, bitcoin.tier(151e6).max_leverage) == (40, 20)
    assert (ether.tier(99e6).max_leverage, ether.tier(101e6).max_leverage) == (25, 15)
    assert bitcoin.maintenance_margin(1e6) == pytest.approx(12_500)
    assert (bitcoin.size_step, bitcoin.price_digits, bitcoin.price_decimals) == ("0.00001", 5, 1)
    assert (rules.instruments["kPEPE"].size_step, rules.instruments["kPEPE"].price_decimals) == ("1", 6)
    assert (rules.fee_tiers[0].taker_percent, rules.fee_tiers[0].maker_percent) == (0.045, 0.015)
    assert (rules.funding_price, rules.funding_interval, rules.partial_above_usd) == ("oracle", "1h", 100_000.0)
    assert (rules.trigger_price, rules.cancels_when_liquidated) == ("mark", True)


@pytest.mark.parametrize(
    ("day", "symbol", "leverage"),
    [("2023-08-01", "SOL", 50), ("2025-03-01", "BTC", 50), ("2025-03-13", "BTC", 40), ("2026-06-01", "INJ", 5)],
)
def test_the_highest_leverage_of_hyperliquid_by_day(day, symbol, leverage):
    assert ruled("hyperliquid", symbol, day).instruments[symbol].max_leverage == leverage


@pytest.mark.parametrize(
    ("day", "fees"),
    [("2023-05-20", (0.0, 0.0)), ("2023-08-01", (0.025, -0.002)), ("2024-04-01", (0.035, 0.01)), ("2026-01-01", FEES)],
)
def test_the_fees_of_hyperliquid_by_day(day, fees):
    assert ruled("hyperliquid", "BTC", day).fee_tiers[0][1:] == fees


@pytest.mark.parametrize(("day", "taker"), [("2021-07-01", 0.04), ("2023-10-01", 0.04), ("2024-05-01", 0.05)])
def test_a_regular_user_of_binance_pays_more_as_taker_since_late_2023(day, taker):
    rules = ruled("binance_um", "BTCUSDT", day)
    assert (rules.fee_tiers[0].taker_percent, rules.fee_tiers[0].maker_percent) == (taker, 0.02)
    assert (rules.trigger_price, rules.cancels_when_liquidated) == ("last", True)


@pytest.mark.parametrize(
    ("day", "least"),
    [("2020-06-01", 0.0), ("2021-02-01", 1.0), ("2021-03-01", 5.0), ("2023-11-02", 5.0), ("2023-11-03", 100.0)],
)
def test_the_least_notional_of_binance_grew(day, least):
    assert ruled("binance_um", "BTCUSDT", day).instruments["BTCUSDT"].min_notional == least


@pytest.mark.parametrize(
    ("day", "symbol", "steps", "leverage", "fee"),
    [
        ("2022-10-01", "BTC", ("0.01", "0.001"), 125, 1.5),
        ("2024-10-01", "BTC", ("0.10", "0.001"), 125, 1.25),
        ("2026-01-01", "BTC", ("0.10", "0.001"), 150, 1.25),
        ("2024-10-01", "SOL", ("0.001", "1"), 100, 1.5),
        ("2026-01-01", "SOL", ("0.01", "0.01"), 100, 1.5),
        ("2026-01-01", "DOGE", ("0.00001", "1"), 75, 1.0),
        ("2026-01-01", "XRP", ("0.0001", "0.1"), 100, 1.25),
    ],
)
def test_steps_leverage_and_liquidation_fee_of_binance_by_day(day, symbol, steps, leverage, fee):
    found = ruled("binance_um", symbol, day).instruments[symbol]
    assert ((found.price_step, found.size_step), found.max_leverage, found.liquidation_fee) == (steps, leverage, fee)


def test_the_tiers_of_binance_reproduce_the_venues_own_deductions():
    tiers = ruled("binance_um", "BTC", "2024-10-01").instruments["BTC"].tiers
    assert [tier.deduction for tier in tiers[:4]] == pytest.approx([0.0, 50.0, 950.0, 11_450.0])
    assert tiers[-1].deduction == pytest.approx(421_481_450.0)


def test_what_was_valid_at_the_start_counts_and_what_is_assumed_is_said():
    book = RuleBook.of("hyperliquid")
    before = book.rules(("BTC",), 1_600_000_000_000, 1_600_000_000_001)
    assert any("tiers of fees" in text and "known from 2023-" in text for text in before.assumptions)
    across = book.rules(("BTC", "ETH"), START, JULY_2025)
    assert any("margin of BTC, ETH another from 2025-03-12" in text for text in across.assumptions)
    assert ruled("hyperliquid", "BTC", "2026-06-01").assumptions == ()


def test_a_value_that_was_shown_later_than_it_is_used_from_is_said_by_name():
    text, _ = ruled("hyperliquid", "SOL", "2025-06-01").assumptions
    assert text.startswith("hyperliquid rule book: margin of SOL assumed from 2024-01-01")
    assert "shown by a source from 2025-11-15" in text


def test_values_that_could_not_be_checked_are_named_once():
    rules = RuleBook.of("binance_um").rules(("SUI", "BTC", "APT", "HYPE"), at("2026-01-01"), at("2026-02-01"))
    (text,) = rules.assumptions
    assert text == (
        "binance_um rule book: liquidation_fee of SUI, APT, HYPE; price_step, size_step of HYPE could not be checked "
        "with the venue"
    )


def test_an_unknown_symbol_is_named_with_what_is_assumed_of_it():
    rules = RuleBook.of("binance_um").rules(("NEWUSDT",), JULY_2025, JULY_2025 + 1)
    assert rules.assumptions[0] == (
        "binance_um rule book: NEWUSDT is not in it: assumed are at most 50x, 1.5 % of notional as maintenance margin, "
        "sizes in steps of 0.001 and at least 5 USD"
    )
    assert rules.instruments["NEWUSDT"].symbol == "NEWUSDT"
    (text,) = ruled("hyperliquid", "NEW", "2026-06-01").assumptions
    assert "NEW is not in it: assumed are at most 3x" in text


@pytest.mark.parametrize("symbol", ["BTC", "btc", "BTCUSDT", "BTCUSDC", "BTC-PERP", "1000pepe", "1000PEPEUSDT"])
def test_a_symbol_is_found_with_and_without_its_quote_in_any_case(symbol):
    assert not any("is not in it" in text for text in ruled("binance_um", symbol, "2026-01-01").assumptions)
    assert not any("is not in it" in text for text in ruled("hyperliquid", "KPEPE", "2026-01-01").assumptions)


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
