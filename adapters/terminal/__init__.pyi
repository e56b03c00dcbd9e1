"""What others import from the room; `__init__.py` imports it when it is first used."""

# commands in groups, and how they end
from .command_group import INTERRUPTED as INTERRUPTED
from .command_group import CommandGroup as CommandGroup
from .command_group import keeping_everything as keeping_everything

# what they write to
from .dashed_output import STANDARD_OUTPUT as STANDARD_OUTPUT
from .dashed_output import picture_file as picture_file
from .dashed_output import require_one_for_standard_output as require_one_for_standard_output
from .dashed_output import writable_file as writable_file
from .dashed_output import written_to as written_to
from .last_guard import DEFECT as DEFECT
from .last_guard import FAILED as FAILED
from .last_guard import tell_failure as tell_failure

# their options
from .options import INPUT_FILE as INPUT_FILE
from .options import OUTPUT_FILE as OUTPUT_FILE
from .options import OUTPUT_OR_DASH as OUTPUT_OR_DASH
from .options import PERIOD as PERIOD
from .options import ROW_ID as ROW_ID
from .options import DurationType as DurationType
from .options import IdOrFileType as IdOrFileType
from .options import InstantType as InstantType
from .options import allow_rounding_option as allow_rounding_option
from .options import by_option as by_option
from .options import database_option as database_option
from .options import optional_database_option as optional_database_option
from .options import parse_pairs as parse_pairs

# what they write to
from .standard_streams import output_problem as output_problem
