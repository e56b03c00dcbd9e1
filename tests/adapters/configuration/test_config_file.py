from __future__ import annotations

from pathlib import Path

import pytest

from adapters import ConfigFile, read_config_file
from adapters.configuration.config_file import parse_value
from engine import ConfigurationError, validate_program
from engine.program.language import LIVE_FORGETS

PROGRAM = """
class Nothing:
    def init(self, params):
        self.params = params

    def should_trade(self, data):
        return None
"""
CONFIG = """
strategy = "programs/nothing.py"
symbols = ["BTC", "ETH"]
start_time = 2024-01-01T00:00:00Z
end_time = "2024-02-01T00:00:00+00:00"
scheduled_interval = "1h"
fee_rate = 0.05

[params]
threshold = 30
names = ["a", "b"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "nothing.py").write_text(PROGRAM)
    (tmp_path / "backtest.toml").write_text(CONFIG)
    return tmp_path / "backtest.toml"


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_config_file(path, overrides)
    return [problem.replace(f"{path.parent}/", "") for problem in caught.value.problems]


def test_the_keys_are_the_fields_and_the_program_is_a_file_beside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    file = read_config_file(path)
    config = file.config
    assert isinstance(file, ConfigFile)
    assert (file.path, file.program) == (path, path.parent / "programs" / "nothing.py")
    assert (config.code, config.strategy) == (PROGRAM, None)
    assert (config.symbols, config.fee_rate, config.exchange) == (("BTC", "ETH"), 0.05, "hyperliquid")
    assert (config.start_ms, config.end_ms) == (1_704_067_200_000, 1_706_745_600_000)
    assert config.params == {"threshold": 30, "names": ["a", "b"]}


def test_the_program_may_stand_in_the_file_itself(path: Path) -> None:
    path.write_text(CONFIG.replace('strategy = "programs/nothing.py"', f'code = """{PROGRAM}"""'))
    file = read_config_file(path)
    assert file.config.code == PROGRAM.lstrip("\n")
    assert file.program == path


@pytest.mark.parametrize(
    ("override", "field", "value"),
    [
        ("initial_balance=500", "initial_balance", 500),
        ("fee_rate = 0.1", "fee_rate", 0.1),
        ("exchange=Binance", "exchange", "binance"),
        ('exchange="okx"', "exchange", "okx"),
        ('symbols=["SOL"]', "symbols", ("SOL",)),
        ("scheduled_interval=90", "scheduled_interval", 90),
        ("scheduled_interval=4h", "scheduled_interval", "4h"),
        ("start_time=2024-01-15T00:00:00Z", "start_ms", 1_705_276_800_000),
        ("params.threshold=25.5", "params", {"threshold": 25.5, "names": ["a", "b"]}),
        ("params.mode=fast", "params", {"threshold": 30, "names": ["a", "b"], "mode": "fast"}),
        ("params={}", "params", {}),
    ],
)
def test_an_override_takes_the_place_of_what_the_file_says(
    path: Path, override: str, field: str, value: object
) -> None:
    assert getattr(read_config_file(path, [override]).config, field) == value


def test_the_word_none_takes_an_optional_field_away(path: Path) -> None:
    given = ["venue=binance_um", "fee_model=tiers", "params.mode=none"]
    assert read_config_file(path, given).config.venue == "binance_um"
    config = read_config_file(path, [*given, "venue=none", "fee_model = none "]).config
    assert (config.venue, config.fee_model, config.params["mode"]) == (None, None, "none")
    assert any("intrabar: 'none' is not one of" in each for each in problems(path, "intrabar=none"))
    assert any("venue: 'none' is not one of" in each for each in problems(path, "venue='none'"))


def test_what_the_file_or_an_override_says_wins_over_the_profile(path: Path) -> None:
    path.write_text(CONFIG.replace("fee_rate", 'profile = "live"\nmax_leverage = 50\nfee_rate'))
    config = read_config_file(path, ["warm_up=hold"]).config
    assert (config.max_leverage, config.warm_up, config.schedule_mode) == (50, "hold", "after_trigger")


def test_the_last_override_counts(path: Path) -> None:
    assert read_config_file(path, ["fee_rate=1", "fee_rate=2"]).config.fee_rate == 2


def test_another_program_may_be_named(path: Path) -> None:
    (path.parent / "other.py").write_text(PROGRAM.replace("Nothing", "Other"))
    file = read_config_file(path, ["strategy=other.py"])
    assert file.program.name == "other.py"
    assert "class Other" in str(file.config.code)


def test_all_problems_come_at_once_and_each_names_its_place(path: Path) -> None:
    path.write_text(
        CONFIG.replace("fee_rate = 0.05", 'fee_rate = "low"\nslipage_percent = 0.1\nintrabar = "hopeful"')
        .replace('"2024-02-01T00:00:00+00:00"', "2024-02-01T00:00:00")
        .replace("nothing.py", "absent.py")
    )
    assert problems(path, "symbols=BTC", "params", "fees.maker=1", "zzz=3") == [
        "--set params: is not of the form key=value",
        "--set fees.maker=1: only params has keys of its own, as in params.NAME=VALUE",
        "backtest.toml: strategy: programs/absent.py cannot be read: No such file or directory",
        "backtest.toml: slipage_percent: there is no such field; did you mean slippage_percent?",
        "--set zzz=3: zzz: there is no such field",
        '--set symbols=BTC: symbols: \'BTC\' is no list of symbols such as ["BTC", "ETH"]',
        "backtest.toml: end_time: 2024-02-01 00:00:00 has no time zone: write it with an offset or Z, such as "
        "2024-01-31T00:00:00Z",
        "backtest.toml: fee_rate: 'low' is no finite number",
        "backtest.toml: intrabar: 'hopeful' is not one of pessimistic, optimistic, nearest_open",
    ]


def test_what_is_wrong_with_the_program_is_named_by_its_file_and_line(path: Path) -> None:
    (path.parent / "programs" / "nothing.py").write_text("import os\nimport math\nclass A:\n    pass\n")
    file = read_config_file(path)
    with pytest.raises(ConfigurationError) as caught:
        file.remarks(validate_program(str(file.config.code), "platform"))
    assert [line.replace(f"{path.parent}/", "").partition(" not ")[0] for line in caught.value.problems] == [
        "programs/nothing.py: line 1, column 1: imports are",
        "programs/nothing.py: line 1, column 1: there is no class with a method should_trade(self, data)",
        "programs/nothing.py: line 2, column 1: imports are",
    ]


def test_a_program_that_is_read_is_not_looked_at(path: Path) -> None:
    (path.parent / "programs" / "nothing.py").write_text("class A(:")
    assert read_config_file(path).config.code == "class A(:"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "backtest.toml: strategy: is required: the name of the program's file"),
        ("strategy = 7", "backtest.toml: strategy: 7 is no name of a file"),
        ("strategy = ' '", "backtest.toml: strategy: ' ' is no name of a file"),
        (
            "strategy = 'programs/nothing.py'\ncode = 'x'",
            "backtest.toml: strategy: give either strategy (a file) or code (source text), and only one",
        ),
    ],
)
def test_there_is_one_program(path: Path, text: str, problem: str) -> None:
    path.write_text(CONFIG.replace('strategy = "programs/nothing.py"', text))
    assert problems(path)[0] == problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"symbols = [", "backtest.toml: is no TOML: "),
        (b"symbols = ['\xff']", "backtest.toml: is no UTF-8 text (byte 13)"),
    ],
)
def test_a_file_that_is_no_toml(path: Path, content: bytes, problem: str) -> None:
    path.write_bytes(content)
    found = problems(path)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path / "backtest.toml") == ["backtest.toml: cannot be read: No such file or directory"]


def remarks(path: Path, *overrides: str) -> list[str]:
    file = read_config_file(path, overrides)
    return file.remarks(validate_program(str(file.config.code)))


def test_params_that_nobody_takes_are_remarked(path: Path) -> None:
    program = path.parent / "programs" / "nothing.py"
    program.write_text("class Nothing:\n    def should_trade(self, data):\n        return None\n")
    said = "line 2, column 5: the class has no init(self, params)"
    assert remarks(path) == [f"{program}: {said}, so params are not used"]
    assert remarks(path, "params={}") == []


COUNTS = """
class Counts:
    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        return Decision("hold", "BTC", str(self.count))
