"""The table of docs/reliability.md is whole: every case stands there once, and every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
#: The cases of each group: their letter, and how many there are.
GROUPS = {"S": 17, "H": 16, "B": 16, "R": 18, "D": 18, "T": 8, "P": 19, "V": 9, "M": 20, "A": 14}
ANSWERS = ["204", "400", "401", "404", "405", "408", "413", "503"]
HEADER = ["case", "what happens", "what must happen", "shown by"]

REFERENCE = r"`(?:tests/[\w/]+\.py::test_\w+|tests/bench/\w+\.py)`"
#: What every provider has to answer for, and the tests that run over all of them.
OF_EVERY_PROVIDER = [f"S{number}" for number in (1, 3, 4, 5, 6, 11, 12, 14, 16)]
OF_EVERY_PROVIDER += ["B1", "B2", "R1", "R3", "R7", "R9", "V1", "V2", "V3", "V4", "V5", "V6"]
OVER_ALL = re.compile(r"`tests/(providers/test_contract\w*|sandbox/test_over_http\w*|whole/test_providers)\.py::")

#: Tests, or why there is none; or tests, and why a part of the case has none.
SHOWN_BY = re.compile(rf"{REFERENCE}(, {REFERENCE})*(; not tested: .{{20,}})?|not tested: .{{20,}}")
NAMED = sorted(set(re.findall(r"`(tests/[^`]*)`", PAGE)))


def rows(heading: str) -> list[list[str]]:
    """Return the cells of each row of the table under a heading, its header first."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for line in section.splitlines() if line.startswith("|") and not line.startswith("|--")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def names_in(path: str) -> set[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {function.name for function in functions if function.name.startswith("test_")}


@pytest.mark.parametrize("letter", GROUPS)
def test_every_case_of_a_group_stands_there_once(letter: str) -> None:
    header, *cases = rows(rf"{[*GROUPS].index(letter) + 1}\. [^\n]+")
    assert header == HEADER
    ids = sorted((case[0] for case in cases), key=lambda name: (len(name), name))
    assert ids == [f"{letter}{number}" for number in range(1, GROUPS[letter] + 1)]


@pytest.mark.parametrize("letter", GROUPS)
def test_every_case_says_what_happens_what_must_and_which_tests_show_it_or_why_none(letter: str) -> None:
    for case in rows(rf"{[*GROUPS].index(letter) + 1}\. [^\n]+")[1:]:
        assert len(case) == len(HEADER), case
        assert all(case), case
        assert SHOWN_BY.fullmatch(case[-1]), case


def test_every_answer_of_the_endpoint_and_every_invariant_has_its_tests() -> None:
    answers, invariants = rows("What the endpoint answers")[1:], rows("What always holds")[1:]
    assert re.findall(r"\d{3}", " ".join(row[0] for row in answers)) == ANSWERS
    assert [row[0] for row in invariants] == [str(number) for number in range(1, 9)]
    for row in (*answers, *invariants):
        assert len(row) == 3, row
        assert SHOWN_BY.fullmatch(row[-1]), row


def test_what_every_provider_answers_for_is_shown_by_a_suite_that_runs_over_all_of_them() -> None:
    shown_by = dict(re.findall(r"^\| ([A-Z]\d+) \|.*\| ([^|]*) \|$", PAGE, re.MULTILINE))
    assert [case for case in OF_EVERY_PROVIDER if not OVER_ALL.search(shown_by[case])] == []


@pytest.mark.parametrize("named", NAMED)
def test_everything_it_names_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert (ROOT / path).exists()
    if name:
        assert Path(path).name.startswith("test_")  # or it would never be run
        assert name in names_in(path)
