"""What others import from the room of the page; `__init__.py` imports it when it is first used."""

# its curves
from .curves import CurveReader as CurveReader
from .curves import Window as Window

# the page of a result
from .framed_page import FramedPage as FramedPage
from .framed_page import ResultPage as ResultPage
from .framed_page import result_page as result_page
from .framed_page import show_in_browser as show_in_browser
from .framed_page import stored_page as stored_page

# what it is made of, for other pages in a file
from .html_page import deflated_json as deflated_json
from .html_page import file_page as file_page
from .page_scripts import STATIC as STATIC
from .page_scripts import bundled as bundled
from .page_styles import page_style as page_style
from .page_words import vocabulary as vocabulary

# what it shows, for a page that a server gives, too
from .prices import MOST_POINTS as MOST_POINTS
from .prices import KlineReader as KlineReader
from .prices import NotStored as NotStored
from .prices import with_prices as with_prices
from .result_reader import ResultReader as ResultReader
from .row_reader import RowReader as RowReader
from .summary_picture import summary_html as summary_html
from .trades import MarkReader as MarkReader

# what led to something in it, and which triggers are meant
from .trades import explain_result as explain_result
from .trades import shown_explanation as shown_explanation
from .wanted_triggers import TriggerSort as TriggerSort
from .wanted_triggers import WantedTriggers as WantedTriggers
