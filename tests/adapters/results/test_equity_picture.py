from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adapters.output.picture as picture
from adapters import draw_equity
from adapters.results import equity_picture
from engine import BacktestConfig, BacktestResult, DataError, Decision, KlineColumns, MarketData, MarketHistory
from processes import ProgramBacktestEngine
from tests.conftest import ROOT
from tests.support.klines import START_MS, random_klines

pytest.importorskip("matplotlib")

MINUTE = 60_000


class TurnRound:
    """Long and short by turns."""

    def should_trade(self, data: MarketData) -> Decision | None:
        side = "sell" if data.positions and data.positions["BTC"].side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5)


class Nothing:
    def should_trade(self, data: MarketData) -> Decision | None:
        return None


def market(minutes: int) -> MarketHistory:
    return MarketHistory.from_klines({"BTC": random_klines(minutes), "ETH": random_klines(minutes, seed=2)})


def run(strategy: type, history: MarketHistory, minutes: int, interval: int = 3600) -> BacktestResult:
    config = BacktestConfig(
        strategy=strategy,
        symbols=list(history.symbols),
        start_time=START_MS,
        end_time=START_MS + minutes * MINUTE,
        scheduled_interval=interval,
    )
    return ProgramBacktestEngine(history).run(config)


@pytest.mark.parametrize(
    ("ending", "begin"), [("png", b"\x89PNG\r\n"), ("svg", b"<?xml"), ("pdf", b"%PDF-"), ("PNG", b"\x89PNG\r\n")]
)
def test_the_ending_of_the_name_decides_the_format(tmp_path: Path, ending: str, begin: bytes) -> None:
    history = market(600)
    path = tmp_path / f"equity.{ending}"
    draw_equity(run(TurnRound, history, 600), history, path, "a title")
    assert path.read_bytes().startswith(begin)


