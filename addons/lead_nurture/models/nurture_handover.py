from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

DUE_HOURS = 24
UNDECIDED = ("waiting", "late")


class NurtureHandover(models.Model):
    """One row: one lead given to sales once, what was known of it at that moment, and what became
    of it.

    The figures are frozen. The answer is read from what sales does with the lead, see the file of
    the follow-up; nobody has to press a button for it.
    """

    _name = "nurture.handover"
    _description = "Hand-over to sales"
    _order = "handed_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", "Lead", required=True, readonly=True, ondelete="cascade")
    person_id = fields.Many2one(
        "nurture.person", "Person", readonly=True, ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True, index=True)
    scenario_id = fields.Many2one(
        "nurture.scenario", "Scenario", readonly=True, ondelete="set null", index="btree_not_null",
        help="Empty: handed over by hand.",
    )  # fmt: skip
    enrolment_id = fields.Many2one(
        "nurture.enrolment", "Journey", readonly=True, ondelete="set null", index="btree_not_null"
    )
    given_by_id = fields.Many2one("res.users", "Given by", readonly=True, ondelete="set null")
    handed_at = fields.Datetime("Handed over", required=True, readonly=True)
    due_at = fields.Datetime("Answer due", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales team", readonly=True, ondelete="set null")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null",
        help="To whom it was given. Empty: to the team, which decides who takes it.",
    )  # fmt: skip
    note = fields.Text(readonly=True)
    score = fields.Integer(readonly=True, aggregator="avg", help="At the hand-over.")
    band = fields.Selection("_selection_bands", "Interest", readonly=True)
    grade = fields.Char("Fit", readonly=True)
    explanation = fields.Json("Why it was worth a call", readonly=True)

    state = fields.Selection(
        string="Answer",
        selection=[
            ("waiting", "Waiting"),
            ("late", "Late"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        help="Accepted: the salesperson did something himself. Rejected: lost or given back before "
        "that. Late: nothing until the answer was due; it may still be accepted. A loss that is "
        "taken back counts no more.",
    )
    decided_at = fields.Datetime("Answered", readonly=True)
    was_late = fields.Boolean("Answered late", readonly=True)
    reason_id = fields.Many2one(
        "crm.lost.reason", "Lost reason", readonly=True, ondelete="set null"
    )
    outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("recycled", "Back to nurture")],
        required=True,
        readonly=True,
        default="open",
    )
    closed_at = fields.Datetime("Closed", readonly=True)

    # hand-overs of a lead
    _lead_idx = models.Index("(lead_id, handed_at)")
    # what the follow-up looks at
    _undecided_idx = models.Index("(id) WHERE state IN ('waiting', 'late')")
    _open_idx = models.Index("(id) WHERE outcome = 'open'")
    _closed_idx = models.Index("(closed_at) WHERE outcome <> 'open'")

    @api.model
    def _selection_bands(self):
        return self.env["nurture.score"]._selection_bands()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Hand-overs are kept; they leave with their lead."))

    def action_open_lead(self):
        self.ensure_one()
        return self.lead_id.get_formview_action()

    # ------------------------------------------------------------
    # Writing down
    # ------------------------------------------------------------

    @api.model
    def _record(self, lead, note=None, enrolment=None):
        """Write down that `lead` was given to sales just now. A lead that sales has not answered
        for yet is not given a second time: the row that waits stays the one."""
        waiting = self.search([("lead_id", "=", lead.id), ("state", "in", UNDECIDED)], limit=1)
        return waiting or self.create(self._prepare_vals(lead, note, enrolment))

    @api.model
    def _prepare_vals(self, lead, note, enrolment):
        now = fields.Datetime.now()
        # sudo: whoever hands a lead over may have its person and score written down
        known = lead.sudo()
        score = known._nurture_score_records().get(lead.id)
        told = score._explain_now(now) if score else {}
        return {
            "lead_id": lead.id,
            "person_id": known.nurture_person_id.id,
            "company_id": lead.company_id.id or (enrolment and enrolment.company_id.id),
            "scenario_id": enrolment and enrolment.scenario_id.id,
            "enrolment_id": enrolment and enrolment.id,
            "given_by_id": self.env.uid,
            "handed_at": now,
            "due_at": now + timedelta(hours=self._due_hours()),
            "team_id": lead.team_id.id,
            "user_id": lead.user_id.id,
            "note": note,
            "score": told.get("total", 0),
            "band": told.get("band", "cold"),
            "grade": told.get("grade"),
            "explanation": told or False,
        }

    @api.model
    def _due_hours(self):
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        return max(int(parameters.get_param("lead_nurture.handover_hours", DUE_HOURS)), 1)
