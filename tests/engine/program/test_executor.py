"""What a program logs: texts that are nothing but texts."""

from engine.program import MAX_LOG_LENGTH, MAX_LOG_LINES, ProgramLog


class Liar(str):
    def __str__(self):
        return self

    def join(self, parts):
        return self

    def replace(self, old, new):
        return ["not", "a", "text"]

    def isprintable(self):
        return True


class Shown:
    def __str__(self):
        return Liar("shown")


def test_texts_of_classes_of_a_programs_own_are_kept_as_plain_ones():
    log = ProgramLog()
    log.write(Liar("x"))
    log.write("a", Shown(), sep=Liar("-"))
    log.write("b", "c", sep=Shown())
    lines = log.take()
    assert lines == ("x", "a-shown", "bshownc")
    assert {type(line) for line in lines} == {str}


def test_it_keeps_so_many_lines_of_such_a_length():
    log = ProgramLog()
    for _ in range(MAX_LOG_LINES + 5):
        log.write("y" * (MAX_LOG_LENGTH + 1))
    lines = log.take()
    assert len(lines) == MAX_LOG_LINES + 1
    assert (len(lines[0]), lines[-1]) == (MAX_LOG_LENGTH, "... 5 more lines")
    assert log.take() == ()
