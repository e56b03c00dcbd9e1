"""Names in programs: which may be used, and what to do about those that may not."""

from __future__ import annotations

from .. import PRIVATE_MARK, WITHOUT_IMPORTS

#: What the compiled program calls; no source text can name them.
WRITE = "write" + PRIVATE_MARK
TYPE_NAME = "type_name" + PRIVATE_MARK

#: Methods with a meaning of their own that a class of a program may define.
SPECIAL_METHODS = frozenset(
    "__init__ __repr__ __str__ __bool__ __len__ __getitem__ __setitem__ __delitem__ __contains__ __iter__ __next__ "
    "__call__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __add__ __sub__ __mul__ __truediv__ __neg__".split()
)

#: Bases that a class of a program may have beside classes of its own.
BASES = frozenset(
    "object Strategy Exception ArithmeticError AttributeError IndexError KeyError LookupError NotImplementedError "
    "OverflowError RuntimeError TypeError ValueError ZeroDivisionError".split()
)

FORBIDDEN_CALLS = frozenset(
    "eval exec compile open input globals locals vars dir getattr setattr delattr hasattr breakpoint exit quit "
    "memoryview help".split()
)
EXIT_EXCEPTIONS = frozenset({"BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"})

_INSPECTION = (
    "f_back f_builtins f_code f_generator f_globals f_lasti f_lineno f_locals f_trace f_trace_lines f_trace_opcodes "
    "tb_frame tb_lasti tb_lineno tb_next gi_frame gi_code gi_running gi_suspended gi_yieldfrom cr_await cr_code "
    "cr_frame cr_origin cr_running cr_suspended ag_await ag_code ag_frame ag_running ag_suspended co_code co_consts "
    "co_names co_varnames co_freevars co_cellvars co_filename co_name co_qualname co_firstlineno co_lines co_positions "
    "func_globals func_code fget fset fdel mro"
).split()
#: The way out of everything that the platform refuses.
OTHER_LANGUAGE = 'language = "python" allows it'

_FORMAT_HINT = 'use an f-string: f"{price:.2f}"'

#: Attributes that no program may use, each with what to do instead.
DENIED_ATTRIBUTES = {
    **dict.fromkeys(_INSPECTION, ""),
    "format": _FORMAT_HINT,
    "format_map": _FORMAT_HINT,
    "obj": "give the attribute another name",
    "with_traceback": "raise the error as it is",
}

#: What to do about a name that is not there.
MISSING_NAME_HINTS = {
    **dict.fromkeys(("getattr", "hasattr"), "set the attribute in init and read it as self.name"),
    **dict.fromkeys(("setattr", "delattr"), "write self.name = value"),
    **WITHOUT_IMPORTS,
    **dict.fromkeys(EXIT_EXCEPTIONS, "use Exception"),
}
