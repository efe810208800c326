"""Every field that services write into the log has a name in words, in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.utils import translation

from portal import deletions
from portal.config.env import BASE_DIR
from portal.log_fields import FIELDS, name_of

APPS = ("portal", "generation", "review", "payments")


def literal_keys(node: ast.AST, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """Keys of the dicts in *node*, and of those that functions of its module answer with."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Dict):
            found |= {
                key.value
                for key in part.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            called = functions.get(part.func.id)
            if called is not None:
                rest = {name: known for name, known in functions.items() if known is not called}
                found |= literal_keys(called, rest)
    return found


def recorded(module: Path) -> Iterator[str]:
    """Fields of ``before`` and ``after`` in the calls of *module*, as far as they are literal."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in node.keywords:
                if given.arg in {"before", "after"}:
                    yield from literal_keys(given.value, functions)


def test_each_has_a_name() -> None:
    written = {
        field
        for app in APPS
        for module in (BASE_DIR / app / "services").glob("*.py")
        if "audit.record" in module.read_text(encoding="utf-8")
        for field in recorded(module)
    }
    written |= {part.key for part in deletions.erased() if part.count is not None}
    assert len(written) > 60
    assert sorted(written - FIELDS.keys()) == []
    with translation.override("fr"):
        assert name_of("gpu_seconds_per_artist") == "secondes de GPU par artiste"
    assert name_of("never_heard_of") == "never heard of"
