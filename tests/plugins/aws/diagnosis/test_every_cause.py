"""Nobody adds a cause without a test that produces it: the tests' own text is read for what they assert.

A cause counts as produced where its id stands in an assertion (or in a call of an `assert_...` function), or among
the parameters of a test whose parameter of that place is asserted upon.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from openvna.plugins.aws.causes import CATALOGUE

TESTS = Path(__file__).parents[3]


def ids(node: ast.AST) -> set[str]:
    """The ids of causes that stand in a piece of code, as whole texts."""
    found = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return found & set(CATALOGUE)


def assertions(function: ast.AST) -> Iterator[ast.AST]:
    """The assertions of a function, and its calls of functions that assert."""
    for each in ast.walk(function):
        if isinstance(each, ast.Assert):
            yield each.test
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id.startswith("assert_"):
            yield each


def asserted(function: ast.FunctionDef, module: dict[str, ast.AST]) -> set[str]:
    """The ids that a test asserts: by themselves, or by way of its parameters."""
    within = list(assertions(function))
    found = set().union(*(ids(each) for each in within)) if within else set()
    names = {each.id for node in within for each in ast.walk(node) if isinstance(each, ast.Name)}
    for name in names & set(module):
        found |= ids(module[name])
    for decorator in function.decorator_list:
        if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.parametrize"):
            continue
        given = ast.literal_eval(decorator.args[0])
        parameters = [each.strip() for each in given.split(",")] if isinstance(given, str) else list(given)
        for case in cases(decorator.args[1], module):
            values = case.elts if isinstance(case, ast.Tuple) and len(parameters) > 1 else [case]
            for parameter, value in zip(parameters, values, strict=False):
                found |= ids(value) if parameter in names else set()
    return found


def cases(values: ast.AST, module: dict[str, ast.AST]) -> Iterator[ast.AST]:
    """The single cases of a parametrisation: of a list, a dict's values, or what a name of the module stands for."""
    if isinstance(values, ast.Name) and values.id in module:
        yield from cases(module[values.id], module)
    elif isinstance(values, ast.List | ast.Tuple | ast.Set):
        for each in values.elts:
            yield from cases(each.value, module) if isinstance(each, ast.Starred) else [_case(each)]
    elif isinstance(values, ast.BinOp):
        yield from cases(values.left, module)
        yield from cases(values.right, module)
    else:
        yield values


def _case(each: ast.AST) -> ast.AST:
    """A case, also one that is given an id by `pytest.param`."""
    if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.param":
        return ast.Tuple(each.args) if len(each.args) > 1 else each.args[0]
    return each


def produced() -> dict[str, set[str]]:
    """The tests that produce each cause."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if path.name in ("test_catalogue.py", Path(__file__).name):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module: dict[str, ast.AST] = {
            target.id: each.value
            for each in tree.body
            if isinstance(each, ast.Assign)
            for target in each.targets
            if isinstance(target, ast.Name)
        }
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                for id in asserted(function, module):
                    found.setdefault(id, set()).add(f"{path.name}::{function.name}")
    return found


def test_every_cause_is_produced_by_a_test() -> None:
    without = sorted(set(CATALOGUE) - set(produced()))
    assert without == [], "Write a test in which each of these comes out, and asserts it."


def test_a_mention_is_no_assertion() -> None:
    """This test's own rules: what is only fed in, or only mentioned, does not count."""
    source = '''
@pytest.mark.parametrize(("fed", "cause"), [("N-DNS", "N-RESET")])
def test_one(fed, cause):
    """K-CLOCK"""
    given = CallError(cause="C-ROOT")
    assert told(given, "T-THROTTLED") == cause


@pytest.mark.parametrize("fed", ["N-TIMEOUT"])
def test_two(fed):
    assert told(given).remedy
'''
    one, two = (each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef))
    assert asserted(one, {}) == {"T-THROTTLED", "N-RESET"}
    assert asserted(two, {}) == set()
