"""A person at a desk: one browser window, logged in, doing what that role does."""
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Error, Locator, Page, expect

# a busy machine is no fault: what is expected may come late
PATIENCE = 240_000
# what an action shows when it is there: a view, or a page of its own
SHOWN = ".o_action_manager :is(.o_view_controller, .o_content, .o_action)"
COUNT_CALLS = Path(__file__).with_name("quiet.js").read_text()
# Nothing has been under way for some turns of the page's own clock, in each of which it has drawn,
# so what it began to wait for in the turns before (a debounced search, a frame) has come too,
# however slow the machine.
QUIET = """async (patience) => {
    for (let calm = 0, ms = 0; calm < 300 && ms < patience; ms += 50) {
        await new Promise((done) => {
            setTimeout(() => requestAnimationFrame(done), 50);
            setTimeout(done, 5000);
        });
        calm = window.underWay?.count ? 0 : calm + 50;
    }
}"""
HOLD_NOTICES = """() => {
    const { Notification } = odoo.loader.modules.get("@web/core/notifications/notification");
    Notification.prototype.startNotificationTimer = () => {};
}"""
expect.set_options(timeout=PATIENCE)


@contextmanager
def visitor(browser: Browser) -> Iterator[Page]:
    """Somebody who is not logged in: a window of his own."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


class Desk:
    open_desks: list = []

    def __init__(self, browser: Browser, site: str, login: str, house: str):
        self.site = site
        self.house = house  # what tells the pictures of two sites apart
        self.login = login
        self.errors: list[str] = []
        # the first login of the administrator sets the company's time zone to the browser's;
        # core's service worker shows an old page, or none, when a connection breaks
        self.context = browser.new_context(
            viewport={"width": 1400, "height": 900}, timezone_id="Asia/Ho_Chi_Minh",
            service_workers="block")
        self.context.add_init_script(COUNT_CALLS)
        self.context.set_default_timeout(PATIENCE)  # also for what is asked without the screen
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._log_in()
        Desk.open_desks.append(self)

    def _log_in(self) -> None:
        self.page.goto(f"{self.site}/web/login")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", self.login)
        self.page.click("button[type=submit]:visible")
        # colleagues arrive in the client, customers in the portal
        self.page.wait_for_url(re.compile(r"/(odoo|my)\b"))

    def close(self) -> None:
        Desk.open_desks.remove(self)
        self.context.close()

    # Moving around

    def open(self, path: str) -> None:
        """A path below the site, such as `/odoo/action-crm.crm_lead_all_leads`."""
        self.page.goto(self.site + path)
        self._show()

    def reload(self) -> None:
        self.page.reload()
        self._show()

    def back(self) -> None:
        """To the screen before; the client notes where it is only after it has drawn it."""
        self.settle()
        self.page.go_back()
        self._show()

    def _show(self) -> None:
        """A screen is there; what it kept from the last time it was shown is read again."""
        self.page.wait_for_selector(SHOWN)
        self.settle()

    def settle(self) -> None:
        """Wait until the client asks for nothing more; its live connection never ends."""
        for last in (False, True):
            try:
                self.page.evaluate(QUIET, PATIENCE)
                break
            except Error:  # it went to another page meanwhile
                if last:
                    raise
                self.page.wait_for_load_state()
        expect(self.page.locator(".o_loading_indicator")).to_have_count(0)

    @contextmanager
    def slow(self, call: str) -> Iterator[None]:
        """The server takes a second for each such call ("model/method")."""
        def wait(route):
            time.sleep(1)
            route.continue_()

        where = f"**/call_kw/{call}"
        self.page.route(where, wait)
        try:
            yield
        finally:
            self.page.unroute(where)

    def hold_notices(self) -> None:
        """Notices stay until the page is left: on a busy machine seconds are no time to read."""
        self.page.evaluate(HOLD_NOTICES)

    def expect_notice(self, text: str) -> None:
        """Among the notices that are held, whatever else is told."""
        notices = self.page.locator(".o_notification").filter(has_text=text)
        expect(notices.first).to_be_visible()

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
        # until it has offered where to look, Enter means nothing
        expect(self.page.locator(".o_searchview_autocomplete")).to_contain_text(text)
        box.press("Enter")
        expect(self.page.locator(".o_searchview_facet").filter(has_text=text).first).to_be_visible()
        self.settle()  # a row that is about to move is no aim for a click

    def open_row(self, text: str) -> None:
        record = self.page.locator(".o_data_row, .o_kanban_record").filter(has_text=text).first
        record.get_by_text(text).first.click()
        self.page.wait_for_selector(".o_form_view")

    def act(self, name: str) -> None:
        """Take an entry of the form's menu of actions."""
        self.page.locator(".o_cp_action_menus button").first.click()
        entry = self.page.locator(".o-dropdown--menu .o_menu_item")
        entry.filter(has_text=re.compile(rf"^\s*{name}\s*$")).click()

    # Reading and writing fields

    def field(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).locator(f".o_field_widget[name='{name}']").first

    def fill(self, name: str, value: str, within: Locator | None = None) -> None:
        self.field(name, within).locator("input, textarea").first.fill(value)

    def fill_day(self, name: str, day: date, within: Locator | None = None) -> None:
        """A day that is there is a button until somebody turns to it."""
        field = self.field(name, within)
        field.locator("input, button").first.click()
        box = field.locator("input").first
        box.fill(day.strftime("%m/%d/%Y"))
        box.press("Enter")
        self.settle()

    def choose(self, name: str, value: str, within: Locator | None = None) -> None:
        """Type into a many2one and take the suggestion that holds the text."""
        box = self.field(name, within).locator("input").first
        box.fill(value)
        self.suggestion(value).click()
        self.settle()

    def tick(self, box: Locator) -> None:
        """A choice that shows other fields makes new boxes of those around it: they come first."""
        box.check()
        self.settle()

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

    def save_settings(self) -> None:
        """The client then loads its page anew; a way taken before that is over would be cut off.

        Waited for is the load, not the navigation: the client notes its state in the history just
        before, and that counts as one.
        """
        with self.page.expect_event("load"):
            self.click("Save")
        self._show()

    @property
    def status(self) -> Locator:
        """The current one of the states that the form's bar shows."""
        return self.page.locator(".o_statusbar_status .o_arrow_button_current")

    @property
    def dialog(self) -> Locator:
        return self.page.locator(".modal-dialog").last

    def expect_records(self, count: int) -> None:
        """A list has opened, and it holds so many records."""
        expect(self.page.locator(".o_list_view")).to_be_visible()
        expect(self.page.locator(".o_control_panel .o_pager_limit")).to_have_text(str(count))

    @contextmanager
    def telephone(self) -> Iterator[None]:
        """The same person on a small screen."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 390, "height": 844})
        try:
            yield
        finally:
            self.page.set_viewport_size(size)

    # Preparing and checking without the screen

    def call(self, model: str, method: str, *args, **kwargs):
        """What another program of this person would ask the server."""
        answer = self._ask(model, method, args, kwargs)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    def _ask(self, model: str, method: str, args, kwargs) -> dict:
        asked = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.context.request.post(
            f"{self.site}/web/dataset/call_kw", data={"jsonrpc": "2.0", "params": asked}
        ).json()

    def read(self, model: str, record: int, *names: str) -> dict:
        return self.call(model, "read", [record], names)[0]

    def find(self, model: str, *domain) -> int:
        return self.call(model, "search", domain)[0]

    @property
    def me(self) -> int:
        return self.find("res.users", ["login", "=", self.login])

    # Waiting for what the server does by itself

    def until(self, condition, what: str, seconds: int = 600) -> None:
        """Reload until `condition()` holds: scheduled actions need a moment."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(2)
            self.reload()
        raise AssertionError(f"{self.login} never saw: {what}")

    def run_cron(self, xmlid: str, model: str, *rest, seconds: int = 600) -> None:
        """Run a scheduled action until nothing of `rest` is left; the server's clock may do it."""
        module, name = xmlid.split(".")
        [cron] = self.call("ir.model.data", "search_read",
                           [["module", "=", module], ["name", "=", name]], ["res_id"])  # fmt: skip
        deadline = time.monotonic() + seconds
        while True:
            answer = self._ask("ir.cron", "method_direct_trigger", [cron["res_id"]], {})
            if "error" not in answer and not self.call(model, "search_count", rest):
                return
            assert time.monotonic() < deadline, f"{xmlid} does not come to its end: {answer}"
            time.sleep(1)

    def sees(self, text: str) -> bool:
        return self.page.get_by_text(text, exact=False).first.is_visible()

    def trouble(self) -> str:
        """What the client complains about, with its technical details; "" when all is well.

        What was told is put away, so that the next screen is judged by itself.
        """
        told, self.errors = self.errors, []
        dialogs = self.page.locator(".o_error_dialog")
        for _each in range(dialogs.count()):
            dialog = dialogs.last
            details = dialog.get_by_role("button", name="See technical details")
            if details.count():
                details.click()
                expect(dialog.locator(".o_error_detail")).to_be_visible()
            told.append(dialog.inner_text())
            dialog.get_by_role("button", name="Close").last.click()
        expect(dialogs).to_have_count(0)
        return "\n".join(told)

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
