// The figures of a result: what they are called, how they look, and what they mean.

import { count, number, percent } from "./format.js";

const usd = (value) => number(value, 2);
const signed = (value) => number(value, 2, true);

export const MAIN = [
  ["total_pnl", "Net PnL, USD", signed, "Final equity - initial balance = price PnL - fees + funding", true],
  ["total_pnl_percent", "Net return", (value) => percent(value, true), "Net PnL in percent of the initial balance", true],
  ["final_equity", "Final equity, USD", usd, "Cash plus unrealised profit at the end"],
  ["max_drawdown_percent", "Largest drawdown", percent, "The deepest fall from a peak of the minute curve, in percent of that peak"],
  ["max_drawdown", "Drawdown, USD", usd, "The deepest fall in USD; it may be another one than that in percent"],
  ["sharpe_ratio", "Sharpe ratio", number, "Mean / sample deviation of the returns between 00:00 UTC marks, risk-free 0, × √365"],
  ["sortino_ratio", "Sortino ratio", number, "Mean / root of the mean squared negative return, × √365"],
  ["calmar_ratio", "Calmar ratio", number, "Return a year / largest drawdown in percent"],
  ["profit_factor", "Profit factor", number, "Sum of wins / sum of losses; none without a loss"],
  ["win_rate", "Win rate", percent, "Closed trades with a net PnL above 0, in percent of all"],
  ["total_trades", "Closed trades", count, "One for each closing fill"],
  ["fees_paid", "Fees, USD", usd, "Of all fills"],
];

export const MORE = [
  ["price_pnl", "Price PnL, USD", signed, "From prices alone, open positions included", true],
  ["unrealized_pnl", "Unrealised, USD", signed, "Of the positions that are open at the end", true],
  ["funding_received", "Funding, USD", signed, "Received (+) or paid (-)", true],
  ["worst_intrabar_equity", "Lowest equity in a kline, USD", usd, "With every position marked at the worst price of each kline"],
  ["avg_win", "Average win, USD", usd, "Mean net PnL of the winning trades"],
  ["avg_loss", "Average loss, USD", usd, "Mean net PnL of the losing trades"],
  ["largest_win", "Largest win, USD", usd, "The best trade, net"],
  ["largest_loss", "Largest loss, USD", usd, "The worst trade, net"],
  ["annual_return_percent", "Return a year", (value) => percent(value, true), "The growth over the run, compounded to 365 days", true],
  ["annual_volatility_percent", "Volatility a year", percent, "Sample deviation of the daily returns × √365"],
  ["exposure_percent", "In the market", percent, "Share of minutes with an open position"],
  ["turnover_ratio", "Turnover", (value) => `${number(value, 1)} ×`, "Traded notional / initial balance"],
  ["total_triggers", "Triggers", count, "How often the program was called"],
  ["ambiguous_klines", "Ambiguous klines", count, "Klines that touched take-profit and stop-loss both"],
  ["execution_time_ms", "Run time", (value) => (value === null || value === undefined ? "–" : `${number(value / 1000, 2)} s`), "On this machine"],
];
