"""Every engine module's examples are true."""
import doctest
import importlib
import pkgutil
import sys

import pytest

MODULES = [
    f"{name}.{found.name}"
    for name, package in sorted(sys.modules.items())
    if name.endswith("_engine")
    for found in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted, f"{name} shows no example"
    assert not result.failed
