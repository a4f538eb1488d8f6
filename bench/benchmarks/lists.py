"""P-6: the first page of leads by score, as a list and as cards, against pages of core alone."""

from datetime import datetime

from bench.bulk import analyze
from bench.data.rules import create_score_model
from bench.harness import Bench

from . import score

LIMIT = 80
CORE = {
    "name": {},
    "contact_name": {},
    "email_from": {},
    "create_date": {},
    "user_id": {"fields": {"display_name": {}}},
    "stage_id": {"fields": {"display_name": {}}},
}
OURS = {"nurture_score": {}, "nurture_band": {}, "nurture_grade": {}}
ORDER = "nurture_score desc, id desc"
OPEN = [("won_status", "=", "pending")]
WARM = [*OPEN, ("nurture_band", "in", ["hot", "warm"])]


def run(bench: Bench) -> None:
    """Fill and score, then read the pages that people open, ours and core's by turns."""
    env = bench.env
    score.fill(bench, datetime.now().replace(microsecond=0))
    create_score_model(env)
    env["nurture.score"]._cron_score()
    analyze(env, "nurture_score")
    leads = env["crm.lead"]
    number = leads.search_count([])
    for name, domain, must in (("all open", OPEN, 1.2), ("hot and warm", WARM, None)):
        _compare(
            bench,
            must,
            f"lists: {name} by score",
            number,
            lambda domain=domain: leads.web_search_read(
                domain, CORE | OURS, limit=LIMIT, order=ORDER, count_limit=10_001
            ),
            lambda: leads.web_search_read(OPEN, CORE, limit=LIMIT, count_limit=10_001),
        )
    _compare(
        bench,
        1.2,
        "lists: cards by band",
        number,
        lambda: _cards(leads, "nurture_band", "nurture_score:avg", CORE | OURS, ORDER),
        lambda: _cards(leads, "stage_id", "expected_revenue:sum", CORE, None),
    )


def _cards(leads, by: str, aggregate: str, specification: dict, order: str | None) -> None:
    """The columns with their counts and sums, and the first cards of each: what the client asks."""
    leads.web_read_group(
        OPEN,
        [by],
        [aggregate],
        order=order,
        auto_unfold=True,
        unfold_read_specification=specification,
    )


def _compare(bench: Bench, must: float | None, name: str, number: int, ours, core) -> None:
    """`must` is how many times the page of core ours may take; None where core has no such page."""
    timing = bench.compare(ours=ours, floor=core, reset=bench.env.cr.commit)
    bench.add(
        name,
        number,
        timing.ours_s,
        **timing.as_kwargs(),
        must=f"P-6 ratio <= {must}" if must else "",
        ok=timing.ours_s <= must * timing.floor_s if must else None,
    )
