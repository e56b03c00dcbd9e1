"""Money: the ledger, positions, the account that fills change, closed trades, margins."""

from .account import AccountState, StateChange, VirtualAccount
from .ledger import Ledger, Posting, PostingKind
from .margin import MarginRules
from .position import Holding
from .trade_record import BacktestTradeRecord

# money
__all__ = ["AccountState", "Ledger", "Posting", "PostingKind", "StateChange", "VirtualAccount"]
# positions, and the record of their trades
__all__ += ["BacktestTradeRecord", "Holding"]
# what a position must keep
__all__ += ["MarginRules"]
