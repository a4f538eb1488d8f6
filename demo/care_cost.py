"""What keeping customers costs: lines entered by hand for a year, and an analytic account.

Needs customer_care.
"""
from datetime import timedelta

from dateutil.relativedelta import relativedelta

MONTHS = 12
# what, kind, dong a month, spread, percent that keeps customers
MONTHLY = (
    ("Pay of the care desk, beside its hours on cases", "staff", 33_500_000, 0.04, 100),
    ("Half of the service dispatcher", "staff", 17_500_000, 0, 50),
    ("Licences and telephone of the care desk", "tools", 3_200_000, 0.1, 100),
    ("Free bag with each tenth delivery", "rewards", 4_400_000, 0.35, 100),
)
EVENING = ("Barista evening for customers", "campaigns", 15_000_000, 0.2, 100)
EVENING_EVERY = 3  # months
VISITS = ("Visits to customers", "other", 80)  # analytic account: name, kind, percent
TRIP = 6_500_000


def load(story):
    """Chapter: costs of twelve months; what belongs to none is not there."""
    first = (story.today - relativedelta(months=MONTHS)).replace(day=1)
    months = [first + relativedelta(months=number) for number in range(MONTHS)]
    vals_list = [
        _prepare_cost_vals(story, cost, month) for month in months for cost in MONTHLY]
    vals_list += [
        _prepare_cost_vals(story, EVENING, month) for month in months[1::EVENING_EVERY]]
    vals_list.append({
        "name": "Customer club: software for a year", "category_id": _kind(story, "tools").id,
        "date_from": first, "date_to": first + relativedelta(years=1, days=-1),
        "amount": 21_600_000, "percent": 100,
        "note": "One bill; it counts with a twelfth in each month."})
    story.env["care.retention.cost"].create(vals_list)
    _load_visits(story, months)


def late_bill(story):
    """A bill that came when its month had been printed."""
    day = (story.today - relativedelta(months=2)).replace(day=12)
    story.env["care.retention.cost"].create({
        "name": "Barista evening: bill of the hall, came late",
        "category_id": _kind(story, "campaigns").id, "date_from": day, "date_to": day,
        "amount": 9_800_000})


def _kind(story, name):
    return story.env.ref(f"customer_care.care_retention_category_{name}")


def _prepare_cost_vals(story, cost, month):
    name, kind, amount, spread, percent = cost
    drawn = amount * (1 + story.rng.uniform(-spread, spread))
    return {"name": name, "category_id": _kind(story, kind).id, "percent": percent,
            "amount": round(drawn, -4), "date_from": month,
            "date_to": month + relativedelta(day=31)}


def _load_visits(story, months):
    """Two trips a month are booked on an account of which a part keeps customers."""
    env = story.env
    name, kind, percent = VISITS
    plan = env["account.analytic.plan"].create({"name": "Customer care"})
    account = env["account.analytic.account"].create({
        "name": name, "plan_id": plan.id, "company_id": story.company.id,
        "care_retention": True, "care_retention_percent": percent,
        "care_retention_category_id": _kind(story, kind).id})
    story.name_records(account, ["analytic_visits"])
    column = plan._column_name()
    env["account.analytic.line"].create([
        {"name": f"Trip to customers in {where}", column: account.id,
         "company_id": story.company.id,
         "date": story.workday(month + timedelta(days=story.rng.randint(2, 26))),
         "amount": -round(TRIP * story.rng.uniform(0.6, 1.3), -4)}
        for month in months
        for where in story.rng.sample(("Đà Nẵng", "Hà Nội", "Bangkok", "Cần Thơ", "Nha Trang"), 2)])
