"""What others import from the room of safety; `__init__.py` imports it when it is first used."""

# what every request must pass
from .guard import COOKIE as COOKIE
from .guard import LARGEST_BODY as LARGEST_BODY
from .guard import LARGEST_UPLOAD as LARGEST_UPLOAD
from .guard import LONGEST_CODE as LONGEST_CODE
from .guard import LONGEST_FILE as LONGEST_FILE
from .guard import Guard as Guard
from .guard import same_token as same_token
from .guard import session_cookie as session_cookie

# what a request can be refused with
from .problems import OneProblem as OneProblem
from .problems import Refusal as Refusal
from .problems import Refused as Refused
from .problems import add_handlers as add_handlers
from .problems import configuration_problems as configuration_problems
from .problems import printable as printable
from .problems import program_problems as program_problems
from .problems import told as told
from .problems import wrong_field as wrong_field

# what a server is started with
from .settings import TOKEN_VARIABLE as TOKEN_VARIABLE
from .settings import ServerSettings as ServerSettings
