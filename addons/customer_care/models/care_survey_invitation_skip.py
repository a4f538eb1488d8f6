from odoo import api, models
from odoo.tools import SQL

from .care_case import SEVERE
from .care_stage import OPEN_KINDS

#: A question that could not leave for so many days after it was due stays away.
LATE_DAYS = 7
#: Reasons that were decided when the question was planned.
PLANNED_WITH = ("sample", "tenure", "late")
#: Reasons that were decided when it was first asked.
DECIDED = (*PLANNED_WITH, "cooling")


class CareSurveyInvitation(models.Model):
    """Why somebody is not asked.

    A reason is one entry in `_skip_reasons()` and one method `_query_skip_<key>(program, now)`:
    an SQL condition on a due row `d` with the columns id (0 when new), partner_id,
    commercial_partner_id, email, active, event, event_at, send_at, case_id, order_id, move_id.
    """

    _inherit = "care.survey.invitation"

    @api.model
    def _skip_reasons(self) -> dict[str, str]:
        """Registry: key → words. The first reason that holds is the one that is kept."""
        return {
            "internal": self.env._("one of us"),
            "archived": self.env._("contact archived"),
            "no_address": self.env._("no e-mail address"),
            "blacklisted": self.env._("wants no mails"),
            "opted_out": self.env._("wants no surveys"),
            "void": self.env._("the case was merged, a duplicate or spam"),
            "reopened": self.env._("the case is open again"),
            "complaint": self.env._("a severe complaint is open"),
            "late": self.env._("too late"),
            "tenure": self.env._("not long enough a customer"),
            "sample": self.env._("not drawn"),
            "rated": self.env._("has rated a case himself shortly before"),
            "cooling": self.env._("asked shortly before"),
        }

    def _judge(self, now, but=DECIDED) -> dict:
        """These invitations by the reason that holds them back; those free to go under None."""
        self.env.flush_all()
        found = {}
        for program, invitations in self.grouped("program_id").items():
            judged = self._query_judged(
                program, now, invitations._query_stored(), but, stored=True)
            for invitation_id, reason in self._query_reasons(judged):
                found[reason] = found.get(reason, self.browse()) | self.browse(invitation_id)
        return found

    # ---- queries --------------------------------------------------------------------------------

    def _query_reasons(self, judged: SQL) -> list[tuple]:
        return self.env.execute_query(SQL("SELECT id, reason FROM (%s) j", judged))

    def _query_stored(self) -> SQL:
        return SQL(
            """SELECT id, partner_id, event, event_at, case_id, order_id, move_id
                 FROM care_survey_invitation WHERE id = ANY(%s)""", self.ids)

    def _query_judged(self, program, now, due: SQL, but=(), stored=False) -> SQL:
        """The due rows with send_at, email and `reason`: the first that holds, or NULL.

        Where the contact has no address, somebody of the same customer who has one is asked. Of
        two rows of one person only the first is free while a rest between questions is kept.
        Index res_partner (commercial_partner_id).
        """
        arms = [
            SQL("WHEN %s THEN %s", getattr(self, f"_query_skip_{key}")(program, now), key)
            for key in self._skip_reasons() if key not in but
        ]
        rest = bool(program.company_id.care_survey_cooling_days) and "cooling" not in but
        return SQL(
            """SELECT j.*, CASE WHEN j.own_reason IS NULL AND %(rest)s AND row_number() OVER (
                                PARTITION BY j.own_reason IS NULL, j.email
                                ORDER BY j.event_at, j.event) > 1
                           THEN 'cooling' ELSE j.own_reason END AS reason
                 FROM (SELECT d.*, CASE %(arms)s END AS own_reason FROM (
                         SELECT %(id)s AS id, a.id AS partner_id, a.commercial_partner_id,
                                a.email_normalized AS email, a.active, d.event, d.event_at,
                                d.event_at + %(delay)s * '1 hour'::interval AS send_at,
                                d.case_id, d.order_id, d.move_id
                           FROM (%(due)s) d JOIN res_partner p ON p.id = d.partner_id
             CROSS JOIN LATERAL (
                         SELECT k.* FROM res_partner k
                          WHERE k.id = p.id
                             OR p.email_normalized IS NULL AND k.active
                                AND k.email_normalized IS NOT NULL
                                AND k.commercial_partner_id = p.commercial_partner_id
                       ORDER BY k.email_normalized IS NULL, k.type <> 'contact', k.id
                          LIMIT 1) a) d) j""",
            rest=rest, arms=SQL(" ").join(arms), delay=program.delay_hours, due=due,
            id=SQL("d.id") if stored else SQL("0"))

    def _query_skip_internal(self, program, now) -> SQL:
        """Users of ours, employees, and the companies themselves."""
        return SQL(
            """(EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = d.partner_id
                                                    AND NOT u.share)
                OR EXISTS (SELECT 1 FROM res_company o
                            WHERE o.partner_id = d.commercial_partner_id)
                OR EXISTS (SELECT 1 FROM res_partner e WHERE e.id = d.partner_id AND e.employee))
            """)

    def _query_skip_archived(self, program, now) -> SQL:
        return SQL("NOT d.active")

    def _query_skip_no_address(self, program, now) -> SQL:
        return SQL("d.email IS NULL")

    def _query_skip_blacklisted(self, program, now) -> SQL:
        return SQL(
            "EXISTS (SELECT 1 FROM mail_blacklist b WHERE b.email = d.email AND b.active)")

    def _query_skip_opted_out(self, program, now) -> SQL:
        return SQL(
            """EXISTS (SELECT 1 FROM care_survey_stop s
                        WHERE s.email = d.email AND s.company_id = %s)""", program.company_id.id)

    def _query_skip_void(self, program, now) -> SQL:
        return SQL(
            """EXISTS (SELECT 1 FROM care_case c WHERE c.id = d.case_id
                          AND c.close_reason IN ('merged', 'duplicate', 'spam'))""")

    def _query_skip_reopened(self, program, now) -> SQL:
        if program.trigger != "case_resolved":
            return SQL("FALSE")
        return SQL(
            "EXISTS (SELECT 1 FROM care_case c WHERE c.id = d.case_id AND c.stage_kind IN %s)",
            OPEN_KINDS)

    def _query_skip_complaint(self, program, now) -> SQL:
        """Whoever waits for his complaint is not asked whether he would recommend us."""
        if program.trigger != "relational":
            return SQL("FALSE")
        return SQL(
            """EXISTS (SELECT 1 FROM care_case c
                        WHERE c.commercial_partner_id = d.commercial_partner_id
                          AND c.company_id = %s AND c.kind IN ('complaint', 'defect')
                          AND c.severity IN %s AND c.stage_kind IN %s)""",
            program.company_id.id, SEVERE, OPEN_KINDS)

    def _query_skip_late(self, program, now) -> SQL:
        return SQL("d.send_at < %s::timestamp - %s * '1 day'::interval", now, LATE_DAYS)

    def _query_skip_tenure(self, program, now) -> SQL:
        """Index care_customer (partner_id, company_id)."""
        if not program.tenure_days:
            return SQL("FALSE")
        return SQL(
            """NOT EXISTS (SELECT 1 FROM care_customer c
                            WHERE c.partner_id = d.commercial_partner_id AND c.company_id = %s
                              AND c.first_purchase <= %s - %s)""",
            program.company_id.id, program.company_id._care_today(now), program.tenure_days)

    def _query_skip_sample(self, program, now) -> SQL:
        """The monthly programme draws before it asks."""
        if program.trigger == "relational" or program.sample_percent >= 100:
            return SQL("FALSE")
        return SQL(
            "abs(hashtextextended(d.event, %s)) %% 100 >= %s", program.id, program.sample_percent)

    def _query_skip_rated(self, program, now) -> SQL:
        """Who says on his own page how a case went has been asked: about this case for good, and
        for the rest between two questions about anything. By person and by address: one mailbox
        may be several contacts. Indexes on care_feedback's partner_id and _address_idx.
        """
        said = SQL(
            """f.company_id = %s
               AND f.rating_id IS NOT NULL AND f.invitation_id IS NULL
               AND f.excluded_reason IS NULL AND f.case_id IS NOT NULL
               AND (f.case_id = d.case_id
                    OR f.responded_at > %s::timestamp - %s * '1 day'::interval)""",
            program.company_id.id, now, program.company_id.care_survey_cooling_days)
        return SQL(
            """(EXISTS (SELECT 1 FROM care_feedback f
                         WHERE f.partner_id = d.partner_id AND %(said)s)
                OR EXISTS (SELECT 1 FROM care_feedback f
                            WHERE f.email = d.email AND %(said)s))""", said=said)

    def _query_skip_cooling(self, program, now) -> SQL:
        """Over all programmes, by person and by address; who is about to be asked counts, too:
        of two that wait, the one that was planned first is asked.

        Indexes care_survey_invitation_partner_idx, _email_idx.
        """
        days = program.company_id.care_survey_cooling_days
        if not days:
            return SQL("FALSE")
        # What it asked itself does not hold a preview of the same days back.
        own = program.id if self.env.context.get("care_preview") else 0
        asked = SQL(
            """o.company_id = %s AND o.id <> d.id AND o.is_test IS NOT TRUE
               AND o.program_id <> %s
               AND (o.sent_at > %s::timestamp - %s * '1 day'::interval
                    OR o.sent_at IS NULL AND o.state IN ('planned', 'failed')
                       AND (d.id = 0 OR o.id < d.id))""",
            program.company_id.id, own, now, days)
        return SQL(
            """(EXISTS (SELECT 1 FROM care_survey_invitation o
                         WHERE o.partner_id = d.partner_id AND %(asked)s)
                OR EXISTS (SELECT 1 FROM care_survey_invitation o
                            WHERE o.email = d.email AND %(asked)s))""",
            asked=asked)
