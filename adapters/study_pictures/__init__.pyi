"""What others import from the room of the pictures of studies; `__init__.py` imports it when it is first used."""

# what is drawn
# single pictures
from .cell_grid import Of as Of
from .contour_surface import contour_surface as contour_surface
from .equity_fan import equity_fan as equity_fan
from .heat_map import heat_map as heat_map
from .importance_bars import importance_bars as importance_bars
from .importance_bars import importance_frame as importance_frame

# all of a study
from .page_of_study import study_page as study_page
from .parallel_lines import parallel_lines as parallel_lines
from .sample_scatter import SamplePoint as SamplePoint
from .sample_scatter import sample_scatter as sample_scatter
from .shown_picture import Picture as Picture
from .study_description import MeaningRow as MeaningRow
from .study_description import StudyDescription as StudyDescription
from .trial_table import TrialTable as TrialTable
from .trial_table import VariedValues as VariedValues
from .value_line import value_line as value_line
from .walk_bands import WalkWindow as WalkWindow
from .walk_bands import walk_bands as walk_bands
from .whole_study import ranked_names as ranked_names
from .whole_study import study_picture as study_picture
