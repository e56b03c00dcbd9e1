"""Numbers and given values as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def amount(usd: float, signed: bool = False) -> str:
    """Return an amount of USD: to the cent, small ones with four digits after the point."""
    digits = 2 if abs(usd) >= 1.0 or not round(usd, 6) else 4
    shown = round(usd, digits) + 0.0  # no minus before a zero
    return f"{shown:+,.{digits}f}" if signed and shown else f"{shown:,.{digits}f}"


def value(number: float) -> str:
    """Return a price, a size or a share with all digits that say something."""
    text = f"{number + 0.0:,.10g}"
    return f"{number:,.12f}".rstrip("0") if "e-" in text and abs(number) > 1e-11 else text


def percent(share: float, signed: bool = False) -> str:
    """Return a share as percent."""
    return f"{100.0 * share:{'+' if signed else ''},.4g} %"


def given(name: str, said: Any) -> str:
    """Return a field with what it was given."""
    if isinstance(said, bool) or said is None:
        return f"{name} {json.dumps(said)}"
    if isinstance(said, (int, float)):
        return f"{name} {value(said)}"
    return f"{name} {said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)}"


def all_given(values: Mapping[str, Any], *besides: str) -> str:
    """Return the fields of a mapping with what they were given, but for some and for those without a value."""
    return ", ".join(
        given(name, said) for name, said in values.items() if name not in besides and said not in (None, "")
    )
