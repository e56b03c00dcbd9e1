"""The text of JSON in pieces is that of the whole."""

import json

from engine.json_text import json_pieces


def test_the_pieces_are_an_object_with_sorted_keys_and_a_line_for_each_item():
    text = "".join(json_pieces({"b": iter([1, {"z": 1, "a": 2}]), "a": "text", "c": [], "d": {"y": [1]}}))
    assert text == '{\n"a": "text",\n"b": [\n  1,\n  {"a": 2, "z": 1}\n],\n"c": [],\n"d": {"y": [1]}\n}\n'
    assert json.loads(text) == {"a": "text", "b": [1, {"z": 1, "a": 2}], "c": [], "d": {"y": [1]}}


def test_what_no_float_of_json_can_hold_is_text():
    assert json.loads("".join(json_pieces({"a": float("inf"), "b": [float("nan")]}))) == {"a": "inf", "b": ["nan"]}
