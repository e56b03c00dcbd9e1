"""Money: the ledger, positions, the account that fills change, closed trades, margins."""

from .account import AccountState, StateChange, VirtualAccount
from .ledger import Ledger, Posting
from .margin import MarginRules
from .position import Holding
from .trade_record import BacktestTradeRecord

__all__ = [
    # account
    "AccountState",
    "StateChange",
    "VirtualAccount",
    # ledger
    "Ledger",
    "Posting",
    # margin
    "MarginRules",
    # position
    "Holding",
    # trade record
    "BacktestTradeRecord",
]
