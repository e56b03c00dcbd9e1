"""What others import from the room; `__init__.py` imports it when it is first used."""

# the card
from .card_line import CardLine as CardLine
from .card_line import Grade as Grade
from .card_making import make_card as make_card
from .card_table import print_card as print_card
from .robustness_card import RobustnessCard as RobustnessCard
