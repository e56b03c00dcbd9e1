"""What others import from the room; `__init__.py` imports it when it is first used."""

# faults
from .fault_set import chosen_faults as chosen_faults
from .fault_set import parse_fault as parse_fault
from .fault_set import standard_faults as standard_faults

# the runs, what they came to, and how that is shown
from .stress_report import TOLD as TOLD
from .stress_report import StressReport as StressReport
from .stress_report import fault_effect as fault_effect
from .stress_runs import stress_job as stress_job
from .stress_table import print_stress as print_stress
