"""Money: the ledger, positions, the account that fills change, closed trades, margins."""

from .account import VirtualAccount
from .changes import AccountState, StateChange, StateChanges
from .ledger import Ledger, Posting, PostingKind
from .margin import MarginRules
from .position import WHOLE, Holding
from .trade_record import BacktestTradeRecord, Closing, Excursion
from .trade_records import TradeRecords

# money
__all__ = ["AccountState", "Ledger", "Posting", "PostingKind", "StateChange", "StateChanges", "VirtualAccount"]
# positions, and what comes of closing them
__all__ += ["WHOLE", "BacktestTradeRecord", "Closing", "Excursion", "Holding", "TradeRecords"]
# what a position must keep
__all__ += ["MarginRules"]
