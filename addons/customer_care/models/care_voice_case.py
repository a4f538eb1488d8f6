from lxml import html
from odoo import api, fields, models
from odoo.addons.customer_care.engine import words
from odoo.tools import SQL
from odoo.tools.mail import html_to_inner_content

#: What a case of a kind says about a product.
KIND_OF = {
    "complaint": "complaint", "defect": "defect", "return": "complaint", "request": "wish",
    "praise": "praise",
}
#: Ends that say the case was none.
NONE = ("merged", "duplicate", "spam", "cancelled")
#: Letters that are kept of what was written.
KEPT = 2000
#: Cases of one chunk of the night.
BATCH = 500
#: A case that says nothing of a product is read once more for so many days, for safety words.
READ_DAYS = 3


def plain(body) -> str:
    """What was written, without what was quoted of earlier mails."""
    if not body:
        return ""
    tree = html.fragment_fromstring(str(body), create_parent="div")
    for node in tree.xpath("//*[@data-o-mail-quote]"):
        node.drop_tree()
    return html_to_inner_content(html.tostring(tree, encoding="unicode"))


class CareVoice(models.Model):
    """What is said in cases."""

    _inherit = "care.voice"

    @api.model
    def _gather(self, company, now, position) -> int | None:
        """One chunk of the cases that changed since they were heard; where to go on."""
        self.env.flush_all()
        ids = self._query_unheard(company, now, position)
        if not ids:
            return None
        self._keep_cases(self.env["care.case"].browse(ids))
        return ids[-1]

    @api.model
    def _keep_cases(self, cases):
        cases = cases.sudo().with_context(active_test=False)  # for all, whoever changed them
        known = {company: self.env["care.safety.word"]._known(company)
                 for company in cases.company_id}
        return self._keep("case", {
            case.id: self._prepare_case_vals(case, known[case.company_id]) for case in cases})

    @api.model
    def _prepare_case_vals(self, case, known) -> dict | str:
        """The row of a case, or why it has none.

        :param known: the safety words of its company
        """
        if case.parent_id:
            return "merged"
        if case.duplicate_of_id:
            return "duplicate"
        if case.close_reason in NONE:
            return case.close_reason
        text = f"{case.name or ''}\n{plain(case.description)}".strip()
        found = words.find("\n".join([text, *self._later_words(case)]), known)
        kind = KIND_OF.get(case.kind) or ("complaint" if found else None)
        if not case.active or not kind or not (case.product_id or found):
            return "moot"
        return {
            "kind": kind, "text": text[:KEPT] or case.display_name,
            "said_on": case.company_id._care_today(case.opened_at),
            "company_id": case.company_id.id, "user_id": case.create_uid.id,
            "partner_id": case.partner_id.id, "product_id": case.product_id.id,
            "lot_name": (case.lot_name or "").strip() or False,
            "category_id": case.category_id.id,
            "campaign_id": case.campaign_id.id, "severity": case.severity,
            "is_safety": bool(found), "safety_words": ", ".join(found) or False,
        }

    def _later_words(self, case) -> list[str]:
        """What the customer wrote afterwards."""
        contacts = case.contact_ids.filtered(
            lambda contact: contact.direction == "in" and not contact.is_noise)
        return [plain(body)[:KEPT] for body in contacts.message_id.mapped("body")]

    def _query_unheard(self, company, now, position) -> list[int]:
        """Cases that may say something new, by id. Index care_voice_case_uniq."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT c.id FROM care_case c LEFT JOIN care_voice v ON v.case_id = c.id
                WHERE c.company_id = %(company)s AND c.id > %(after)s
                  AND CASE WHEN v.id IS NULL
                           THEN c.product_id IS NOT NULL AND c.kind = ANY(%(kinds)s)
                                AND c.active AND c.parent_id IS NULL
                                AND c.duplicate_of_id IS NULL
                                AND (c.close_reason IS NULL OR c.close_reason <> ALL(%(none)s))
                                OR c.write_date >= %(lately)s
                           ELSE c.write_date > v.heard_at + interval '1 second' END
             ORDER BY c.id LIMIT %(limit)s""",
            company=company.id, after=position, kinds=list(KIND_OF), none=list(NONE),
            lately=fields.Datetime.subtract(now, days=READ_DAYS), limit=BATCH))]
