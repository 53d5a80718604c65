"""What the lanes of Python have in common: a table of rows, and a count of those that hold."""

import json


class Mismatch(Exception):
    """What came is not what the row says."""


def expect(condition, what):
    if not condition:
        raise Mismatch(what)


def read_table(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def run_all(title, tests):
    """Runs pairs of an id and a function, and prints those that fail; the last line is `N passed, N failed`. The answer
    is the exit code."""
    failed = 0
    for name, test in tests:
        try:
            test()
        except Exception as problem:  # whatever stops a row, it is the row that failed
            failed += 1
            print(f"not ok  {name}: {type(problem).__name__}: {problem}")
    print(title)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0