@pytest.mark.parametrize("name", ["equity", "equity.bmp", "equity.png.gz"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    history = market(60)
    with pytest.raises(DataError, match=r"it must end in \.png, \.svg, \.pdf"):
        draw_equity(run(Nothing, history, 60, 60), history, tmp_path / name, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_drawn() -> None:
    history = market(6_000)
    result = run(TurnRound, history, 6_000, 6 * 3600)
    above, below, price, _ = equity_picture._figure(result, history, "a.png", "a title").axes
    lines = {line.get_label(): line for line in above.get_lines()}
    assert list(lines) == ["BTC bought and held", "ETH bought and held", "equity"]
    drawn = np.asarray(lines["equity"].get_ydata())
    assert len(drawn) <= equity_picture._MOST_POINTS
    assert (drawn[0], drawn[-1]) == (result.initial_balance, result.final_equity)
    assert (drawn.min(), drawn.max()) == (result.equity.equity.min(), result.equity.equity.max())
    held = np.asarray(lines["BTC bought and held"].get_ydata())
    whole = history.symbols["BTC"].base.columns.close
    assert held[-1] / held[0] == pytest.approx(whole[-1] / whole[0])
    assert marked(price) == {
        "long entry": {(each.entry_timestamp, each.entry_price) for each in result.trades if each.side == "long"}
        | {(each["opened_at"], each["entry_price"]) for each in result.open_positions if each["side"] == "long"},
        "short entry": {(each.entry_timestamp, each.entry_price) for each in result.trades if each.side == "short"}
        | {(each["opened_at"], each["entry_price"]) for each in result.open_positions if each["side"] == "short"},
        "exit": {(each.exit_timestamp, each.exit_price) for each in result.trades},
    }
    assert price.get_title("left") == f"BTC: {len(result.trades)} closed trades"
    assert np.asarray(below.get_lines()[0].get_ydata()).min() == pytest.approx(-result.max_drawdown_percent)
    assert (above.get_ylabel(), below.get_ylabel(), price.get_ylabel()) == ("equity (USD)", "drawdown (%)", "BTC price")
    assert {axes.get_yscale() for axes in (above, below, price)} == {"linear"}
    assert "a title" in {text.get_text() for text in above.texts}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["dips of many.py", r"in $\frac$.py", "M" * 300])
def test_a_title_is_text_and_no_wider_than_the_picture(name: str, tmp_path: Path) -> None:
    history = market(60)
    title = f"{name}: {', '.join(f'LONGNAME{number}' for number in range(40))}"
    figure = equity_picture._figure(run(Nothing, history, 60, 60), history, "a.png", title)
    picture.save_figure(figure, tmp_path / "a.png")
    (written,) = (text for text in figure.axes[0].texts if text.get_text().startswith(name[:20]))
    assert written.get_text().endswith("...")
    assert written.get_window_extent().x1 <= figure.bbox.width


def marked(axes: Any) -> dict[str, set[tuple[int, float]]]:
    """What is marked in a panel, by its label: epoch ms and price."""
    from matplotlib.dates import num2date

    return {
        each.get_label(): {(round(num2date(at).timestamp() * 1000), float(price)) for at, price in each.get_offsets()}
        for each in axes.collections
        if not each.get_label().startswith("_")
    }


def test_of_many_trades_some_of_both_sides_are_marked_and_how_many_is_said() -> None:
    history = market(18_000)
    result = run(TurnRound, history, 18_000, 3600)
    price = equity_picture._figure(result, history, "a.png", "").axes[2]
    assert len(result.trades) == 299
    assert price.get_title("left") == "BTC: 60 of 299 closed trades are marked, spread evenly"
    marks = marked(price)
    assert len(marks["exit"]) == 60
    assert min(len(marks["long entry"]), len(marks["short entry"])) > 20
    exits = sorted(at for at, _ in marks["exit"])
    assert max(np.diff(exits)) < 12 * 60 * MINUTE  # everywhere
    assert {at for at, _ in marks["exit"]} <= {each.exit_timestamp for each in result.trades}


class Spread:
    """Trades E most, then D, then C; the others never."""

    def __init__(self) -> None:
        self.called = 0

    def should_trade(self, data: MarketData) -> Decision | None:
        self.called += 1
        symbol = next((name for name, every in (("C", 9), ("D", 5), ("E", 2)) if not self.called % every), None)
        if symbol is None:
            return None
        return Decision("close" if symbol in data.positions else "buy", symbol, target_portion_of_balance=0.1)


def test_of_many_symbols_those_that_were_traded_most_are_drawn() -> None:
    names = "ABCDEFG"
    history = MarketHistory.from_klines({name: random_klines(6_000, seed=place) for place, name in enumerate(names)})
    axes = equity_picture._figure(run(Spread, history, 6_000), history, "a.png", "").axes
    labels = [line.get_label() for line in axes[0].get_lines()]
    assert labels == [
        "E bought and held", "D bought and held", "C bought and held", "equity",
        "4 more symbols, traded no more, not drawn",
    ]  # fmt: skip
    assert [each.get_ylabel() for each in axes[2:]] == ["E price", "D price", "C price"]


@pytest.mark.parametrize(("factor", "scale"), [(3.0, "linear"), (5.0, "log")])
def test_a_wide_range_has_a_logarithmic_scale(factor: float, scale: str) -> None:
    steady = random_klines(600)
    rise = np.geomspace(1.0, factor / 1.02, 600) * 100.0 / steady.close
    columns = (each * rise for each in (steady.open, steady.high, steady.low, steady.close))
    history = MarketHistory.from_klines({"BTC": KlineColumns(MINUTE, steady.open_ms, *columns, steady.volume)})
    figure = equity_picture._figure(run(Nothing, history, 600), history, "a.png", "")
    above, below, price = figure.axes
    assert [each.get_yscale() for each in (above, below, price)] == [scale, "linear", scale]
    figure.canvas.draw()
    assert len([text for text in price.get_yticklabels() if text.get_text()]) > 2


class Recorder:
    """Records two series, one of them at half of the triggers."""

    def should_trade(self, data: MarketData) -> Decision | None:
        hour = data.timestamp // (60 * MINUTE)
        data.record("price", data.get_price("BTC"))
        if hour % 2:
            data.record("$x^2 and a name that is too long to be written", hour)
        return None


def test_each_recorded_series_has_a_panel_of_its_own_below(tmp_path: Path) -> None:
    history = market(6_000)
    result = run(Recorder, history, 6_000)
    figure = equity_picture._figure(result, history, "a.png", "a title")
    _, below, _, _, price, odd = figure.axes
    assert [each.get_ylabel() for each in (below, price, odd)] == [
        "drawdown (%)", "price", r"\$x^2 and a name that is ...",
    ]  # fmt: skip
    assert odd.get_xlabel() == "time (UTC)"
    assert np.asarray(price.get_lines()[0].get_ydata()).tolist() == result.records["price"].value.tolist()
    assert len(odd.get_lines()[0].get_ydata()) == 50
    assert figure.get_figheight() > 8
    draw_equity(result, history, tmp_path / "equity.svg", "a title")
    assert (tmp_path / "equity.svg").stat().st_size > 1_000


@pytest.mark.parametrize("minutes", [1, 2])
def test_a_run_of_a_minute_without_a_trade_can_be_drawn(tmp_path: Path, minutes: int) -> None:
    history = market(10)
    draw_equity(run(Nothing, history, minutes, 60), history, tmp_path / "equity.png", "")
    assert (tmp_path / "equity.png").stat().st_size > 1_000


def test_without_matplotlib_the_message_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = market(60)
    monkeypatch.setattr(picture, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'perpsim\[plot\]'"):
        draw_equity(run(Nothing, history, 60, 60), history, tmp_path / "equity.png", "")


def test_matplotlib_is_imported_only_for_a_picture() -> None:
    code = "import sys, adapters.commands.run_command; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
