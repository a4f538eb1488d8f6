"""The house's rules that a machine can check. No Odoo, no database."""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = [path.parent for path in sorted((ROOT / "addons").glob("*/__manifest__.py"))]
SOURCES = [path for addon in ADDONS for path in sorted(addon.rglob("*.py"))]
PRODUCT = [path for path in SOURCES if "tests" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_an_addon_names_no_sibling(addon):
    """Only models/loop.py may know a sibling, softly. (Tests and translations may name one.)"""
    siblings = [other.name for other in ADDONS if other != addon]
    named = [
        name_of(path)
        for path in addon.rglob("*")
        if path.suffix in {".py", ".xml", ".js", ".csv", ".scss"}
        and path.name != "loop.py"
        and not {"tests", "i18n"} & set(path.relative_to(addon).parts)
        and any(sibling in path.read_text() for sibling in siblings)
    ]
    assert not named


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_manifest_is_complete(addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    assert manifest["license"] == "LGPL-3"
    assert manifest["version"].startswith("19.0.")
    assert manifest["summary"] and manifest["author"] and manifest["application"]
    assert not {other.name for other in ADDONS} & set(manifest["depends"])
    assert (addon / "static/description/icon.png").is_file()
    assert len((addon / "README.md").read_text().splitlines()) <= 100


@pytest.mark.parametrize("path", [p for p in PRODUCT if "engine" in p.parts], ids=name_of)
def test_engine_imports_no_odoo(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in getattr(node, "names", [])]
        module = getattr(node, "module", None) or ""
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not any(n.partition(".")[0] == "odoo" for n in [module, *names])


def writes_sql(node) -> bool:
    """`SQL("…")`, or a statement given to a cursor as text."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    text = isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    on_cursor = getattr(node.func, "attr", "") in {"execute", "execute_values"}
    return text and (getattr(node.func, "id", "") == "SQL" or on_cursor)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_sql_stands_in_query_methods(path):
    """SQL is written in `_query_*` (and what the ORM asks for by name), hooks and migrations."""
    if {"migrations", "hooks.py"} & {*path.parts, path.name}:
        return
    allowed = ("_query", "_table_query", "_search_", "_order_field_to_sql", "_field_to_sql")
    outside = [
        f"{name_of(path)}:{node.lineno} {function.name}"
        for function in functions(path)
        if not function.name.startswith(allowed)
        for node in ast.walk(function)
        if writes_sql(node)
    ]
    assert not outside


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_sudo_says_why(path):
    """`sudo()` stands on a line that gives its reason, or right below one."""
    lines = path.read_text().splitlines()
    silent = [
        f"{name_of(path)}:{number + 1}"
        for number, line in enumerate(lines)
        if ".sudo(" in line and "#" not in line and "#" not in lines[number - 1]
    ]
    assert not silent


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_sizes(path):
    """A file has one subject, a function does one thing (house rule 3, with some air)."""
    assert len(path.read_text().splitlines()) <= 450
    long = [f.name for f in functions(path) if f.end_lineno - f.lineno > 60]
    assert not long


@pytest.mark.parametrize("path", [p for p in PRODUCT if "models" in p.parts], ids=name_of)
def test_models_say_what_a_row_means(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and any(
            isinstance(item, ast.Assign) and getattr(item.targets[0], "id", "") == "_name"
            for item in node.body
        ):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


# Core models that no portal or public user may read under any module of Odoo.
BACKSTAGE = {
    "crm.lost.reason", "digest.digest", "ir.mail_server", "mail.mail", "mailing.mailing",
    "mailing.trace", "res.config.settings",
}
# Fields that a customer may read, with the reason.
PUBLIC_FIELDS: set[tuple[str, str]] = set()


def added_fields(path: Path):
    """(model, field, keys) that classes of a file add to models that they only inherit (not: new
    choices)."""
    for node in ast.parse(path.read_text()).body:
        named = {
            item.targets[0].id: item.value
            for item in getattr(node, "body", [])
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
        }
        if "_name" in named or "_inherit" not in named:
            continue
        inherited = ast.literal_eval(named["_inherit"])
        for model in [inherited] if isinstance(inherited, str) else inherited:
            for name, value in named.items():
                if isinstance(value, ast.Call) and ast.unparse(value.func).startswith("fields."):
                    keys = {keyword.arg for keyword in value.keywords}
                    if "selection_add" not in keys:
                        yield model, name, keys


@pytest.mark.parametrize("path", [p for p in PRODUCT if "models" in p.parts], ids=name_of)
def test_what_an_addon_adds_is_not_for_customers(path):
    """A customer may read his order, his invoice, a product of the shop, the company and the
    deal that is shared with him, by RPC and with every field: ours say who may read them."""
    ours = ("care.", "nurture.", "sales.")
    open_to_all = [
        f"{name_of(path)}: {model}.{name}"
        for model, name, keys in added_fields(path)
        if "groups" not in keys and model not in BACKSTAGE and not model.startswith(ours)
        and (model, name) not in PUBLIC_FIELDS
    ]
    assert not open_to_all


# Core models that every posting, message, request and save of a deal reads.
READ_BY_ALL = {
    "account.move", "crm.lead", "mail.message", "res.company", "res.partner", "res.users"}


@pytest.mark.parametrize("path", [p for p in PRODUCT if "models" in p.parts], ids=name_of)
def test_core_does_not_read_what_an_addon_adds(path):  # P-8
    """Core reads whole rows, and asks for each guarded column whether the user may. Our columns
    are read together, when one of them is asked for. (`prefetch=True`: every save or form asks.)"""
    read_along = [
        f"{name_of(path)}: {model}.{name}"
        for model, name, keys in added_fields(path)
        if model in READ_BY_ALL and not keys & {"prefetch", "compute", "related"}
        and not name.endswith("_ids")
    ]
    assert not read_along


READMES = [ROOT / "README.md", *(addon / "README.md" for addon in ADDONS)]


@pytest.mark.parametrize("path", READMES, ids=name_of)
def test_links_of_a_readme_lead_somewhere(path):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert targets and not [target for target in targets if not (path.parent / target).exists()]


def test_no_machine_paths_and_no_forbidden_words():
    texts = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".xml", ".md", ".js", ".csv", ".yaml", ".conf"}
        and not {".dev", ".git"} & set(path.relative_to(ROOT).parts)
    ]
    # Written in two halves, so that this file does not find itself.
    pattern = re.compile("(?<![A-Za-z0-9_.-])/(ro" + "ot|wo" + r"rk)/[A-Za-z0-9_.-]+/")
    found = [name_of(path) for path in texts if pattern.search(path.read_text())]
    assert not found
