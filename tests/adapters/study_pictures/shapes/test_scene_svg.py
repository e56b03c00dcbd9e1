"""Scenes as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from adapters.study_pictures.shapes import Box, Dot, Picture, Scene, Trace, Words

NAME = "{http://www.w3.org/2000/svg}"


def svg_of(*shapes):
    return ElementTree.fromstring(Picture(Scene("<a> & 'b'", 100, 50, [*shapes]), dict).svg)


def test_every_shape_is_an_element_in_order_and_says_its_tip():
    found = svg_of(
        Box(1, 2, 3.04, 4, "#112233", tip="one\ntwo"),
        Trace(np.array([(0.0, 0.25), (1.0, 2.0)]), "#000000", 2.0, 0.5, True),
        Trace(np.array([(0.0, 0.0), (1.0, 2.0), (3.0, 3.0)]), None, fill="#ff0000"),
        Dot(5, 6, 7, None, "#00ff00"),
        Words(8, 9, "text", turn=-90, is_bold=True),
    )
    assert [each.tag.removeprefix(NAME) for each in found] == ["rect", "rect", "polyline", "polygon", "circle", "text"]
    _, box, line, area, dot, words = found
    assert {name: box.get(name) for name in ("x", "width", "fill")} == {"x": "1", "width": "3", "fill": "#112233"}
    assert box.findtext(f"{NAME}title") == "one\ntwo"
    assert (line.get("points"), line.get("opacity"), line.get("fill")) == ("0,0.2 1,2", "0.5", "none")
    assert (area.get("fill"), dot.get("fill"), dot.get("stroke")) == ("#ff0000", "none", "#00ff00")
    assert (words.text, words.get("transform"), words.get("font-weight")) == ("text", "rotate(-90 8 9)", "bold")


def test_no_text_is_markup():
    found = svg_of(Words(0, 0, "</text><script>alert(1)</script>"), Box(0, 0, 1, 1, "#fff", tip="<b>' onload='x"))
    assert found.get("aria-label") == "<a> & 'b'"
    assert found[1].text == "</text><script>alert(1)</script>"
    assert not [each for each in found.iter() if each.tag.endswith("script")]
    assert {name for each in found.iter() for name in each.attrib} & {"onload", "onclick"} == set()
