"""Cases at 200k: what people open, in a bounded number of queries, and what the cron claims."""

from datetime import datetime, timedelta
from time import perf_counter

from odoo.tools import SQL

from bench.bulk import analyze
from bench.data.cases import fill_cases
from bench.harness import Bench, sql_spent

FULL, PAGE = 200_000, 80
LATE = [("sla_state", "=", "breached")]
OPEN = [("stage_kind", "in", ("new", "open", "waiting"))]
NAMED = {"fields": {"display_name": {}}}
CARD = {
    "number": {}, "name": {}, "who": {}, "severity": {}, "care_status": {}, "care_health": {},
    "due_at": {}, "reply_state": {}, "sla_state": {}, "late_brief": {}, "is_likely_late": {},
    "user_id": NAMED, "product_id": NAMED, "stage_kind": {},
}  # fmt: skip
ROW = CARD | {"stage_id": NAMED, "kind": {}, "resolution_hours": {}, "sla_id": NAMED}
FORM = ROW | {
    "team_id": NAMED, "partner_id": NAMED, "late_reason": {}, "reply_deadline": {},
    "deadline_at": {}, "contact_ids": {"fields": {"at": {}, "direction": {}}},
    "escalation_ids": {"fields": {"state": {}}},
}  # fmt: skip
MEASURES = ["__count", "reply_median:avg", "resolution_median:avg", "sla_met_share:avg"]


def run(bench: Bench) -> None:
    env, now = bench.env, datetime.now().replace(microsecond=0)
    count = bench.sized(FULL, least=500)
    cases, report = env["care.case"], env["care.case.report"]
    ids = fill_cases(env, count, now)
    company = env.company
    bench.add("cases: usual time, told by night", count, bench.timed(
        lambda: env["care.case.pace"]._learn(company, now)))  # fmt: skip
    analyze(env, "care_case_pace")
    _compare(bench, "cases: board by stage", count, lambda: _board(cases), _floor_board)
    _compare(bench, "cases: list by deadline", count, lambda: cases.web_search_read(
        OPEN, ROW, limit=PAGE, order="due_at, id", count_limit=10_001), _floor_list)  # fmt: skip
    _compare(bench, "cases: overdue ones", count, lambda: cases.web_search_read(
        LATE, ROW, limit=PAGE, count_limit=10_001), _floor_late)  # fmt: skip
    _compare(bench, "cases: form", count, lambda: cases.browse(ids[0]).web_read(FORM),
             lambda env: _floor_form(env, ids[0]))  # fmt: skip
    _compare(bench, "cases: analysis, team and month", count, lambda: report.formatted_read_group(
        [], ["team_id", "opened_at:month"], MEASURES), _floor_report)  # fmt: skip
    _compare(bench, "cases: contacts by category", count, lambda: report.formatted_read_group(
        [], ["category_id"], ["__count", "contact_count:sum"]), _floor_contacts)  # fmt: skip
    _compare(bench, "cases: service levels", count, lambda: env[
        "care.sla.report"].formatted_read_group(
        [], ["sla_id", "promise"], ["met:sum", "judged:sum"]), _floor_promises)  # fmt: skip
    _judge_again(bench, now)
    _escalate(bench, ids, now)


def _board(cases):
    cases.web_read_group(
        ["|", *OPEN, ("last_resolved_at", ">=", "today -7d")], ["stage_id"], [],
        order="due_at, id", auto_unfold=True, unfold_read_specification=CARD,
    )  # fmt: skip


def _compare(bench: Bench, name: str, number: int, ours, floor) -> None:
    """Ours beside hand-written SQL for the same figures; queries of a first, cold call."""
    env = bench.env
    env.invalidate_all()
    with sql_spent(env) as spent:
        ours()
    timing = bench.compare(ours=ours, floor=lambda: floor(env), reset=env.cr.commit)
    bench.add(
        name, number, timing.ours_s, **timing.as_kwargs(queries=spent["queries"]),
        must="queries <= 60", ok=spent["queries"] <= 60,
    )  # fmt: skip


def _judge_again(bench: Bench, now) -> None:
    """A changed service level tells every open case anew, in the chunks of its job."""
    env = bench.env
    company, nights = env.company, env["care.night"]
    level = env["care.sla"].search([("company_id", "=", company.id)], limit=1)
    level.warn_percent = 50
    number = env["care.case"].search_count([*OPEN, ("company_id", "=", company.id)])
    position, chunks, most, begun = 0, 0, 0, perf_counter()
    while position is not None:
        env.invalidate_all()
        with sql_spent(env) as spent:
            position = nights._night_deadlines(company, now, position)
            env.flush_all()
        env.cr.commit()
        chunks, most = chunks + 1, max(most, spent["queries"])
    bench.add(
        "cases: a changed service level", number, perf_counter() - begun,
        must="queries of a chunk <= 40", ok=most <= 40,
        extra={"chunks": chunks, "queries": most},
    )  # fmt: skip


