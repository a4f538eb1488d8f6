"""The floor of enrolling: one INSERT of everybody who may enter, opt-outs left out."""

from datetime import datetime

from odoo.api import Environment
from odoo.tools import SQL

from bench.data import segments as spec

TABLE = "bench_enrolment"


def enrol(env: Environment, scenario, now: datetime) -> None:
    version = scenario.version_id
    env.cr.execute(
        SQL(
            """INSERT INTO %(table)s (scenario_id, version_id, company_id, person_id, lead_id,
                      node_id, visit, state, run_at, enrolled_at, attempts, create_uid,
                      create_date, write_uid, write_date)
               SELECT DISTINCT ON (i.person_id) %(scenario)s, %(version)s, %(company)s,
                      i.person_id, l.id, %(node)s, 1, 'active', %(now)s, %(now)s, 0, 1, %(now)s,
                      1, %(now)s
                 FROM crm_lead l
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = l.id
                 JOIN nurture_person p ON p.id = i.person_id
                WHERE l.active AND l.won_status = 'pending' AND l.city = ANY(%(places)s)
                  AND (l.company_id IS NULL OR l.company_id = %(company)s)
                  AND NOT EXISTS (SELECT 1 FROM mail_blacklist b
                                   WHERE b.email = p.email_normalized AND b.active)
                  AND NOT EXISTS (SELECT 1 FROM %(table)s e
                                   WHERE e.scenario_id = %(scenario)s
                                     AND e.person_id = i.person_id)
             ORDER BY i.person_id, l.id DESC""",
            table=SQL.identifier(TABLE),
            scenario=scenario.id,
            version=version.id,
            company=scenario.company_id.id,
            node=version._start_node().id,
            now=now,
            places=list(spec.PLACES),
        )
    )
