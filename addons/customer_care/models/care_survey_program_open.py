from odoo import api, fields, models
from odoo.tools import SQL, hmac

from .care_survey_program_due import WINDOW_DAYS


class CareSurveyProgram(models.Model):
    """A programme that asks whoever comes: one network answers so often a day at most.

    A network is known by a word made of it, the programme and the day with the database's secret:
    from one day to the next nobody is followed, and after 30 days the word is forgotten.
    """

    _inherit = "care.survey.program"

    network_limit = fields.Integer(
        "Answers of one network a day", default=30,
        help="More answers from one network (an office, a shop's own Wi-Fi) are refused until the "
        "next day of the company, so that nobody can stuff the figures. Raise it where "
        "customers answer at your own counter.")
    refused_told = fields.Char(compute="_compute_refused_told")

    _network_limit = models.Constraint(
        "CHECK(network_limit > 0)", "One answer a day must be possible.")

    @api.depends("trigger", "network_limit")
    @api.depends_context("lang")
    def _compute_refused_told(self):
        """Where a limit was reached, the figures may rest on one shop or one joker."""
        for program in self:
            stored = program._origin if program.trigger == "web" else program.browse()
            count = bool(stored) and len(stored._query_full_networks())
            program.refused_told = count and self.env._(
                "In the last 30 days a network reached the limit of %(limit)s answers a day "
                "%(count)s times; what came beyond was refused.",
                limit=program.network_limit, count=count)

    def _get_network_word(self, network: str, now) -> str:
        """The network's name for this programme and day."""
        # The database's secret, which nobody may read.
        return hmac(self.env(su=True), "care-survey-network", (
            self.id, self.company_id._care_today(now).isoformat(), network))[:32]

    def _has_room(self, word: str) -> bool:
        """Whether the network may answer once more today. Index care_survey_invitation_network_idx;
        of answers that come at one moment one for each worker may go beyond."""
        return self.env["care.survey.invitation"].search_count(
            [("program_id", "=", self.id), ("network", "=", word)]) < self.network_limit

    def _prepare_open_vals(self, partner, word, now):
        """An answer without a question by mail: a link on a page or a receipt."""
        return {
            "program_id": self.id, "company_id": self.company_id.id, "metric": self.metric,
            "partner_id": partner.id, "email": partner.email_normalized, "state": "sent",
            "event_at": now, "network": word, "expires_at": fields.Datetime.add(now, days=1)}

    @api.autovacuum
    def _gc_networks(self):
        """Answers stay, the word for their network goes."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=WINDOW_DAYS)
        return len(self._query_forget_networks(before)), 0

    # ---- queries --------------------------------------------------------------------------------

    def _query_full_networks(self) -> list[tuple]:
        """Networks of the last 30 days that reached the limit of their day. Index
        care_survey_invitation_network_idx."""
        return self.env.execute_query(SQL(
            """SELECT network FROM care_survey_invitation
                WHERE program_id = %s AND network IS NOT NULL
             GROUP BY network HAVING COUNT(*) >= %s""", self.id, self.network_limit))

    def _query_forget_networks(self, before) -> list[tuple]:
        """One pass a day over what still has a word."""
        return self.env.execute_query(SQL(
            """UPDATE care_survey_invitation SET network = NULL
                WHERE network IS NOT NULL AND event_at < %s RETURNING id""", before))