def _escalate(bench: Bench, ids, now) -> None:
    """The cron with nothing due, and with cases due: the queries of the claim do not grow."""
    env, log = bench.env, bench.env["care.case.escalation"]
    env.user.email = env.user.email or "bench@example.com"
    env["care.team"].search([]).leader_id = env.user
    bench.add("cases: claim, nothing due", len(ids), bench.timed(lambda: log._query_claim(now)))
    spent = {}
    for number in (10, 100):
        env.execute_query(SQL(
            """UPDATE care_case SET escalate_at = %s, opened_at = %s
                WHERE id IN (SELECT id FROM care_case
                              WHERE stage_kind = 'new' AND sla_id IS NOT NULL
                                AND NOT EXISTS (SELECT FROM care_case_escalation e
                                                 WHERE e.case_id = care_case.id)
                              LIMIT %s) RETURNING id""",
            now - timedelta(minutes=1), now - timedelta(days=60), number))  # fmt: skip
        env.cr.commit()
        env.invalidate_all()
        with sql_spent(env) as one:
            taken = bench.timed(
                lambda: log._escalate(env["care.case"].browse(log._query_claim(now)), now)
            )
        spent[number] = one["queries"]
    bench.add(
        "cases: 100 escalated at once", 100, taken,
        must="queries for 100 <= 1.5 x for 10", ok=spent[100] <= 1.5 * spent[10],
        extra={"queries_10": spent[10], "queries_100": spent[100]},
    )  # fmt: skip


def _floor_board(env):
    env.execute_query(SQL(
        """SELECT stage_id, COUNT(*) FROM care_case
            WHERE stage_kind IN ('new', 'open', 'waiting')
               OR last_resolved_at >= now() - interval '7 days' GROUP BY 1"""))  # fmt: skip
    env.execute_query(SQL(
        """SELECT c.* FROM care_stage s CROSS JOIN LATERAL (
               SELECT * FROM care_case WHERE stage_id = s.id ORDER BY due_at LIMIT %s) c""",
        PAGE))  # fmt: skip


def _floor_form(env, case):
    env.execute_query(SQL("SELECT * FROM care_case WHERE id = %s", case))
    env.execute_query(SQL("SELECT * FROM care_case_contact WHERE case_id = %s", case))


def _floor_list(env):
    env.execute_query(SQL(
        """SELECT * FROM care_case WHERE stage_kind IN ('new', 'open', 'waiting')
            ORDER BY due_at, id LIMIT %s""", PAGE))  # fmt: skip
    env.execute_query(SQL(
        """SELECT COUNT(*) FROM care_case
            WHERE stage_kind IN ('new', 'open', 'waiting')"""))  # fmt: skip


def _floor_late(env):
    env.execute_query(SQL(
        """SELECT * FROM care_case WHERE stage_kind IN ('new', 'open', 'waiting')
              AND deadline_at <= now() at time zone 'utc' ORDER BY severity DESC, id DESC
            LIMIT %s""", PAGE))  # fmt: skip


def _floor_report(env):
    env.execute_query(SQL(
        """SELECT team_id, date_trunc('month', opened_at), COUNT(*),
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY reply_hours),
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY resolution_hours),
                  AVG((resolution_result = 'met')::int)
             FROM care_case WHERE active GROUP BY 1, 2"""))  # fmt: skip


def _floor_contacts(env):
    env.execute_query(SQL(
        """SELECT c.category_id, COUNT(*), SUM(n.contacts)
             FROM care_case c
             JOIN (SELECT case_id, COUNT(*) AS contacts FROM care_case_contact
                    WHERE direction = 'in' GROUP BY 1) n ON n.case_id = c.id
            WHERE c.active GROUP BY 1"""))  # fmt: skip


def _floor_promises(env):
    env.execute_query(SQL(
        """SELECT sla_id, COUNT(*) FILTER (WHERE reply_result = 'met'), COUNT(reply_result),
                  COUNT(*) FILTER (WHERE resolution_result = 'met'), COUNT(resolution_result)
             FROM care_case WHERE active GROUP BY 1"""))  # fmt: skip
