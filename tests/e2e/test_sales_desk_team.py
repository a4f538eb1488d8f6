"""What whoever leads does at the Sales Desk: forecast, dashboard, a leaver, the rules."""
import calendar
import re
from types import SimpleNamespace

import pytest
from deeds import SALESPERSON, note_deal, number, today
from playwright.sync_api import expect

COMPANY = "Mekong Coffee Works"
LEAVER = "Bùi Văn Tâm"
COLLEAGUE = "Cao Thị Ngọc"
TEAM = "Field Sales Harbour"
SAID = 777_000_000
RULES = ("sales_next_action", "sales_stale_contact_days", "sales_quote_answer_days",
         "sales_forecast_period", "sales_what_next")  # fmt: skip


@pytest.fixture
def leader(company):
    return company.desk("sales_manager")


@pytest.fixture
def admin(company):
    return company.desk("admin")


# ---- forecast -----------------------------------------------------------------------------------


def open_forecast(desk) -> None:
    desk.open("/odoo/forecast-desk")
    desk.click("Month")
    desk.settle()


def line(desk, who: str):
    rows = desk.page.locator(".o_sales_forecast_table tr:has(.o_sales_forecast_who)")
    return rows.filter(has_text=who).first


def figures(desk, who: str) -> SimpleNamespace:
    """Won, + commit, + best case, + pipeline, and the forecast of a row."""
    sums = line(desk, who).locator("td button.text-reset")
    told = [number(text) for text in sums.all_inner_texts()]
    word = line(desk, who).locator("td > span").first
    return SimpleNamespace(
        commit=told[1], pipeline=told[3], forecast=number(word.inner_text()))  # fmt: skip


@pytest.fixture(scope="module")
def month(company):
    """Deals of a salesperson that close this month, one of them promised."""
    desk = company.desk("field")
    day = today()
    end = day.replace(day=calendar.monthrange(day.year, day.month)[1]).isoformat()
    for name, amount, category in (
        ("Forecast: roaster", 210_000_000, "commit"),
        ("Forecast: grinders", 45_000_000, "best_case"),
        ("Forecast: filters", 6_000_000, False),
    ):
        note_deal(desk, name, expected_revenue=amount, date_deadline=end,
                  forecast_category_manual=category)  # fmt: skip


def test_a_figure_opens_the_deals_it_adds_up(leader, month):  # SA-11
    open_forecast(leader)
    told = figures(leader, SALESPERSON)
    assert told.pipeline - told.commit >= 51_000_000
    line(leader, SALESPERSON).locator("td button.text-reset").nth(3).click()
    leader.page.wait_for_selector(".o_list_view")
    amounts = leader.page.locator(".o_data_row td[name=expected_revenue]")
    expect(amounts.first).to_be_visible()
    assert sum(number(amount) for amount in amounts.all_inner_texts()) == told.pipeline
    total = leader.page.locator(".o_list_footer td").filter(has_text=re.compile(r"\d")).first
    assert number(total.inner_text()) == told.pipeline


def test_a_word_on_a_person_rolls_up_to_the_company(leader, month):  # SA-11
    open_forecast(leader)
    team = "Field Sales Viet Nam"
    before = {who: figures(leader, who) for who in (SALESPERSON, team, COMPANY)}
    say(leader, "This Amount", str(SAID))
    expect(line(leader, SALESPERSON)).to_contain_text("777,000,000")
    why = line(leader, SALESPERSON).locator("+ tr")
    expect(why).to_contain_text("Two hotels wait for a budget")
    more = SAID - before[SALESPERSON].forecast
    for who in (SALESPERSON, team, COMPANY):
        now = figures(leader, who)
        assert now.forecast == before[who].forecast + more, who
        assert now.commit == before[who].commit, who  # the deals say what they said
    say(leader, "Take Back")
    expect(line(leader, SALESPERSON)).not_to_contain_text("777,000,000")
    assert figures(leader, COMPANY).forecast == before[COMPANY].forecast


