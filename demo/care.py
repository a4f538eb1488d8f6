"""Customers counted and judged by their purchases; some of the lost ones are being won back.

Needs customer_care.
"""
from dateutil.relativedelta import relativedelta

from .backdate import move_columns

ADDON = "customer_care"
WON_BACK = 6
# months since the house took borders of its own: its customers order every seven weeks, not monthly
MEASURED_AGO = 6
BORDERS = {"r1": 60, "r2": 120, "f2": 3, "f3": 6, "f4": 9}
CLOSED = 4  # a month's churn is printed in the night of its fourth day


def load(story):
    """Chapter: the full count as the nightly job does it, then a few win-backs by the team."""
    env = story.env
    story.run_job("care.build", "action_build_now")
    gone = env["care.customer"].search(
        [("status", "=", "churned"), ("purchase_days", ">", 3)], order="revenue_net desc, id",
        limit=WON_BACK)
    gone.with_user(story.ref("user_care_manager")).action_win_back()


def judge(story, day):
    """The full count in the night after a month's last day, while nothing later is posted yet:
    so each customer's changes of status and moves between segments are those of that time. Every
    quarter the forecast is fitted too. The night's other steps are told later, when credit notes
    and agreements are in the books: see ``care_months.py``."""
    if "care.build" not in story.env:
        return
    night = story.local_time(day + relativedelta(days=1), 1)
    story.run_job("care.build", "action_build_now", night)
    build = story.env["care.build"].search([], limit=1)
    move_columns(build, {build.id: {"started_at": night, "create_date": night}})
    if "care.night" in story.env:
        story.env["care.night"].search([("state", "=", "waiting")]).unlink()
        run_steps(story, night, "rfm", *(() if day.month % 3 else ("fit",)))
        if day == story.today + relativedelta(months=-MEASURED_AGO, day=31):
            _measure_borders(story, night)


def _measure_borders(story, night):
    """By the days and purchases of the first year nearly everybody was a champion every other
    month; and what much money is, is measured again."""
    borders = story.env["care.rfm.border"].with_user(story.ref("user_care_manager"))
    with story.at(night):
        draft = borders.browse(borders.action_recalibrate()["res_id"])
        draft.write(BORDERS)
        draft.action_take()
    run_steps(story, night, "rfm")
    story.env["care.night"].search([("state", "=", "waiting")]).unlink()


def run_steps(story, night, *steps):
    """Some steps of a night, seen from that night; whom it gave work then is not told today."""
    nights = story.env["care.night"].with_context(mail_activity_quick_update=True)
    with story.at(night):
        nights._run_steps(story.company, night, *steps)
        story.env.flush_all()
    story.env.invalidate_all()
