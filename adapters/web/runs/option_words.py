"""Texts that advise options of the command line, as the page tells them: it has not all of these."""

from __future__ import annotations

#: What to do on the page in the place of an option that it does not have.
_IN_PLACE = {
    "--rename": "the page has no --rename: import the files of one market at a time, with its name under Symbol",
    "--where": "the page has no --where: leave the other rows out of the file, or use perpsim import",
    "--url": "--url is --venue-url of perpsim serve",
}


def told_on_page(text: str) -> str:
    """Return a text with what to do here in the place of each option that the page does not have."""
    told = [here for option, here in _IN_PLACE.items() if option in text.replace(",", " ").split()]
    return f"{text} ({'; '.join(told)})" if told else text
