"""A year of events, oldest first; few people do much and many do little."""

import random
from datetime import datetime, timedelta
from itertools import accumulate

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, progress, reserve_ids

SEED = 20_192
HISTORY_DAYS = 365

EVENT = ["id", "person_id", "kind", "occurred_at", "actor", "url", "topic", "dedup_key"]
KINDS = {
    "page_view": 50, "mail_sent": 18, "mail_open": 14, "mail_click": 8, "form": 2, "download": 3,
    "call": 2, "meeting": 1, "mail_reply": 1, "purchase": 1,
}  # fmt: skip
ACTORS = {"human": 90, "suspect": 3, "machine": 7}
PAGES = ("pricing", "demo", "cases", "contact", "careers", *(f"product/{n}" for n in range(20)))
TOPICS = ("coffee", "packaging", "printing", None)
WITH_PAGE = {"page_view", "mail_click", "download"}


def fill_events(env: Environment, persons: range, count: int, now: datetime) -> int:
    template = _template(env, persons[0], now)
    ids = reserve_ids(env, "nurture_event", count)
    with bare_tables(env, "nurture_event"):
        copied = template.copy(progress(_rows(ids, persons, now), count, "events"))
    analyze(env, "nurture_event")
    return copied


def _template(env: Environment, person: int, now: datetime) -> RowTemplate:
    event = env["nurture.event"]._insert_events(
        [
            {
                "person_id": person,
                "kind": "page_view",
                "occurred_at": now - timedelta(days=HISTORY_DAYS),
                "dedup_key": "bench:template",
                "source": "bench",
            }
        ]
    )
    return RowTemplate(env, "nurture_event", event.id, EVENT)


def _rows(ids: range, persons: range, now: datetime):
    """Events in the order of time, so that those of one person lie scattered, as in real life.

    The person is drawn by the square of an even draw: a tenth of the people does a third.
    """
    rng = random.Random(SEED)
    kinds, actors = list(KINDS), list(ACTORS)
    kind_weights, actor_weights = [*accumulate(KINDS.values())], [*accumulate(ACTORS.values())]
    start = now - timedelta(days=HISTORY_DAYS)
    step = timedelta(days=HISTORY_DAYS) / len(ids)
    for place, event in enumerate(ids):
        kind = rng.choices(kinds, cum_weights=kind_weights)[0]
        at = (start + step * place).replace(microsecond=0)
        url = f"https://www.shop.example/{rng.choice(PAGES)}" if kind in WITH_PAGE else None
        yield (
            event, persons[int(len(persons) * rng.random() ** 2)], kind, at,
            rng.choices(actors, cum_weights=actor_weights)[0], url, rng.choice(TOPICS),
            f"bench:{place}",
        )  # fmt: skip
