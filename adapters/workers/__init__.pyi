"""What others import from the room; `__init__.py` imports it when it is first used."""

# the workers that a user asks for
from .opened_workers import open_workers as open_workers
from .process_workers import ProcessWorkers as ProcessWorkers
from .processor_count import usable_cores as usable_cores

# what cannot be sent to them
from .sent_objects import NotSendable as NotSendable

# what those of one machine share
from .shared_columns import SharedColumns as SharedColumns
from .shared_columns import columns_of_machine as columns_of_machine
from .this_process import ThisProcess as ThisProcess

# what they can do, and how they fail
from .worker_interface import Done as Done
from .worker_interface import Runner as Runner
from .worker_interface import Setup as Setup
from .worker_interface import WorkerDied as WorkerDied
from .worker_interface import Workers as Workers
from .worker_interface import WorkersFailed as WorkersFailed
