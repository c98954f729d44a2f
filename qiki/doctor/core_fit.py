"""Whether the compiled core is the one that this Python code was written for."""

import ast
import inspect
from collections.abc import Iterator
from importlib import resources
from types import ModuleType

STUB = "_core.pyi"

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def stub_text() -> str:
    """Return what the Python code expects of the core: its types, which are installed with it."""
    return resources.files("qiki").joinpath(STUB).read_text()


def misfits(stub: str, core: ModuleType) -> list[str]:
    """Return what a stub tells and the core has not, or not so: names and parameters.

    Parameters
    ----------
    stub : text of ``qiki/_core.pyi``.
    core : the compiled module.
    """
    found: list[str] = []
    for statement in ast.parse(stub).body:
        if isinstance(statement, ast.ClassDef) and _is_public(statement.name):
            found += _misfits_of_class(statement, core)
        elif isinstance(statement, _Function) and not _is_overload(statement):
            found += _misfits_of_function(statement, core, statement.name)
    return found


def _misfits_of_class(told: ast.ClassDef, core: ModuleType) -> Iterator[str]:
    compiled = getattr(core, told.name, None)
    if compiled is None:
        yield told.name
        return
    for member in told.body:
        if not isinstance(member, _Function) or _is_overload(member):
            continue
        name = f"{told.name}.{member.name}"
        if not member.decorator_list and _is_public(member.name):
            yield from _misfits_of_function(member, compiled, name)
        elif not hasattr(compiled, member.name):
            yield name


def _misfits_of_function(told: _Function, owner: object, name: str) -> Iterator[str]:
    compiled = getattr(owner, told.name, None)
    if compiled is None:
        yield name
        return
    try:
        parameters = inspect.signature(compiled).parameters
    except ValueError:  # it tells none
        return
    names = [argument.arg for argument in (*told.args.args, *told.args.kwonlyargs)]
    yield from (f"{name}({it})" for it in names if it not in parameters)


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _is_overload(function: _Function) -> bool:
    names = {it.id for it in function.decorator_list if isinstance(it, ast.Name)}
    return "overload" in names
