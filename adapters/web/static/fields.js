// The fields of a configuration as a form: what they are called, what may stand in them, what they mean.

const PERIODS = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"];

export const MONEY = [
  ["initial_balance", "Initial balance, USD", 10000, "What the account starts with"],
  ["slippage_percent", "Slippage, %", 0.05, "Buys pay so much more, sells get so much less"],
  ["fee_rate", "Fee, % per side", 0.035, "Of the notional of every fill"],
  ["maker_fee_rate", "Maker fee, %", "", "Of resting fills; empty: the same fee"],
];

export const CHOICES = [
  ["execution_price", "Market orders fill at", ["close", "open", "vwap"], "The price now, the next kline's open, or its mean price"],
  ["intrabar", "Kline touches TP and SL", ["pessimistic", "optimistic", "nearest_open"], "Which of the two is taken first"],
  ["bracket_execution", "TP and SL fill as", ["market", "limit", "as_decided"], "With slippage and fee, or at the trigger price with the maker fee"],
  ["fill_on", "Resting orders fill when", ["through", "touch"], "A kline trades through the limit, or touches it"],
  ["watch_period", "TP and SL watched on", ["1m", "15s"], "Klines, or the 15-second rows"],
  ["base_period", "Base period", PERIODS, "Which klines stand for minutes"],
  ["schedule_mode", "Schedule", ["grid", "after_trigger"], "At fixed times, or so long after the last trigger"],
  ["on_strategy_error", "When the program raises", ["stop", "hold"], "End the run, or count it and go on"],
  ["strategy_lifetime", "One object lives for", ["run", "trigger"], "The whole run, or one trigger"],
];

export const NUMBERS = [
  ["mark_stale_ms", "Mark price may be old, ms", 60000, "Older ones are not used"],
  ["price_stale_ms", "Last close may be old, ms", "", "To trade at it; empty: ten base periods"],
];

export const INTERVALS = ["", ...PERIODS];
