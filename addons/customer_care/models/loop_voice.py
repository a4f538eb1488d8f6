from odoo import api, fields, models
from odoo.addons.customer_care.engine import words
from odoo.tools import SQL

from .care_voice_case import BATCH, KEPT, READ_DAYS

#: Where the daily notes of salespeople are, when the database has them.
NOTES = "sales.voice"
#: Kinds of theirs, by the name under which they were delivered, that are kinds of ours.
KINDS = ("complaint", "defect", "wish", "praise")
#: Their severity 0 to 3 is ours 1 to 4.
HIGHER = 1
#: Open deals that get the note; the latest ones.
MOST_DEALS = 200


class CareLoop(models.AbstractModel):
    """A product alert said to sales, where deals are kept."""

    _inherit = "care.loop"

    @api.model
    def _warn_deals(self, alert):
        """A note on the open deals of its buyers: whoever works on one reads it there."""
        if "crm.lead" not in self.env:
            return
        # sellers are told of their deals, whoever wrote down what the customer said
        leads = self.env["crm.lead"].sudo().search([
            ("won_status", "=", "pending"), ("company_id", "in", [False, alert.company_id.id]),
            ("partner_id.commercial_partner_id", "in", alert.buyer_ids.partner_id.ids),
        ], order="id desc", limit=MOST_DEALS)
        words = self.env["care.warning"]._tell_alert(alert)
        text = self.env._("The customer has it, under alert. %s", words)
        leads._message_log_batch(bodies={lead.id: text for lead in leads})


class CareVoice(models.Model):
    """What salespeople noted in their daily reports."""

    _inherit = "care.voice"

    @api.model
    def _gather_daily(self, company, now, position) -> int | None:
        """One chunk of the notes that changed since they were heard; where to go on."""
        if NOTES not in self.env:
            return None
        self.env.flush_all()
        ids = self._query_unheard_daily(company, now, position)
        if not ids:
            return None
        notes = self.env[NOTES].sudo().browse(ids)  # everybody's notes are heard
        kinds, known = self._get_daily_kinds(), self.env["care.safety.word"]._known(company)
        self._keep("daily", {
            note.id: self._prepare_daily_vals(note, kinds, known) for note in notes})
        return ids[-1]

    @api.model
    def _get_daily_kinds(self) -> dict[int, str]:
        """{id of a kind of note: our kind}; kinds of one's own making are not told apart."""
        rows = self.env["ir.model.data"].sudo().search(  # names of records are no secret
            [("model", "=", f"{NOTES}.type")])
        return {row.res_id: kind for row in rows for kind in KINDS
                if row.name.endswith(f"_{kind}")}

    @api.model
    def _prepare_daily_vals(self, note, kinds, known) -> dict | str:
        found = words.find(note.text or "", known)
        danger = bool(found) or note.is_safety
        kind = "complaint" if danger else kinds.get(note.type_id.id)
        template = note.product_tmpl_id
        if not kind or not (template or danger):
            return "moot"
        if kinds.get(note.type_id.id) == "defect":
            kind = "defect"
        variants = template.product_variant_ids
        return {
            "kind": kind, "text": note.text[:KEPT], "said_on": note.heard_on,
            "company_id": note.company_id.id, "user_id": note.user_id.id,
            "partner_id": note.partner_id.id, "severity": str(int(note.severity) + HIGHER),
            "product_id": variants.id if len(variants) == 1 else False,
            "product_tmpl_id": template.id,
            "is_safety": danger, "safety_words": ", ".join(found) or False,
        }

    def _query_unheard_daily(self, company, now, position) -> list[int]:
        """Notes by id. Index care_voice_source_uniq."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT n.id FROM sales_voice n
            LEFT JOIN care_voice v ON v.source = 'daily' AND v.source_ref = n.id
                WHERE n.company_id = %(company)s AND n.id > %(after)s
                  AND CASE WHEN v.id IS NULL
                           THEN n.product_tmpl_id IS NOT NULL OR n.is_safety
                                OR n.write_date > %(lately)s
                           ELSE n.write_date > v.heard_at + interval '1 second' END
             ORDER BY n.id LIMIT %(limit)s""",
            company=company.id, after=position, limit=BATCH,
            lately=fields.Datetime.subtract(now, days=READ_DAYS)))]
