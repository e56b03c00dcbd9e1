"""Texts that advise options of the command line, as the page tells them: with what its form has in their place."""

from __future__ import annotations

import re

from ..forms import READING_WORDS

#: What to do on the page in the place of an option that it does not have.
_IN_PLACE = {
    "--rename": "the page has no --rename: import the files of one market at a time, with its name under Symbol",
    "--where": "the page has no --where: leave the other rows out of the file, or use perpsim import",
    "--url": "--url is --venue-url of perpsim serve",
}
_LABELS = {f"--{name.replace('_', '-')}": f'"{label}"' for name, (label, _) in READING_WORDS.items()}
_LABELS |= {"--column": _LABELS["--columns"], "--exchange": '"Exchange"'}
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def told_on_page(text: str) -> str:
    """Return a text with the labels of the form in the place of options, and for each option that it does not have with
    what to do here.
    """
    labelled = _OPTION.sub(lambda found: _LABELS.get(found[0], found[0]), text)
    told = [here for option, here in _IN_PLACE.items() if option in _OPTION.findall(text)]
    return f"{labelled} ({'; '.join(told)})" if told else labelled
