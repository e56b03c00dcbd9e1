"""Colours of a metric."""

from __future__ import annotations

import numpy as np

from adapters.study_pictures.shapes import Shades


def brightness(colour):
    return sum(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def test_the_better_the_darker():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert [*np.argsort([brightness(each) for each in Shades.of(values, False).colours(values)])] == [3, 2, 1, 0]
    assert [*np.argsort([brightness(each) for each in Shades.of(values, True).colours(values)])] == [0, 1, 2, 3]


def test_above_and_below_nothing_are_blue_and_orange_and_nothing_is_neither():
    values = np.array([-3.0, 0.0, 1.0])
    for is_least, (bad, good) in ((False, (0, 2)), (True, (2, 0))):
        colours = Shades.of(values, is_least).colours(values)
        red, blue = (lambda colour: int(colour[1:3], 16)), (lambda colour: int(colour[5:7], 16))
        assert red(colours[bad]) > blue(colours[bad])
        assert red(colours[good]) < blue(colours[good])
        assert abs(red(colours[1]) - blue(colours[1])) < 6


def test_equal_distances_from_nothing_are_equally_strong():
    shades = Shades.of(np.array([-4.0, 1.0]), False)
    assert shades.shares(np.array([-4.0, -1.0, 0.0, 1.0])).tolist() == [0.0, 0.375, 0.5, 0.625]


def test_a_few_far_values_do_not_take_the_colours_of_all_others():
    values = np.append(np.linspace(1.0, 2.0, 100), [900.0])
    shades = Shades.of(values, False)
    assert shades.high < 2.1
    assert shades.shares(np.array([900.0])).tolist() == [1.0]
    assert Shades.of(np.linspace(1.0, 2.0, 100), False).high == 2.0


def test_no_values_and_equal_values_have_colours():
    assert Shades.of(np.array([np.nan]), False).colours(np.array([0.3]))
    assert Shades.of(np.full(3, 7.0), True).shares(np.full(1, 7.0)).tolist() == [0.5]


def test_lines_on_white_are_never_pale():
    for values in (np.linspace(-1, 1, 21), np.linspace(1, 2, 21)):
        shades = Shades.of(values, False)
        assert max(brightness(each) for each in shades.line_colours(values)) < 580
        assert shades.line_palette(21) == shades.line_colours(values)
