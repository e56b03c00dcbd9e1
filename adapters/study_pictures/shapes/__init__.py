"""What pictures are drawn with: shapes, colours, scales; and how they become SVG and files."""

from .axis_ticks import brief, even, log_ticks, readable, ticks
from .colour_legend import draw_legend
from .colour_scale import Shades, ink_on
from .plot_area import Area, Plot, Scale
from .scene import BEST, BLUE, FAINT, GRID, ORANGE, Box, Dot, Scene, Trace, Words, fitting, stacked, text_width
from .shown_picture import Picture

# shapes, and what they are put together to
__all__ = ["Box", "Dot", "Picture", "Scene", "Trace", "Words", "stacked"]
# scales, values and texts along them
__all__ += ["Area", "Plot", "Scale", "brief", "even", "fitting", "log_ticks", "readable", "text_width", "ticks"]
# colours
__all__ += ["BEST", "BLUE", "FAINT", "GRID", "ORANGE", "Shades", "draw_legend", "ink_on"]
