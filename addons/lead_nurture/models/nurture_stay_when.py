from odoo import models
from odoo.tools import SQL

from .nurture_event import PASSIVE_KINDS

# the moment from which on something new may move the lead `l` out of its stay `c`
SINCE = SQL("date_trunc('second', COALESCE(c.entered_at, l.create_date))")


class NurtureStay(models.Model):
    """When a trigger holds: one expression for each kind of nurture.status, giving the moment for
    the lead `l` of the person in `i`, who stands in the stay `c` of the status `here`; else NULL.
    """

    _inherit = "nurture.stay"

    def _query_when_created(self, status):
        return SQL("l.create_date")

    def _query_when_engaged(self, status):
        """Who left the path needs more than one visit to come back."""
        # index nurture_event_person_idx
        return SQL(
            """CASE WHEN here.off_path IS NOT TRUE THEN
                    (SELECT MIN(e.occurred_at) FROM nurture_event e
                      WHERE e.person_id = i.person_id AND e.actor = 'human' AND e.kind <> ALL(%s)
                        AND e.occurred_at >= %s) END""",
            list(PASSIVE_KINDS),
            SINCE,
        )

    def _quiet_triggers(self):
        """Those that also hold, without a word, for whom `_query_when_hot_untold` finds."""
        return ("hot", "marketing")

    def _query_when_hot(self, status):
        """The person went up to hot by the score that is shown."""
        # indexes nurture_event_person_idx, nurture_score_person_model_uniq
        return SQL(
            """(SELECT MIN(e.occurred_at) FROM nurture_event e
                  JOIN nurture_score s ON s.person_id = e.person_id AND s.model_id = e.res_id
                 WHERE e.person_id = i.person_id AND e.kind = 'band_up' AND e.topic = 'hot'
                   AND e.res_model = 'nurture.score.model' AND %s AND e.occurred_at >= %s)""",
            self.env["nurture.person"]._query_main_model(),
            SINCE,
        )

    def _query_when_hot_untold(self):
        """The person is hot without anybody having been told, because a score model was published;
        and no human brought the lead where it stands."""
        # index nurture_score_person_model_uniq
        return SQL(
            """(SELECT s.computed_at FROM nurture_score s
                 WHERE s.person_id = i.person_id AND s.band = 'hot' AND %s
                   AND c.rule IN ('created', 'engaged')
                   AND l.type = 'lead' AND l.won_status = 'pending')""",
            self.env["nurture.person"]._query_main_model(),
        )

    def _query_when_handed_over(self, status):
        # index nurture_handover_lead_idx
        return SQL(
            """(SELECT MIN(h.handed_at) FROM nurture_handover h
                 WHERE h.lead_id = l.id AND h.handed_at >= %s)""",
            SINCE,
        )

    def _query_when_marketing(self, status):
        return SQL(
            "LEAST(%s, %s)", self._query_when_hot(status), self._query_when_handed_over(status)
        )

    def _query_when_accepted(self, status):
        return SQL(
            "CASE WHEN l.won_status = 'pending' THEN %s END",
            self.env["nurture.reaction"]._query_first(SINCE),
        )

    def _query_when_qualified(self, status):
        return self._query_state(
            status, self._query_reached(status), SQL("NOT %s", self._query_given())
        )

    def _query_when_opportunity(self, status):
        """A hand-over makes an opportunity of a lead before sales has looked at it."""
        reached = [self._query_reached(status)]
        reaction = self.env["nurture.reaction"]
        if reaction._has_quotations():
            reached.append(reaction._query_first_quotation(SINCE))
        return SQL(
            """CASE WHEN l.type = 'opportunity' AND l.won_status <> 'lost' THEN
                    CASE WHEN %s THEN LEAST(%s) ELSE %s END END""",
            self._query_given(),
            SQL(", ").join(reached),
            self._query_state(status, SQL("COALESCE(l.date_conversion, l.create_date)")),
        )

    def _query_when_won(self, status):
        # index nurture_event_person_idx
        return SQL(
            """LEAST(%s,
                     (SELECT MIN(e.occurred_at) FROM nurture_event e
                       WHERE e.person_id = i.person_id AND e.kind = 'purchase'
                         AND e.occurred_at >= %s))""",
            self._query_state(
                status,
                SQL(
                    """CASE WHEN l.won_status = 'won'
                            THEN COALESCE(l.date_closed, l.date_last_stage_update) END"""
                ),
            ),
            SINCE,
        )

    def _query_when_recycled(self, status):
        return self._query_when_lost_for(status, SQL("IS NOT NULL"))

    def _query_when_lost(self, status):
        return self._query_when_lost_for(status, SQL("IS NULL"))

    def _query_when_lost_for(self, status, condition):
        """A reason that is changed later moves the lead again."""
        # index crm_lost_reason_pkey
        return self._query_state(
            status,
            SQL(
                """CASE WHEN l.won_status = 'lost'
                         AND (SELECT r.nurture_scenario_id FROM crm_lost_reason r
                               WHERE r.id = l.lost_reason_id) %s
                        THEN COALESCE(l.date_closed, l.write_date) END""",
                condition,
            ),
        )

    # ------------------------------------------------------------
    # Pieces
    # ------------------------------------------------------------

    def _query_given(self):
        # index nurture_handover_lead_idx
        return SQL("EXISTS (SELECT 1 FROM nurture_handover h WHERE h.lead_id = l.id)")

    def _query_reached(self, status):
        """Since when the opportunity stands in one of the stages of `status`."""
        return SQL(
            """CASE WHEN l.type = 'opportunity' AND l.won_status <> 'lost'
                     AND l.stage_id = ANY(%s) THEN l.date_last_stage_update END""",
            status.stage_ids.ids,
        )

    def _query_state(self, status, moment, lasting=None):
        """What still holds counts although it began before the lead came where it stands, if it is
        `lasting`, has not brought the lead to `status` before, and no human moved it since."""
        # index nurture_stay_lead_idx
        return SQL(
            """CASE WHEN %(moment)s IS NOT NULL AND c.rule IS DISTINCT FROM 'hand'
                     AND %(lasting)s AND (c.rule IN ('recycled', 'lost') OR NOT EXISTS (
                         SELECT 1 FROM nurture_stay p
                          WHERE p.lead_id = l.id AND p.status_id = %(status)s
                            AND p.entered_at >= date_trunc('second', %(moment)s)))
                    THEN GREATEST(%(moment)s, %(since)s) ELSE %(moment)s END""",
            moment=moment,
            lasting=lasting or SQL("TRUE"),
            status=status.id,
            since=SINCE,
        )