def say(desk, kind: str, amount: str = "") -> None:
    desk.click(f"Say another number for {SALESPERSON}")
    desk.tick(desk.dialog.get_by_label(kind, exact=True))
    if amount:
        desk.fill("amount", amount, desk.dialog)
    desk.fill("reason", "Two hotels wait for a budget", desk.dialog)
    desk.click("Save", desk.dialog)
    expect(desk.page.locator(".modal-dialog")).to_have_count(0)
    desk.settle()


# ---- dashboard ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decided(company):
    """Seven deals won and five lost."""
    desk = company.desk("field")
    reason = desk.find("crm.lost.reason", ["name", "ilike", "expensive"])
    deals = [note_deal(desk, f"Decided {each}", expected_revenue=1_000_000) for each in range(12)]
    desk.call("crm.lead", "action_set_won", deals[:7])
    desk.call("crm.lead", "action_set_lost", deals[7:], lost_reason_id=reason)


def test_the_win_rate_opens_as_many_deals_as_it_says(leader, decided):  # SA-4, SA-21
    leader.open("/odoo/sales-dashboard")
    tile = leader.page.locator("[data-tile=win_rate]")
    note = tile.get_by_text("decided (n =").inner_text()
    won, all_decided = (int(text) for text in re.findall(r"(\d+) won of (\d+)", note)[0])
    assert won >= 7
    assert all_decided - won >= 5
    rate = tile.locator("button.fs-2")
    expect(rate).to_have_text(f"{round(100 * won / all_decided)}%")
    rate.click()
    leader.page.wait_for_selector(".o_list_view")
    expect(leader.page.locator(".o_pager_limit")).to_have_text(str(all_decided))
    rows = leader.page.locator(".o_data_row")
    expect(rows).to_have_count(all_decided)
    leader.back()
    leader.page.locator("[data-tile=won] button.fs-2").click()
    leader.page.wait_for_selector(".o_list_view")
    expect(leader.page.locator(".o_pager_limit")).to_have_text(str(won))


# ---- a leaver -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def leaver(company):
    """A team of two; one of them leaves and holds two deals, a call and a meeting."""
    desk = company.desk("admin")
    like = desk.find("res.users", ["login", "=", "field"])
    groups = desk.read("res.users", like, "group_ids")["group_ids"]
    who, heir = desk.call(
        "res.users", "create",
        [{"name": name, "login": login, "group_ids": [[6, 0, groups]],
          "tz": "Asia/Ho_Chi_Minh", "notification_type": "inbox"}
         for name, login in ((LEAVER, "field_leaver"), (COLLEAGUE, "field_heir"))],
        context={"no_reset_password": True},
    )  # fmt: skip
    [team] = desk.call("crm.team", "create", [{
        "name": TEAM, "user_id": desk.find("res.users", ["login", "=", "sales_manager"]),
        "crm_team_member_ids": [[0, 0, {"user_id": user}] for user in (who, heir)],
    }])  # fmt: skip
    second = desk.find("crm.stage", ["name", "=", "Proposition"])
    deals = [
        note_deal(desk, name, user_id=who, team_id=team, stage_id=second)
        for name in ("Leaver: ferry bar", "Leaver: pilot station")
    ]
    call = desk.call(
        "crm.lead", "activity_schedule", deals[:1], "mail.mail_activity_data_call",
        date_deadline=today().isoformat(), summary="Ask for the order", user_id=who,
    )[0]  # fmt: skip
    return SimpleNamespace(id=who, heir=heir, team=team, deals=deals, call=call, stage=second)


def open_user(desk, user: int) -> None:
    desk.open(f"/odoo/action-base.action_res_users/{user}")
    desk.page.wait_for_selector(".o_form_view")


def holders(desk, leaver) -> list:
    deals = desk.call("crm.lead", "read", leaver.deals, ["user_id", "team_id", "stage_id"])
    assert {deal["team_id"][0] for deal in deals} == {leaver.team}
    assert {deal["stage_id"][0] for deal in deals} == {leaver.stage}
    call = desk.read("mail.activity", leaver.call, "user_id")
    return [*(deal["user_id"][0] for deal in deals), call["user_id"][0]]


