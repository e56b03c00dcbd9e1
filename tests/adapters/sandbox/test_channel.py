"""A worker that has broken out of everything but its jail, and writes to its parent what it likes."""

import json
import re

import pytest

from adapters.sandbox.frame import MOST_FRAME_BYTES
from tests.support.attacks import attempt, program
from tests.support.sandboxes import jailed

#: Finds the worker's channel, and writes frames to it in the worker's place.
CHANNEL = """
import gc, json, os
channel = next(each for each in gc.get_objects() if type(each).__name__ == "Channel")
def put(payload):
    content = len(payload).to_bytes(4, "little") + payload
    while content:
        content = content[os.write(channel._results, content):]
def ask(*name):
    if name not in asked:
        asked.add(name)
        say("part", name=list(name))
        channel.receive()
asked = set()
def say(kind, **values):
    put(json.dumps({"kind": kind, **values}).encode())
"""
UNBELIEVABLE = "its report cannot be believed"
BUY = {"operation": "buy", "symbol": "X", "target_portion_of_balance": 0.5, "leverage": 2}


def decided(**values):
    """The frame of a decision, some of whose values are others."""
    return f"put({json.dumps({'kind': 'answer', 'decision': BUY | values})!r}.encode())"


#: What is written in the place of an answer, and what is then said of it.
FORGED = {
    "an unknown kind": ("say('done', equity=1e9)", f"{UNBELIEVABLE}: a frame 'done' instead of 'answer'"),
    "another stage": ("say('locked')", f"{UNBELIEVABLE}: a frame 'locked'"),
    "being ready again": ("say('ready')", f"{UNBELIEVABLE}: a frame 'ready'"),
    "having started again": ("say('started')", f"{UNBELIEVABLE}: a frame 'started'"),
    "problems of the text": ("say('problems', problems=[])", f"{UNBELIEVABLE}: a frame 'problems'"),
    "a kind of control characters": ("say('\\x1b[2J\\n' * 99)", r"a frame '\\\\x1b\[2J\\\\n"),
    "a kind that is no text": ("put(b'{\"kind\": [1]}')", "a frame without a kind"),
    "a list": ("put(b'[[]]')", "a frame without a kind"),
    "no JSON": ("put(b'\\x80\\x04K\\x01.')", "a frame that is no JSON"),
    "two values in one frame": ("put(b'{\"kind\":\"answer\"}{}')", "a frame that is no JSON"),
    "two keys of one name": (
        "put(b'{\"kind\":\"answer\",\"kind\":\"other\"}')",
        f"{UNBELIEVABLE}: a frame 'other'",
    ),
    "the longest length": ("os.write(channel._results, b'\\xff\\xff\\xff\\xff')", "it reported 4,294,967,295 bytes"),
    "a length just too large": (
        f"os.write(channel._results, ({MOST_FRAME_BYTES} + 1).to_bytes(4, 'little'))",
        "it reported 4,194,305 bytes at once",
    ),
    "a frame that never ends": (
        f"os.write(channel._results, ({MOST_FRAME_BYTES}).to_bytes(4, 'little') + b' ' * 99); channel.receive()",
        "TimeLimit|could not be interrupted",
    ),
    "a frame byte by byte": (
        "while True: os.write(channel._results, b'\\0\\0\\x10\\0' if not data.positions else b' ')",
        "TimeLimit|could not be interrupted|no JSON",
    ),
    "deep lists": ("put(b'[' * 500_000)", "a frame that is no JSON"),
    "deep objects": ("put(b'{\"kind\":' * 90_000)", "a frame that is no JSON"),
    "deep lists in a field": (
        "put(b'{\"kind\":\"answer\",\"logs\":' + b'[' * 900 + b']' * 900 + b'}')",
        "a text that is none",
    ),
    "a number of many digits": ("put(b'{\"kind\":\"answer\",\"logs\":' + b'9' * 99_999 + b'}')", "a frame that is no JSON"),
    "not a number": ("put(b'{\"kind\":\"answer\",\"decision\":NaN}')", "a frame that is no JSON"),
    "an infinite number": (
        "put(b'{\"kind\":\"answer\",\"decision\":' + json.dumps(dict(operation='buy', symbol='X', leverage=0)).replace('0', '1e999').encode() + b'}')",
        "a number that is not finite",
    ),
    "a decision with too few values": ("say('answer', decision={'operation': 'buy'})", "a decision of other values"),
    "a decision with a value too many": (decided(cash=1e9), "a decision of other values"),
    "a decision with a value of no name": (decided(**{"": 1}), "a decision of other values"),
    "a decision that is a list": ("say('answer', decision=['buy', 'X'])", "a decision of other values"),
    "a decision that is a number": ("say('answer', decision=7)", "a decision of other values"),
    "an object in a decision": (decided(reason={"float": "1"}), "an object in a decision"),
    "a list in a decision": (decided(symbol=["X"]), "a list in a decision"),
    "a lone surrogate in a decision": (decided(reason="\ud800"), "a text that is no text"),
    "a text without end in a decision": (
        f"say('answer', decision={BUY!r} | {{'reason': 'r' * 200_000}})", "a text that is none, or too long"),
    "an error that is no text": ("say('answer', error={'a': 1})", "a text that is none"),
    "an error of a lone surrogate": ("say('answer', error='\\udfff')", "a text that is no text"),
    "an error of many lines": ("say('answer', error='a\\nb\\x1b[2J\\u2028c')", r"a\\nb\\x1b\[2J\\u2028c"),
    "an error without end": ("say('answer', error='e' * 100_000)", "a text that is none, or too long"),
    "logs that are no list": ("say('answer', logs='abc')", "a list that is none"),
    "too many lines": ("say('answer', logs=[''] * 500)", "a list that is none, or too long"),
    "a line without end": ("say('answer', logs=['x' * 100_000])", "a text that is none, or too long"),
    "a line of a lone surrogate": ("say('answer', logs=['\\ud83d'])", "a text that is no text"),
    "names that are none": ("say('answer', read=[1])", "a text that is none"),
    "queries of another form": ("say('answer', queries=[{'query': 'a'}])", "a query of another form"),
    "a query without a name": (
        "say('answer', queries=[{'query': 5, 'arguments': [], 'answer': 1}])",
        "a text that is none",
    ),
    "a query's answer that nests": (
        "say('answer', queries=[{'query': 'a', 'arguments': [], 'answer': [[[[[[[[1]]]]]]]]}])",
        "a value that nests too deeply",
    ),
    "a query's argument that is a list": (
        "say('answer', queries=[{'query': 'a', 'arguments': [[1]], 'answer': 1}])",
        "a value that nests too deeply",
    ),
    "a key of a lone surrogate in a query": (
        "say('answer', queries=[{'query': 'a', 'arguments': [], 'answer': {'\\ud800': 1}}])",
        "a text that is no text",
    ),
    "an unanswered query that was asked less than once": ("say('answer', news=[['a', 'b', -5]])", "another form"),
    "an unanswered query that was asked half a time": ("say('answer', news=[['a', 'b', 0.5]])", "another form"),
    "an indicator that is not too short": ("say('answer', short=[['X', 'MA5', '1m', data.timestamp + 3_600_000]])", "is not too short"),
    "an indicator of no symbol": ("say('answer', short=[['Y', 'MA5', '1m', 0]])", "is not too short"),
    "a time before the first one": ("say('answer', short=[['X', 'MA5', '1m', -1]])", "a time that is none"),
    "a record that is no list": ("say('answer', recorded=[5])", "a recorded value of another form"),
    "a record without a value": ("say('answer', recorded=[['a']])", "a recorded value of another form"),
    "a record that is a text": ("say('answer', recorded=[['a', '1.0']])", "a recorded value of another form"),
    "a record that is a whole number": ("say('answer', recorded=[['a', 10 ** 400]])", "a recorded value of another form"),
    "a record that is infinite": (
        "put(b'{\"kind\":\"answer\",\"recorded\":[[\"a\",1e999]]}')",
        r"record\('a', \.\.\.\): inf is not a finite number",
    ),
    "a record without a name": ("say('answer', recorded=[['', 1.0]])", "is no name of 1 to 80"),
    "a record with a long name": ("say('answer', recorded=[['a' * 81, 1.0]])", "a text that is none, or too long"),
    "too many records": ("say('answer', recorded=[['a', 1.0]] * 51)", "a list that is none, or too long"),
    "too many series": (
        "say('answer', recorded=[['%d %d' % (n, data.timestamp), 1.0] for n in range(50)])",
        "a program may keep 50 series",
    ),
    "a part without a name": ("say('part')", "a part without a name"),
    "a part that is an object": ("say('part', name={'a': 1})", "a part without a name"),
    "a part of lists": ("say('part', name=[['closes'], 'X'])", "a part without a name"),
    "a part of truth values": ("say('part', name=['closes', 'X', True])", "a part without a name"),
    "an unknown part": ("say('part', name=['future', 'X'])", "no market has a part"),
    "a part of an unknown symbol": ("say('part', name=['closes', 'Y\\n', 60000])", "the market has no symbol"),
    "a part asked for again": (
        "say('part', name=['closes', 'X', 7]); channel.receive(); say('part', name=['closes', 'X', 7])",
        "a part that is there already",
    ),
    "a part whose name is long": ("say('part', name=['future' * 99_999])", "no market has a part"),
    "a metric that nobody made": ("say('metric', name=['X', 'CVD', 60000])", "a metric that nobody has made"),
    "a metric that is a number": ("say('metric', name=7)", "a metric that nobody has made"),
}  # fmt: skip


