"""Draws the README's pictures of the web page: python scenarios/images/screenshots.py (needs the extras web and test).

It makes a market, serves it, runs two back-tests, and photographs the pages in a Chromium that is installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
DAYS = 120
#: A result is there: its chart, and the picture beside its figures.
SHOWN = "window.perpsim?.ready_ms && document.querySelector('.picture svg')"
PROGRAM = """class Swing:
    def init(self, params):
        self.low = params.get("low", 32)

    def should_trade(self, data):
        for symbol in ("BTC", "ETH"):
            rsi = data.get_indicator(symbol, "RSI14", "1h")
            if symbol in data.positions or not rsi or self.low < rsi["value"] < 100 - self.low:
                continue
            price = data.get_price(symbol)
            up = rsi["value"] <= self.low
            log(f"{symbol}: RSI {rsi['value']:.1f} at {price}")
            return Decision(
                operation="buy" if up else "sell",
                symbol=symbol,
                target_portion_of_balance=0.3,
                leverage=2,
                take_profit_price=price * (1.03 if up else 0.97),
                stop_loss_price=price * (0.98 if up else 1.02),
                reason=f"RSI {rsi['value']:.1f}",
            )
        return None
"""


def perpsim(*arguments: str) -> list[str]:
    """Return a command of perpsim."""
    return [sys.executable, "-m", "adapters", *arguments]


def run(url: str, **params: Any) -> int:
    """Run a back-test to its end and return its id."""
    body = {
        "code": PROGRAM,
        "symbols": ["BTC", "ETH"],
        "start_time": "2024-01-05T00:00:00Z",
        "end_time": "2024-04-25T00:00:00Z",
        "scheduled_interval": "15m",
        "params": params,
    }
    request = urllib.request.Request(
        f"{url}/api/backtests?stream=1", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        last = [line for line in answer.read().decode().splitlines() if line.startswith("data:")][-1]
    found: int = json.loads(last.removeprefix("data: "))["id"]
    return found


def photograph(page: Page, url: str, place: str, name: str, ready: str = "document.querySelector('h1')") -> None:
    """Show a page and write its picture."""
    page.goto(f"{url}/#/{place}")
    page.reload()
    while not page.evaluate(f"() => Boolean({ready})"):
        page.wait_for_timeout(100)
    page.wait_for_timeout(700)
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as drawn:  # a page has few colours
        drawn.convert("RGB").quantize(128).save(path, optimize=True)


def draw(url: str) -> None:
    """Run two back-tests on a server and photograph its pages."""
    first, second = run(url, low=32), run(url, low=25)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        light = browser.new_page(viewport={"width": 1280, "height": 880}, color_scheme="light", locale="en-GB")
        photograph(light, url, "new", "web_new", "document.querySelector('.cm-line')")
        photograph(light, url, f"results/{first}", "web_result", SHOWN)
        photograph(light, url, f"compare?ids={first},{second}", "web_compare", "window.perpsim?.compared")
        dark = browser.new_page(viewport={"width": 1280, "height": 940}, color_scheme="dark", locale="en-GB")
        photograph(dark, url, f"results/{first}", "web_result_dark", SHOWN)
        phone = browser.new_page(viewport={"width": 400, "height": 860}, color_scheme="light", locale="en-GB")
        photograph(phone, url, f"results/{first}", "web_phone", SHOWN)
        browser.close()


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/market.db"
        synth = perpsim("synth", "--database", database, "--symbol", "BTC", "--symbol", "ETH", "--days", str(DAYS))
        subprocess.run(synth, check=True)
        subprocess.run(perpsim("database", "create", database), check=True)
        serve = perpsim("serve", "--database", database, "--port", "0")
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                draw(server.stdout.readline().split()[2])
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
