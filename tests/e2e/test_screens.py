"""Every screen of the demo company opens, for everyone who has it in the menu (ALL-1, ALL-4)."""
import pytest
from playwright.sync_api import expect

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
    desk = demo_site.desk(login)
    entries = menus(desk, app)
    assert entries
    for title, action in entries:
        desk.open(f"/odoo/action-{action}")
        look(desk, f"{login}-{title}")
        switches = desk.page.locator(VIEW_SWITCHES)
        for index in range(switches.count()):
            # by script: a notice that comes up over the button is no reason to stop
            switches.nth(index).evaluate("button => button.click()")
            desk.page.wait_for_selector(".o_view_controller")
            look(desk, f"{login}-{title}-{index}")


def look(desk, name: str) -> None:
    """Nothing is broken on the screen; a picture of it is kept."""
    desk.settle()
    expect(desk.page.locator(".o_error_dialog, .o_error_detail")).to_have_count(0)
    assert not desk.errors, f"{name}: {desk.errors}"
    desk.picture(PICTURES / f"{name.replace(' ', '-').replace('/', '-')}.png")


def test_nothing_failed_behind_the_screens(demo_site):
    assert demo_site.faults() == []
