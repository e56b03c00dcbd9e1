"""What a program may say: names, signatures and meanings, as the engine itself has them."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from inspect import Parameter, cleandoc, getattr_static, signature
from types import FunctionType
from typing import Any

from engine import PERIOD_MS, ActionType, Decision, MarketData
from engine.market.flow import FLOW_METRICS
from engine.market.indicators import INDICATOR_FAMILIES, PLAIN_INDICATORS
from engine.program import HistoricalDataProvider
from engine.program.language import NAMES

#: What a program calls the market data that it is asked with, by custom.
DATA = "data"
_COMMON_LENGTH = 14
#: What is there by other names than a builtin's.
_ABOUT = {
    "log": "log(message): writes a line into the record of this trigger",
    "print": "print(...): the same as log",
    "Strategy": "a class that programs may derive from; none has to",
    "math": "the functions of Python's math",
    "statistics": "the functions of Python's statistics",
    "time": "time.time() is simulated time in seconds",
}


@dataclass(frozen=True, slots=True)
class ProgramWord:
    """One name: `owner` is what it belongs to ("data", "Decision", "ActionType", or "" for what stands alone), `kind` a
    method, a property, a keyword, a member or a name; `signature` is how it is written and `text` what it means.
    """

    owner: str
    name: str
    kind: str
    signature: str
    text: str


@cache
def program_words() -> dict[str, Any]:
    """Return all names as plain values, and under `values` which texts certain parameters take, by their names."""
    words = [*_data_words(), *_decision_words(), *_action_words(), *_other_words()]
    values = {
        "period": list(PERIOD_MS),
        "indicator": [*(f"{family}{_COMMON_LENGTH}" for family in INDICATOR_FAMILIES), *PLAIN_INDICATORS],
        "metric": list(FLOW_METRICS),
        "operation": [str(action) for action in ActionType],
    }
    return {"words": [asdict(each) for each in words], "values": values}


def _data_words() -> Iterator[ProgramWord]:
    for name in (each for each in dir(MarketData) if not each.startswith("_")):
        found = getattr_static(MarketData, name)
        if isinstance(found, FunctionType):
            yield ProgramWord(DATA, name, "method", f"{DATA}.{name}{_taken(found)}", _meaning(name, found))
        elif isinstance(found, property):
            kind = found.fget.__annotations__["return"] if found.fget is not None else ""
            yield ProgramWord(DATA, name, "property", f"{DATA}.{name}: {kind}", _meaning(name, found))
        else:
            yield ProgramWord(DATA, name, "property", f"{DATA}.{name} = {found!r}", "the same in every run")


def _taken(function: FunctionType) -> str:
    """Return what a method takes and gives, without itself."""
    whole = signature(function)
    listed = ", ".join(map(_written, list(whole.parameters.values())[1:]))
    gives = str(whole.return_annotation)
    return f"({listed})" + (f" -> {gives}" if gives != "None" else "")


def _written(parameter: Parameter) -> str:
    """Return a parameter with its type, which is a text in our modules, and its default."""
    default = "" if parameter.default is Parameter.empty else f" = {parameter.default!r}"
    return f"{parameter.name}: {parameter.annotation}{default}"


def _meaning(name: str, found: FunctionType | property) -> str:
    """Return what is said of a name where it is said in most detail: by the view, or by what answers for it."""
    texts = (found.__doc__, getattr(getattr(HistoricalDataProvider, name, None), "__doc__", None))
    return max((_text(each) for each in texts), key=len)


def _text(docstring: str | None) -> str:
    """Return a docstring as running text; blank lines part its paragraphs."""
    paragraphs = cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs).replace("`", "")


def _decision_words() -> Iterator[ProgramWord]:
    whole = signature(Decision)
    about = cleandoc(Decision.__doc__ or "")
    call = ", ".join(map(_written, whole.parameters.values()))
    yield ProgramWord("", "Decision", "name", f"Decision({call})", _text(about))
    sentences = re.split(r"(?<=[.)])\s+(?=[`A-Z])", " ".join(about.split()))
    for parameter in whole.parameters.values():
        said = [each for each in sentences if f"`{parameter.name}`" in each]
        text = " ".join(said).replace("`", "") or "see Decision"
        yield ProgramWord("Decision", parameter.name, "keyword", _written(parameter), text)


def _action_words() -> Iterator[ProgramWord]:
    for action in ActionType:
        yield ProgramWord("ActionType", action.name, "member", f"ActionType.{action.name}", f'the operation "{action}"')


def _other_words() -> Iterator[ProgramWord]:
    own = {"ActionType": ActionType, "MarketData": MarketData}
    for name in sorted(NAMES - {"Decision"}):
        found = own.get(name, getattr(builtins, name, None))
        text = _ABOUT.get(name) or _text((getattr(found, "__doc__", None) or "").partition("\n\n")[0])
        yield ProgramWord("", name, "name", name, text)
