"""The addresses of all apps, found by their modules."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from tests.house import matrix

MODULES: dict[str, ModuleType] = {
    found.name: importlib.import_module(f"{matrix.__name__}.{found.name}")
    for found in pkgutil.iter_modules(matrix.__path__)
}