"""


def test_what_live_would_forget_is_remarked_unless_somebody_chose_the_lifetime(path: Path) -> None:
    program = path.parent / "programs" / "nothing.py"
    program.write_text(COUNTS)
    (said,) = remarks(path)
    assert said == f"{program}: line 7, column 9: self.count is kept from one trigger to the next ({LIVE_FORGETS})"
    for chosen in ("strategy_lifetime=run", "strategy_lifetime=trigger", "profile=live"):
        assert remarks(path, chosen) == []
    assert remarks(path, "profile=live", "strategy_lifetime=run") == []


def test_every_other_warning_is_remarked_as_it_is(path: Path) -> None:
    program = path.parent / "programs" / "nothing.py"
    program.write_text(PROGRAM + PROGRAM.replace("Nothing", "Second"))
    said = f"{program}: line 13, column 5: another class with should_trade: the first one counts"
    assert remarks(path) == remarks(path, "params={}") == [said]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("True", "True"),
        ('"1"', "1"),
        ("[1, 2]", [1, 2]),
        ("BTC", "BTC"),
        ("", ""),
        ("1\nfee_rate = 2", "1\nfee_rate = 2"),
        ("a=b", "a=b"),
        ("none", "none"),
    ],
)
def test_values_are_toml_or_text(text: str, value: object) -> None:
    parsed = parse_value(text)
    assert (parsed, type(parsed)) == (value, type(value))
