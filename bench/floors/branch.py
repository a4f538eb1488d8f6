"""The floor of a branch: everybody's arrival, way and next step, in three statements."""

from datetime import datetime

from odoo.api import Environment
from odoo.tools import SQL

PEOPLE, LOG = "bench_enrolment", "bench_step_log"


def move(env: Environment, node, way: SQL, now: datetime) -> None:
    """Everybody who stands at `node` leaves it by the label that `way` makes of the lead `l`."""
    names = {"people": SQL.identifier(PEOPLE), "log": SQL.identifier(LOG), "way": way, "now": now}
    env.cr.execute(
        SQL(
            """INSERT INTO %(log)s (enrolment_id, scenario_id, company_id, person_id, node_id,
                                    node_uid, visit, arrived_at)
               SELECT id, scenario_id, company_id, person_id, node_id, %(uid)s, visit, %(now)s
                 FROM %(people)s WHERE node_id = %(node)s""",
            uid=node.uid,
            node=node.id,
            **names,
        )
    )
    env.cr.execute(
        SQL(
            """UPDATE %(log)s g SET label = %(way)s, result = %(way)s, left_at = %(now)s
                 FROM %(people)s e JOIN crm_lead l ON l.id = e.lead_id
                WHERE g.enrolment_id = e.id AND g.visit = e.visit AND g.node_uid = %(uid)s""",
            uid=node.uid,
            **names,
        )
    )
    env.cr.execute(
        SQL(
            """UPDATE %(people)s e
                  SET node_id = d.to_id, visit = e.visit + 1, state = 'active', run_at = %(now)s,
                      attempts = 0, last_error = NULL, release_label = NULL
                 FROM %(log)s g, nurture_edge d
                WHERE g.enrolment_id = e.id AND g.visit = e.visit AND d.from_id = %(node)s
                  AND d.label = g.label""",
            node=node.id,
            **names,
        )
    )
