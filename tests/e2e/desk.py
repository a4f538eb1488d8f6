"""A person at a desk: one browser window, logged in, doing what that role does."""
import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

PATIENCE = 30_000
# a busy machine is no fault: what is expected may come late
expect.set_options(timeout=PATIENCE)


class Desk:
    open_desks: list = []

    def __init__(self, browser: Browser, site: str, login: str):
        self.site = site
        self.login = login
        self.errors: list[str] = []
        self.context = browser.new_context(viewport={"width": 1400, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._log_in()
        Desk.open_desks.append(self)

    def _log_in(self) -> None:
        self.page.goto(f"{self.site}/web/login")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", self.login)
        self.page.click("button[type=submit]:visible")
        self.page.wait_for_url(re.compile(r"/odoo"), timeout=90_000)

    def close(self) -> None:
        Desk.open_desks.remove(self)
        self.context.close()

    # Moving around

    def open(self, path: str) -> None:
        """A path below the site, such as `/odoo/action-crm.crm_lead_all_leads`."""
        self.page.goto(self.site + path)
        self.page.wait_for_selector(".o_action_manager .o_view_controller")

    def reload(self) -> None:
        self.page.reload()
        self.page.wait_for_selector(".o_view_controller")

    def settle(self) -> None:
        """Wait until the client asks for nothing more; its live connection never ends."""
        self.page.wait_for_timeout(300)
        expect(self.page.locator(".o_loading_indicator")).to_have_count(0)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True).first

    def click(self, name: str, within: Locator | None = None) -> None:
        self.button(name, within).click()

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def switch_view(self, kind: str) -> None:
        self.page.locator(f".o_cp_switch_buttons .o_switch_view.o_{kind}").click()
        self.page.wait_for_selector(f".o_{kind}_view")

    def search(self, text: str) -> None:
        box = self.page.locator(".o_searchview_input")
        box.fill(text)
        box.press("Enter")

    def open_row(self, text: str) -> None:
        record = self.page.locator(".o_data_row, .o_kanban_record").filter(has_text=text).first
        record.get_by_text(text).first.click()
        self.page.wait_for_selector(".o_form_view")

    # Reading and writing fields

    def field(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).locator(f".o_field_widget[name='{name}']").first

    def fill(self, name: str, value: str, within: Locator | None = None) -> None:
        self.field(name, within).locator("input, textarea").first.fill(value)

    def choose(self, name: str, value: str, within: Locator | None = None) -> None:
        """Type into a many2one and take the suggestion that holds the text."""
        box = self.field(name, within).locator("input").first
        box.fill(value)
        self.suggestion(value).click()

    def suggestion(self, text: str) -> Locator:
        return self.page.locator(".o-autocomplete--dropdown-item").filter(has_text=text).first

    def text(self, name: str, within: Locator | None = None) -> str:
        field = self.field(name, within)
        box = field.locator("input, textarea")
        return box.first.input_value() if box.count() else field.inner_text().strip()

    def save(self) -> None:
        self.settle()  # what is still computed would change the form again after the save
        save = self.page.locator(".o_form_button_save:visible")
        if save.count():
            save.click()
        expect(self.page.locator(".o_form_status_indicator .o_form_button_save")).to_be_hidden()

    @property
    def status(self) -> Locator:
        """The current one of the states that the form's bar shows."""
        return self.page.locator(".o_statusbar_status .o_arrow_button_current")

    @property
    def dialog(self) -> Locator:
        return self.page.locator(".modal-dialog").last

    # Waiting for what the server does by itself

    def until(self, condition, what: str, seconds: int = 150) -> None:
        """Reload until `condition()` holds: scheduled actions need a moment."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(2)
            self.reload()
        raise AssertionError(f"{self.login} never saw: {what}")

    def sees(self, text: str) -> bool:
        return self.page.get_by_text(text, exact=False).first.is_visible()

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
