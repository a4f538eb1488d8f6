"""What people do in more than one story."""
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

SALESPERSON = "Nguyễn Đức Long"


def enter_lead(desk, name: str, contact: str, address: str) -> None:
    """Inside sales notes a lead and gives it to the salesperson of its market."""
    desk.open("/odoo/action-crm.crm_lead_all_leads")
    desk.click("New")
    desk.page.wait_for_selector(".o_form_view")
    desk.fill("name", name)
    desk.fill("contact_name", contact)
    desk.fill("email_from", address)
    desk.choose("user_id", SALESPERSON)
    desk.save()


def note_deal(desk, name: str, **values) -> int:
    """A deal of whoever sits at the desk."""
    return desk.call("crm.lead", "create", [{"name": name, "type": "opportunity", **values}])[0]


def plan(desk, deal: int, day: date, what: str, kind: str = "call") -> int:
    """Plan a step on a deal."""
    return desk.call(
        "crm.lead", "activity_schedule", [deal], f"mail.mail_activity_data_{kind}",
        date_deadline=day.isoformat(), summary=what, user_id=desk.me,
    )[0]  # fmt: skip


def open_deal_form(desk, deal: int) -> None:
    desk.open(f"/odoo/action-crm.crm_lead_opportunities/{deal}")
    desk.page.wait_for_selector(".o_form_view")


def today() -> date:
    """The day in the house, wherever the server is."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


def number(text: str) -> float:
    return float(re.sub(r"[^\d.\-]", "", text.replace("−", "-")) or 0)
