"""What others import from the room of requests; `__init__.py` imports it when it is first used."""

# bodies
from .configuration_schema import Schema as Schema
from .configuration_schema import config_schema as config_schema
from .configuration_schema import field_schema as field_schema
from .parameters import LARGEST_ID as LARGEST_ID

# parameters, and refusals
from .parameters import AllTriggers as AllTriggers
from .parameters import Body as Body
from .parameters import Index as Index
from .parameters import Limit as Limit
from .parameters import Name as Name
from .parameters import Offset as Offset
from .parameters import OtherId as OtherId
from .parameters import RunId as RunId
from .parameters import SearchText as SearchText
from .parameters import TimeMs as TimeMs
from .parameters import TradeNumber as TradeNumber
from .parameters import body as body
from .parameters import json_object as json_object
from .parameters import refusals as refusals
from .study_schema import asked_schema as asked_schema
