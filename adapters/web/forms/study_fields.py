"""What a request for a study may say: each field once, for the form, the description of the API and the checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.plain_values import shown

from ...certificates import CUTS, TIES
from ...searches import BATCH, LAST_SEED, SAMPLERS

#: The kinds of studies: what each is called, and what it does.
KINDS: dict[str, tuple[str, str]] = {
    "sweep": ("Sweep", "Every combination of some values is run."),
    "search": ("Search", "Values are proposed by what the trials before came to."),
    "walk-forward": ("Walk-forward", "Parameters are chosen on one stretch of time and tested on the next, and so on."),
    "stress": ("Stress test", "The program runs as it is, and once with each of many faults."),
    "certificate": ("Certificate", "What can be proved of the back-test: no look-ahead, determinism, its ledger."),
    "card": ("Robustness card", "About 100 runs say how far the back-test is to be believed."),
}
_VARIED = ("sweep", "search", "walk-forward")
_SEARCHED = ("search", "walk-forward")
_WALK = ("walk-forward",)

_FAULTS = "Only these, each in a line of its own, such as outage, outage:4h or rejects:25; empty: all"
#: What is best where nobody says.
METRIC = "sharpe_ratio"

#: So many parameters a study may vary, so long may be what one takes, and so many texts a list may have.
_MOST_NAMES, _LONGEST_NAME, _LONGEST_TEXT, _MOST_TEXTS = 20, 100, 2_000, 50
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class StudyField:
    """A field of a request for a study: its name, what it is called, `shape` (text, whole, share, flag, choice, texts
    or table), what it means, and the kinds of studies that have it.
    """

    name: str
    label: str
    shape: str
    help: str
    kinds: tuple[str, ...]
    default: Any = None
    choices: tuple[str, ...] = ()
    at_least: int = 0
    at_most: int = _LARGEST_ID
    is_required: bool = False

    def problem(self, value: Any) -> str | None:
        """Return what is wrong with a value, None where nothing is."""
        if value is None:
            return "is required" if self.is_required else None
        if self.shape == "table" and isinstance(value, dict) and "" in (*value, *value.values()):
            return "each name has values, such as 20:40:5, and each of these a name"
        return None if _FITS[self.shape](self, value) else f"{shown(value, 60)} is no {self.meant}"

    @property
    def meant(self) -> str:
        """What a value is, in words."""
        if self.shape == "whole":
            return f"whole number from {self.at_least} to {self.at_most:,}"
        return {
            "text": f"text of 1 to {_LONGEST_TEXT:,} characters",
            "share": "number between 0 and 1",
            "flag": "true or false",
            "choice": f"one of {', '.join(self.choices)}",
            "texts": f"list of at most {_MOST_TEXTS} texts",
            "table": f"table of at most {_MOST_NAMES} names, each with its values as a text",
        }[self.shape]

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        text = {"type": "string", "minLength": 1, "maxLength": _LONGEST_TEXT}
        shapes: dict[str, dict[str, Any]] = {
            "text": text,
            "whole": {"type": "integer", "minimum": self.at_least, "maximum": self.at_most},
            "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "flag": {"type": "boolean"},
            "choice": {"type": "string", "enum": [*self.choices]},
            "texts": {"type": "array", "items": text, "minItems": 1, "maxItems": _MOST_TEXTS},
            "table": {
                "type": "object",
                "additionalProperties": text,
                "propertyNames": {"minLength": 1, "maxLength": _LONGEST_NAME},
                "minProperties": 1,
                "maxProperties": _MOST_NAMES,
            },
        }
        shape = shapes[self.shape]
        about = {"title": self.label, "description": f"{self.help} ({', '.join(self.kinds)})"}
        return {**about, **(shape if self.is_required else {"anyOf": [shape, {"type": "null"}]})}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST_TEXT


def _is_table(field: StudyField, value: Any) -> bool:
    if not isinstance(value, dict) or not 1 <= len(value) <= _MOST_NAMES:
        return False
    return all(1 <= len(name) <= _LONGEST_NAME and _is_text(text) for name, text in value.items())


_FITS = {
    "text": lambda field, value: _is_text(value),
    "whole": lambda field, value: type(value) is int and field.at_least <= value <= field.at_most,
    "share": lambda field, value: type(value) in (int, float) and 0.0 < value < 1.0,
    "flag": lambda field, value: type(value) is bool,
    "choice": lambda field, value: isinstance(value, str) and value in field.choices,
    "texts": lambda field, value: (
        isinstance(value, list) and 1 <= len(value) <= _MOST_TEXTS and all(map(_is_text, value))
    ),
    "table": _is_table,
}

_LENGTHS = {
    "train": ("Training", "How long parameters are chosen on: 180d, 26w, 12h", True),
    "test": ("Test", "How long what was chosen is tested after that", True),
    "step": ("Step", "How much later each window is than the one before; empty: as long as a test", False),
    "purge": ("Purge", "So much is left out before each test, at the end of its training", False),
    "embargo": ("Embargo", "A training that would begin right after an earlier test begins so much later", False),
}
FIELDS: tuple[StudyField, ...] = (
    StudyField("label", "Label", "text", "What it is called in lists", tuple(KINDS)),
    StudyField(
        "over",
        "Parameters",
        "table",
        "Parameters of the program and what they take: low:high:step, a,b,c, int(low,high) or float(low,high)",
        (*_VARIED, "card"),
    ),
    StudyField("vary", "Fields", "table", "Fields of the configuration and what they take", _VARIED),
    StudyField(
        "metrics", "Objective", "texts", "What is best: a figure, or min:FIGURE or max:FIGURE", _VARIED, [METRIC]
    ),
    StudyField("sampler", "Sampler", "choice", "What proposes values", _SEARCHED, None, SAMPLERS),
    StudyField(
        "trials", "Trials", "whole", "How many are tried; in a walk-forward in each window", _SEARCHED, None, (), 1
    ),
    StudyField("batch", "Batch", "whole", "So many are proposed together", ("search",), BATCH, (), 1, 1_000),
    StudyField("constraints", "Constraints", "texts", "FIGURE<NUMBER that the best keeps", ("search",)),
    StudyField("prune", "Prune", "share", "This first part of the range is run before", ("search",)),
    StudyField("prune_quantile", "Prune below", "share", "What is worse than this share is pruned", ("search",), 0.5),
    *(
        StudyField(name, label, "text", about, _WALK, is_required=is_required)
        for name, (label, about, is_required) in _LENGTHS.items()
    ),
    StudyField("anchored", "Anchored", "flag", "All trainings begin at the start and grow", _WALK, False),
    StudyField("restart", "Restart", "flag", "Each test begins with the initial balance", _WALK, False),
    StudyField("faults", "Faults", "texts", _FAULTS, ("stress",)),
    StudyField("cuts", "Cuts", "whole", "How often the future is noise", ("certificate",), CUTS, (), 1, 200),
    StudyField("ties", "Ties", "whole", "How often the order of ties is shuffled", ("certificate",), TIES, (), 1, 100),
    StudyField("seed", "Seed", "whole", "What decides chance", (*_SEARCHED, "certificate"), None, (), 0, LAST_SEED),
    StudyField("study", "From study", "whole", "Its trials count, too: the id of a study", ("card",), None, (), 1),
    StudyField("stress", "With faults", "flag", "A line on faults, too", ("card",), False),
)


def fields_of(kind: str) -> dict[str, StudyField]:
    """Return the fields that a study of a kind has, by name."""
    return {each.name: each for each in FIELDS if kind in each.kinds}


def field_problems(kind: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the fields of a request by their shape, each with its name; `config` is another's."""
    known = fields_of(kind)
    for name in values:
        if name not in known and name not in ("kind", "config"):
            is_other = any(name == each.name for each in FIELDS)
            yield f"{name}: is no field of a {kind}" if is_other else f"{name}: there is no such field"
    for name, field in known.items():
        problem = field.problem(values.get(name))
        if problem is not None:
            yield f"{name}: {problem}"


def form_entries() -> list[dict[str, Any]]:
    """Return the kinds with their fields, as a form shows them."""
    return [
        {"kind": kind, "title": title, "about": about, "fields": [_entry(each) for each in fields_of(kind).values()]}
        for kind, (title, about) in KINDS.items()
    ]


def _entry(field: StudyField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "shape": field.shape,
        "help": field.help,
        "default": field.default,
        "choices": list(field.choices),
        "at_least": field.at_least,
        "at_most": field.at_most,
        "is_required": field.is_required,
    }
