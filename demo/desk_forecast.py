"""Targets of three quarters, what the forecast was in each of twelve weeks, one word on it.

What a past week's forecast was follows from the stage history: where each deal stood that day, at
what amount, and for when its closing was expected then.
"""
from collections import defaultdict
from datetime import timedelta

from odoo.addons.sales_automation.engine.forecast import Period

from .desk import ADDON
from .desk_leaver import LOGIN as LEAVER
from .leads import TEAM_OF

__all__ = ["ADDON", "load"]

WEEKS = 12
CHOSEN_DAYS = 21  # since then the categories chosen by hand count
ROUND = 10_000_000
# what was to be won, as a share of what was: two quarters back, the last one, this one
SHARES = {"field": (0.9, 0.85, 2.3), "field_th": (0.85, 2.4, 2.6), "inside": (1.0, 0.7, 1.0),
          "sales_manager": (1.0, 1.0, 1.5), LEAVER: (0.95, 0.8, None)}
LEAST = {"field": 300_000_000, "field_th": 250_000_000, "inside": 15_000_000,
         "sales_manager": 100_000_000, LEAVER: 250_000_000}
STRETCH = 1.05  # a team's target is a little more than its people's
WORD = -350_000_000
REASON = "Two hotels will not sign before their owners are back in January."


def load(story):
    """Chapter: targets, snapshots, and an adjustment by the head of sales."""
    quarter = Period.of("quarter", story.today)
    _set_targets(story, [quarter.shift(-2), quarter.shift(-1), quarter])
    days = _snapshot_days(story)
    deals = _collect(story)
    for day in days:
        _take(story, deals, day)
    _adjust(story, quarter)


def _set_targets(story, quarters):
    """Each person's own, each team's a little above the sum of its people's."""
    targets = story.env["sales.target"].with_user(story.ref("user_sales_manager"))
    for place, quarter in enumerate(quarters):
        sums = defaultdict(int)
        for login, shares in SHARES.items():
            if shares[place] is None:
                continue
            won = sum(story.env["crm.lead"].search([
                ("user_id", "=", story.ref(f"user_{login}").id), ("sales_outcome", "=", "won"),
                ("won_at", ">=", story.local_time(quarter.start, 0)),
                ("won_at", "<", story.local_time(quarter.end + timedelta(days=1), 0))]).mapped(
                "expected_revenue"))
            amount = max(LEAST[login], round(won * shares[place] / ROUND) * ROUND)
            sums[TEAM_OF.get(login, TEAM_OF["field"])] += amount
            _set_target(targets, quarter, amount, user_id=story.ref(f"user_{login}").id)
        for team, amount in sums.items():
            _set_target(targets, quarter, round(amount * STRETCH / ROUND) * ROUND,
                        team_id=story.ref(team).id)


def _set_target(targets, quarter, amount, **owner):
    targets.create({"period_kind": "quarter", "date_start": quarter.start,
                    "amount": amount, **owner})


def _snapshot_days(story):
    """The day of the week on which the house takes stock, for twelve weeks; not today's."""
    last = story.today - timedelta(days=1)
    last -= timedelta(days=(last.weekday() - int(story.company.sales_snapshot_weekday)) % 7)
    return [last - timedelta(weeks=week) for week in range(WEEKS)][::-1]


def _collect(story):
    """Every deal that was open in these weeks or won in the quarters around them."""
    since = story.local_time(story.today - timedelta(days=200), 0)
    leads = story.env["crm.lead"].with_context(active_test=False).search([
        ("type", "=", "opportunity"), ("company_id", "=", story.company.id),
        "|", "|", ("sales_outcome", "=", "open"), ("won_at", ">=", since),
        ("stage_history_ids.left_at", ">=", since)])
    return [(lead, lead.stage_history_ids.filtered(lambda stay: not stay.is_merged).sorted(
        lambda stay: (stay.entered_at, stay.id)), lead.slip_ids.sorted("changed_at"))
        for lead in leads]


def _take(story, deals, day):
    """One week's snapshot: the deals as they stood in its first hour, their sums, and what was
    said."""
    env, company = story.env, story.company
    moment = story.local_time(day, 2)
    snapshots = env["sales.forecast.snapshot"].sudo().with_context(
        allowed_company_ids=company.ids)
    periods = [Period.of(kind, day).shift(step)
               for kind in ("month", "quarter") for step in (0, 1)]
    chosen = story.today - timedelta(days=CHOSEN_DAYS)
    rows = list(filter(None, (_stand(lead, stays, slips, day, moment, chosen)
                              for lead, stays, slips in deals)))
    horizon = periods[-1].end
    env["sales.forecast.snapshot.deal"].sudo().create([
        {**row, "taken_on": day, "company_id": company.id} for row in rows
        if row["date_deadline"] and row["date_deadline"] <= horizon])
    with story.at(moment):
        for period in periods:
            since, until = env["sales.forecast"]._get_bounds(period, company)
            sums = _sum(rows, _won(deals, since, min(moment, until)), period, day)
            snapshots.create([{
                "taken_on": day, "period_kind": period.kind, "date_start": period.start,
                "date_end": period.end, "won_from": since, "won_until": until, "level": "person",
                "team_id": team, "user_id": user, "company_id": company.id, "category": category,
                "deal_count": number, "amount": amount, "weighted": weighted}
                for (team, user, category), (number, amount, weighted) in sums.items()])
            snapshots._keep_words(company, day, period)


def _stand(lead, stays, slips, day, moment, chosen):
    """How an open deal stood at that moment; None when it was none."""
    stay = stays.filtered(lambda row: row.entered_at <= moment
                          and (not row.left_at or row.left_at > moment))[-1:]
    if not stay:
        return None
    later = slips.filtered(lambda slip: slip.day > day)[:1]
    category = stay.stage_id.forecast_category
    if not stay.left_at and day >= chosen:
        category = lead.forecast_category_manual or category
    return {
        "lead_id": lead.id, "user_id": stay.user_id.id, "team_id": stay.team_id.id,
        "date_deadline": later.old_date or lead.date_deadline,
        "category": category if category != "closed" else "commit", "amount": stay.amount,
        "weighted": stay.amount * stay.probability / 100}


def _won(deals, since, until):
    return [lead for lead, _stays, _slips in deals
            if lead.sales_outcome == "won" and since <= lead.won_at < until]


def _sum(rows, won, period, day):
    """{(team, person, category): [deals, amount, weighted]}"""
    sums = defaultdict(lambda: [0, 0, 0])

    def add(key, amount, weighted):
        entry = sums[key]
        sums[key] = [entry[0] + 1, entry[1] + amount, entry[2] + weighted]

    for row in rows:
        date = row["date_deadline"]
        if date and period.start <= date <= period.end:
            add((row["team_id"], row["user_id"], "overdue" if date < day else row["category"]),
                row["amount"], row["weighted"])
    for lead in won:
        add((lead.team_id.id, lead.user_id.id, "closed"), lead.expected_revenue,
            lead.expected_revenue)
    return sums


def _adjust(story, quarter):
    """The head of sales takes something off the team's sum and says why."""
    story.env["sales.forecast.adjustment"].with_user(story.ref("user_sales_manager")).create({
        "period_kind": quarter.kind, "date_start": quarter.start, "kind": "delta",
        "category": "commit", "amount": WORD, "reason": REASON,
        "team_id": story.ref(TEAM_OF["field"]).id})
