"""What others import from the room; `__init__.py` imports it when it is first used."""

# faults
from .standard_faults import chosen_faults as chosen_faults
from .standard_faults import parse_fault as parse_fault
from .standard_faults import standard_faults as standard_faults

# the runs, what they came to, and how that is shown
from .stress_report import StressReport as StressReport
from .stress_runs import stress_job as stress_job
from .stress_table import stress_page as stress_page
from .stress_table import stress_table as stress_table
