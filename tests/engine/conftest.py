"""Load each addon's `engine/` alone, as the package `<addon>_engine`: no Odoo, no database."""
import importlib.util
import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[2] / "addons"


def load_engine(addon: Path) -> None:
    name = f"{addon.name}_engine"
    spec = importlib.util.spec_from_file_location(
        name,
        addon / "engine" / "__init__.py",
        submodule_search_locations=[str(addon / "engine")],
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


for _addon in sorted(ADDONS.iterdir()):
    if (_addon / "engine" / "__init__.py").is_file():
        load_engine(_addon)