def is_member(desk, leaver) -> bool:
    return bool(desk.call(
        "crm.team.member", "search",
        [["crm_team_id", "=", leaver.team], ["user_id", "=", leaver.id]]))  # fmt: skip


def test_archiving_a_salesperson_hands_everything_over(admin, leaver):  # SA-9
    open_user(admin, leaver.id)
    admin.act("Archive")
    admin.click("Archive", admin.dialog)
    preview = admin.page.locator(".o_sales_handover")
    expect(preview).to_contain_text("Leaver: ferry bar")
    expect(preview).to_contain_text("Ask for the order")
    assert holders(admin, leaver) == [leaver.id] * 3  # nothing has moved yet
    assert admin.read("res.users", leaver.id, "active")["active"]
    deals = preview.locator(".border.rounded").filter(has_text="Deals and leads")
    deals.get_by_label("Give all of these to").select_option(label=COLLEAGUE)
    expect(preview.get_by_label("Receiver of Leaver: ferry bar")).to_have_value(str(leaver.heir))
    admin.click("Hand Over and Archive")
    admin.click("Ok", admin.dialog)
    expect(admin.status).to_have_text("Done")
    assert holders(admin, leaver) == [leaver.heir] * 3
    assert not admin.read("res.users", leaver.id, "active")["active"]
    assert not is_member(admin, leaver)
    admin.open("/odoo/sales-handovers")
    told = admin.page.locator(".o_data_row").filter(has_text=LEAVER)
    expect(told.locator("td[name=progress]")).to_contain_text("100")


def test_taking_back_restores_what_was_moved(admin, leaver):  # SA-9
    open_user(admin, leaver.id)
    admin.act("Unarchive")
    form = admin.page.locator(".o_form_view").filter(has_text="is active again")
    expect(form).to_be_visible()
    admin.click("Take Back")
    admin.click("Ok", admin.dialog)
    expect(admin.status).to_have_text("Taken Back")
    assert holders(admin, leaver) == [leaver.id] * 3
    assert is_member(admin, leaver)


# ---- the rules ----------------------------------------------------------------------------------


def rules(desk) -> dict:
    return desk.read("res.company", desk.find("res.company", ["name", "=", COMPANY]), *RULES)


def open_settings(desk) -> None:
    desk.open("/odoo/settings")
    desk.page.locator(".settings_tab .tab").filter(has_text="Sales Desk").click()
    expect(desk.field("sales_stale_contact_days")).to_be_visible()


def test_rules_of_the_desk_are_kept(admin):  # SA-6
    days = rules(admin)["sales_stale_contact_days"]
    for kept in (days + 3, days):  # and back
        open_settings(admin)
        admin.fill("sales_stale_contact_days", str(kept))
        admin.save_settings()
        assert rules(admin)["sales_stale_contact_days"] == kept
    open_settings(admin)
    assert admin.text("sales_stale_contact_days") == str(days)


def test_a_sales_style_is_taken_over_and_back(leader):  # SA-7
    before = rules(leader)
    leader.open("/odoo/sales-styles")
    leader.hold_notices()
    leader.click("Choose a Sales Style")
    leader.tick(leader.dialog.get_by_label("B2C Shop"))
    expect(leader.dialog).to_contain_text("Many small deals with consumers")
    expect(leader.dialog.locator("table tr").nth(1)).to_be_visible()
    leader.click("Take Over", leader.dialog)
    leader.expect_notice("B2C Shop is your sales style")
    shop = rules(leader)
    assert not shop["sales_next_action"]
    assert shop["sales_stale_contact_days"] == 0
    leader.open("/odoo/sales-styles")
    back = leader.page.locator(".o_data_row").get_by_role("button", name="Take Back")
    back.first.click()
    leader.click("Ok", leader.dialog)
    expect(back).to_have_count(0)
    assert rules(leader) == before
    leader.open("/odoo/sales-playbooks")
    expect(leader.page.locator(".o_data_row").filter(has_text="Shop")).to_have_count(0)


def test_nothing_failed_behind_the_team(company, admin, leader):
    assert company.faults() == []
    assert admin.errors == leader.errors == []