@jailed
@pytest.mark.parametrize(("statement", "expected"), FORGED.values(), ids=FORGED)
def test_a_forged_answer_ends_the_run_with_one_sentence(statement, expected, attacked):
    result = attempt(program(f"{statement}\nchannel.receive()", CHANNEL), attacked, record_queries=True)
    assert result.word in ("killed", "stopped", "timed out")
    assert_says(expected, result.said)


def assert_says(expected, said):
    assert re.search(expected, said.partition("\n")[0]), said[:500]


HUGE = {"10**4000": 10**4000, "-10**4000": -(10**4000), "10**400": 10**400, "10**308": 10**308, "-1e308": -1e308}
NUMBERS = (
    "target_portion_of_balance leverage max_price min_price take_profit_price stop_loss_price trailing_stop_percent "
    "max_holding_seconds"
).split()


@jailed
@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_a_forged_number_of_any_size_is_a_rejection_or_the_end_of_the_run(value, attacked):
    for name in NUMBERS:
        result = attempt(program(f"{decided(**{name: value})}\nchannel.receive()", CHANNEL), attacked)
        assert result.word in ("killed", "rejected", "harmless"), (name, result)
        assert len(result.said) < 2_000


#: What is written beside an answer, and what is then said of the run: None where nothing comes of it.
BESIDE = {
    "an answer before the question": ("put(b'')", None),
    "two answers": ("say('answer'); put(b'')", None),
    "a hundred thousand answers": ("for _ in range(100_000): put(b'')", None),
    "a part that does not come to anything": ("ask('closes', 'X', 7)", None),
    "a part of an absurd period": ("ask('closes', 'X', 10 ** 99)", None),
    "a part of a negative period": ("ask('closes', 'X', -60000)", None),
    "a part of an absurd interval": (
        "ask('buckets', 'X', 'trades', 10 ** 30)",
        None,
    ),
    "a part of a private table": ("ask('rows', 'X', '__class__')", None),
    "a figure at a negative place": (
        "ask('whole', 'X', 'trades', 60000, 'CVD', -1)",
        None,
    ),
    "an indicator of an absurd length": (
        "ask('indicator', 'X', 60000, 'MA' + '9' * 4000)",
        None,
    ),
    "a question that is never read": ("for n in range(2_000): say('part', name=['closes', 'X', -n])", r"unexpectedly \(status 1\)"),
    "a closed pipe of answers": ("os.close(channel._results); channel.receive()", "its process ended unexpectedly|TimeLimit|killed"),
    "a closed pipe of questions": ("os.close(channel._requests)", "it was killed from outside|unexpectedly"),
    "a closed pipe of errors": ("if not asked: asked.add(1); os.close(1); os.close(2)", None),
    "nonsense on the pipe of errors": ("os.write(2, bytes(range(256)) * 100)", None),
    "a place of many digits": (
        "os.write(2, b'most recent call first\\n  File \"<program>\", line ' + b'9' * 9_000 + b'\\n'); put(b'[]'); channel.receive()",
        "a frame without a kind",
    ),
    "a place that is none": (
        "os.write(2, b'most recent call first\\n  File \"<program>\", line 0x7\\n'); put(b'[]'); channel.receive()",
        "a frame without a kind",
    ),
    "a last word with control characters": (
        "os.write(2, b'\\x1b[2J\\x07bye\\xff'); os._exit(3)",
        r"its process ended unexpectedly \(status 3\): .*bye",
    ),
    "a flood of errors": ("while True: os.write(2, b'e' * 9_999)", "TimeLimit|could not be interrupted"),
    "a question for orders": ("say('orders'); channel.receive()", None),
    "a question for orders by a name": ("say('orders', name=[{'a': 1}]); channel.receive()", None),
    "a flood of questions for orders": ("while True: say('orders'); channel.receive()", "a question for orders again and again"),
    "questions for orders that are never read": ("while True: say('orders')", "a question for orders again and again"),
    "a flood of parts": ("n = 0\nwhile True: n += 1; say('part', name=['closes', 'X', -n]); channel.receive()",
                         "more than 5,000 different columns|TimeLimit"),
    "columns without end": (
        "for n in range(2, 99_999): data.get_indicator('X', f'MA{n}', '1m')",
        "MB of indicators|more than 5,000 different columns|TimeLimit",
    ),
    "a message that is marshalled": (
        "import marshal; put(marshal.dumps(('answer',)))",
        "a frame that is no JSON",
    ),
}  # fmt: skip


@jailed
@pytest.mark.parametrize(("statement", "expected"), BESIDE.values(), ids=BESIDE)
def test_what_is_written_beside_an_answer_does_no_harm(statement, expected, attacked):
    result = attempt(program(statement, CHANNEL), attacked)
    if expected is None:
        assert result.word == "harmless", result
    else:
        assert result.word in ("killed", "timed out")
        assert_says(expected, result.said)
