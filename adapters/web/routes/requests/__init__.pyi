"""What others import from the room of requests; `__init__.py` imports it when it is first used."""

# bodies
from .checked_bodies import checked as checked
from .configuration_schema import Schema as Schema
from .configuration_schema import config_schema as config_schema
from .configuration_schema import field_schema as field_schema

# about data
from .data_bodies import DownloadBody as DownloadBody
from .data_bodies import ImportBody as ImportBody
from .data_bodies import ReadingBody as ReadingBody
from .data_bodies import reading_fields as reading_fields

# of the list of results
from .desk_parameters import IDS_SCHEMA as IDS_SCHEMA
from .desk_parameters import NOTES_SCHEMA as NOTES_SCHEMA
from .desk_parameters import ComparedIds as ComparedIds
from .desk_parameters import DeskColumn as DeskColumn
from .desk_parameters import DeskColumns as DeskColumns
from .desk_parameters import Wanted as Wanted
from .desk_parameters import checked_ids as checked_ids
from .desk_parameters import checked_notes as checked_notes
from .desk_parameters import each_id as each_id

# parameters, and refusals
from .parameters import AllTriggers as AllTriggers
from .parameters import Body as Body
from .parameters import ChartPeriod as ChartPeriod
from .parameters import FileId as FileId
from .parameters import FileName as FileName
from .parameters import Index as Index
from .parameters import JobId as JobId
from .parameters import Limit as Limit
from .parameters import Name as Name
from .parameters import Offset as Offset
from .parameters import PoolId as PoolId
from .parameters import RunId as RunId
from .parameters import SearchText as SearchText
from .parameters import TimeMs as TimeMs
from .parameters import TradeNumber as TradeNumber
from .parameters import body as body
from .parameters import json_object as json_object
from .parameters import known_parameters as known_parameters
from .parameters import refusals as refusals
from .parameters import text_up_to as text_up_to

# about pools
from .pool_bodies import DistributionBody as DistributionBody
from .pool_bodies import PoolBody as PoolBody
from .pool_bodies import PoolState as PoolState
from .pool_bodies import PreviewBody as PreviewBody
from .pool_bodies import RangeBody as RangeBody

# bodies about kept programs
from .program_bodies import NewName as NewName
from .program_bodies import NewProgram as NewProgram
from .program_bodies import NewVersion as NewVersion
from .program_bodies import asked as asked
from .program_bodies import body_of as body_of

# bodies about studies
from .study_schema import asked_schema as asked_schema
