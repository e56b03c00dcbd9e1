"""The entries of a rule book: the values that they hold, and what cannot stand in them."""

import pytest

from engine import ConfigurationError, RuleBook

NOW = 1_704_067_200_000
ABOUT = {"valid_from": "2023-01-01T00:00:00Z", "source": "the venue's rules"}


def rules(**book):
    return RuleBook("mine", book).rules(("X", "Y", "Z"), NOW, NOW + 1)


def listing(**values):
    return {**ABOUT, **values}


def test_a_listing_gives_each_value_to_the_symbols_that_share_it():
    entry = listing(price_step={"X Y": "0.5"}, size_decimals={"X": 2, "Y": 0}, min_notional={"*": 5, "X": 10})
    found = rules(listings=[entry], instruments={"default": [listing(size_step="0.1")]}).instruments
    assert [found[name].price_step for name in "XYZ"] == ["0.5", "0.5", None]
    assert [found[name].size_step for name in "XYZ"] == ["0.01", "1", "0.1"]
    assert [found[name].min_notional for name in "XYZ"] == [10.0, 5.0, 5.0]


def test_an_entry_of_a_symbol_is_the_same_as_its_row_in_a_listing():
    margin = [[0, 20, 2.5], [50_000, 10, 5]]
    one = rules(instruments={"X": [listing(margin=margin, price_step="0.5")]}).instruments["X"]
    assert one == rules(listings=[listing(margin={"X": margin}, price_step={"X": "0.5"})]).instruments["X"]
    assert one.maintenance_margin(100_000.0) == pytest.approx(5_000.0 - 1_250.0)


def test_decimals_of_a_price_are_what_the_size_leaves_of_both():
    entry = listing(price_digits={"*": 5}, decimals={"*": 6}, size_decimals={"X": 2})
    assert (rules(listings=[entry]).instruments["X"].price_decimals) == 4


def test_the_two_rules_of_orders_are_the_books_or_the_defaults():
    found = rules(orders=[listing(trigger_price="mark", cancels_when_liquidated=True)])
    assert (found.trigger_price, found.cancels_when_liquidated) == ("mark", True)
    assert (rules().trigger_price, rules().cancels_when_liquidated) == ("last", False)


@pytest.mark.parametrize(
    ("book", "problem"),
    [
        ({"fee": []}, "there is no section 'fee'; there are fees, funding, orders, liquidation, listings, instruments"),
        ({"fees": [{"source": "s", "tiers": []}]}, "fees: an entry has no valid_from"),
        ({"fees": [{"valid_from": "2023-01-01T00:00:00Z"}]}, "fees: an entry has no source"),
        ({"fees": [listing(valid_from="soon")]}, "fees: valid_from: 'soon' is no ISO time"),
        ({"fees": [listing(seen="2023-01-01T00:00:00")]}, "fees: seen: 2023-01-01T00:00:00 has no time zone"),
        ({"fees": [listing(tier=[])]}, "fees: there is no value 'tier'; there are tiers"),
        ({"fees": [listing(tiers=[], unchecked=["taker"])]}, "fees: unchecked names 'taker', which the entry does not"),
        ({"orders": [listing(trigger_price="index")]}, "orders: trigger_price is 'index', not one of last, mark"),
        ({"orders": [listing(cancels_when_liquidated="yes")]}, "orders: cancels_when_liquidated is 'yes', not one of"),
        ({"funding": [listing(price="last")]}, "funding: price is 'last', not one of mark, oracle"),
        (
            {"instruments": {"X": [listing(tick="1")]}},
            "X: there is no value 'tick'; there are decimals, liquidation_fee",
        ),
        ({"listings": [listing(tick={"X": "1"})]}, "listings: there is no value 'tick'"),
        ({"listings": [listing(price_step="1")]}, "listings: price_step is not given by symbol"),
    ],
)
def test_what_cannot_stand_in_a_book_is_said(book, problem):
    with pytest.raises(ConfigurationError) as caught:
        RuleBook("mine", book)
    (text,) = caught.value.problems
    assert text.startswith(f"mine rule book: {problem}")


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ConfigurationError) as caught:
        RuleBook("mine", {"fees": [{}], "orders": [listing(trigger_price="index")]})
    assert len(caught.value.problems) == 3


def test_the_venues_liquidation_fee_is_that_of_symbols_without_their_own():
    found = rules(liquidation=[listing(fee_percent=1.5)], listings=[listing(liquidation_fee={"X": 1.0})]).instruments
    assert [found[name].liquidation_fee for name in "XY"] == [1.0, 1.5]
