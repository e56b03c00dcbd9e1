"""Drills: new things written as a user would, to see how many files each touches.

What a drill adds stands in its own test file, as in a user's own modules; its docstring counts the files that a user
writes or edits. Each runs jailed too, or is refused before the run with a sentence.
"""
