"""The floor of a refreshed segment: one statement by hand, every table read once.

It finds who belongs to the segment, lets in who is new and out who no longer belongs, and records
that as events when asked. No chunks, no queue, no conditions made of records.
"""

from datetime import datetime, timedelta

from odoo.api import Environment
from odoo.tools import SQL

from bench.data import segments as spec

TABLE = "bench_member"
EVENTS = "bench_event"


def refresh(env: Environment, segment_id: int, now: datetime, told: bool = False) -> None:
    """Bring the members up to `now`; with `told` each move is an event."""
    env.cr.execute(
        SQL(
            """WITH matched AS MATERIALIZED (%(matched)s),
                    entered AS (
                   INSERT INTO %(table)s (segment_id, person_id, company_id, entered_at,
                                          silent_entry)
                   SELECT %(segment)s, m.id, m.company_id, %(now)s, %(silent)s
                     FROM matched m
                    WHERE NOT EXISTS (SELECT 1 FROM %(table)s k
                                       WHERE k.segment_id = %(segment)s AND k.left_at IS NULL
                                         AND k.person_id = m.id)
                RETURNING id, person_id, company_id),
                    gone AS (
                   UPDATE %(table)s k SET left_at = %(now)s, silent_exit = %(silent)s
                    WHERE k.segment_id = %(segment)s AND k.left_at IS NULL
                      AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.id = k.person_id)
                RETURNING k.id, k.person_id, k.company_id)
               %(tell)s""",
            matched=_matched(now),
            table=SQL.identifier(TABLE),
            segment=segment_id,
            now=now,
            silent=not told,
            tell=_tell(segment_id, now) if told else SQL("SELECT count(*) FROM entered, gone"),
        )
    )


def _tell(segment_id: int, now: datetime) -> SQL:
    return SQL(
        """INSERT INTO %(events)s (person_id, kind, occurred_at, actor, source, res_model, res_id,
                                   topic, dedup_key, company_id)
           SELECT moved.person_id, moved.kind, %(now)s, 'human', 'segment', 'nurture.segment',
                  %(segment)s, 'Bench', moved.kind || ':' || moved.id, moved.company_id
             FROM (SELECT id, person_id, company_id, 'segment_enter' AS kind FROM entered
                    UNION ALL
                   SELECT id, person_id, company_id, 'segment_leave' FROM gone) moved""",
        events=SQL.identifier(EVENTS),
        now=now,
        segment=segment_id,
    )


def _matched(now: datetime) -> SQL:
    return SQL(
        """SELECT p.id, p.company_id
             FROM nurture_person p
             JOIN (SELECT i.person_id,
                          bool_or(l.city = ANY(%(places)s) AND l.active) AS near,
                          bool_or(l.function = %(student)s) AS student
                     FROM nurture_identity i
                     JOIN crm_lead l ON l.id = i.res_id
                    WHERE i.kind = 'lead' AND (l.city = ANY(%(places)s) AND l.active
                                               OR l.function = %(student)s)
                 GROUP BY i.person_id) lead ON lead.person_id = p.id
             JOIN (SELECT e.person_id,
                          bool_or(e.kind <> %(quiet)s AND e.occurred_at > %(page_since)s
                                  AND lower(e.url) LIKE %(page)s) AS came,
                          bool_or(e.kind = %(quiet)s) AS met
                     FROM nurture_event e
                    WHERE e.kind IN ('page_view', 'mail_click', %(quiet)s)
                      AND e.actor = 'human' AND e.occurred_at <= %(now)s
                      AND e.occurred_at > %(quiet_since)s
                 GROUP BY e.person_id) done ON done.person_id = p.id
            WHERE p.active AND lead.near AND lead.student IS NOT TRUE
              AND done.came AND NOT done.met""",
        places=list(spec.PLACES),
        student=spec.STUDENT,
        quiet=spec.QUIET_KIND,
        page=f"%{spec.PAGE}%",
        now=now,
        page_since=now - timedelta(days=spec.PAGE_DAYS),
        quiet_since=now - timedelta(days=spec.QUIET_DAYS),
    )
