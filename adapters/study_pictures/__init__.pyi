"""What others import from the room of the pictures of studies; `__init__.py` imports it when it is first used."""

# what is drawn
# single pictures
from .cell_grid import CellAxis as CellAxis
from .cell_grid import Of as Of
from .cell_grid import cell_axis as cell_axis
from .cell_grid import grid_of_cells as grid_of_cells
from .contour_surface import draw_surface as draw_surface
from .cost_curves import CostCurve as CostCurve
from .cost_curves import draw_cost_curves as draw_cost_curves
from .equity_fan import draw_equity_fan as draw_equity_fan
from .heat_map import draw_heat_map as draw_heat_map
from .importance_bars import draw_importance as draw_importance
from .importance_bars import importance_frame as importance_frame

# all of a study
from .page_of_study import study_page as study_page
from .parallel_lines import draw_parallel_lines as draw_parallel_lines
from .sample_scatter import SamplePoint as SamplePoint
from .sample_scatter import draw_sample_scatter as draw_sample_scatter
from .shapes import Picture as Picture
from .start_lines import StartFigure as StartFigure
from .start_lines import draw_start_lines as draw_start_lines
from .study_description import MeaningRow as MeaningRow
from .study_description import StudyDescription as StudyDescription
from .study_description import TextTable as TextTable
from .trial_table import TrialTable as TrialTable
from .trial_table import VariedValues as VariedValues
from .value_histograms import ValueSpread as ValueSpread
from .value_histograms import draw_histograms as draw_histograms
from .value_line import draw_value_line as draw_value_line
from .walk_bands import WalkWindow as WalkWindow
from .walk_bands import draw_walk_bands as draw_walk_bands
from .whole_study import ranked_names as ranked_names
from .whole_study import study_picture as study_picture
