"""Every screen of the demo company opens, for everyone who has it in the menu (ALL-1, ALL-4)."""
import pytest

from devkit import paths

APPS = {
    "marketer": "Nurture",
    "marketing_manager": "Nurture",
    "inside": "CRM",
    "field": "CRM",
    "sales_manager": "CRM",
    "care_agent": "Customer Care",
    "care_manager": "Customer Care",
}
PICTURES = paths.DEV / "pictures"
VIEW_SWITCHES = ".o_cp_switch_buttons .o_switch_view"


def menus(desk, app: str) -> list[tuple[str, int]]:
    """(title, action id) of every entry below an app."""
    tree = desk.page.evaluate("() => fetch('/web/webclient/load_menus').then(r => r.json())")
    roots = (menu for menu in tree.values() if menu["id"] == menu["appID"])
    root = next(menu for menu in roots if menu["name"] == app)
    found, open_nodes = [], [root]
    while open_nodes:
        menu = open_nodes.pop(0)
        if menu.get("actionID") and menu is not root:
            found.append((menu["name"], menu["actionID"]))
        open_nodes[:0] = [tree[str(child)] for child in menu["children"]]
    return found


@pytest.mark.parametrize(("login", "app"), APPS.items())
def test_every_screen_opens(demo_site, login, app):  # ALL-1
    """All screens are looked at, also after a broken one: one run tells all that is wrong."""
    desk = demo_site.desk(login)
    entries = menus(desk, app)
    assert entries
    broken = [words for title, action in entries for words in visit(desk, title, action)]
    assert not broken, "\n\n".join(broken)


def visit(desk, title: str, action: int) -> list[str]:
    """Open a menu in each of its views. → what broke, in the words of the screen"""
    desk.open(f"/odoo/action-{action}")
    broken = [look(desk, title)]
    switches = desk.page.locator(VIEW_SWITCHES)
    for index in range(switches.count()):
        # by script: a notice that comes up over the button is no reason to stop
        switches.nth(index).evaluate("button => button.click()")
        desk.page.wait_for_selector(".o_view_controller")
        broken.append(look(desk, f"{title}-{index}"))
    return [words for words in broken if words]


def look(desk, name: str) -> str:
    """Is something broken on the screen? A picture of it is kept."""
    desk.settle()
    words = desk.trouble()
    desk.picture(PICTURES / f"{desk.login}-{name}.png".replace(" ", "-").replace("/", "-"))
    return f"{desk.login}, {name}: {words}" if words else ""


def test_nothing_failed_behind_the_screens(demo_site):
    assert demo_site.faults() == []
