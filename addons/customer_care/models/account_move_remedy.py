from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    care_case_id = fields.Many2one(
        "care.case", "Complaint", copy=False, index="btree_not_null", check_company=True,
        help="The case that this credit note makes up for. It becomes a remedy there and counts "
        "as compensation.",
        groups="base.group_user", prefetch="customer_care")

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves.filtered("care_case_id")._care_keep_remedies()
        return moves

    def write(self, vals):
        """A credit note given for a case is a remedy of the case."""
        result = super().write(vals)
        if "care_case_id" in vals:
            self._care_keep_remedies()
        return result

    def _care_keep_remedies(self):
        """One remedy per credit note, on the case it is linked to; what was asked for is used."""
        # Accounting links the credit note; the file of the case follows.
        remedies = self.env["care.remedy"].sudo()
        for move in self.filtered(lambda one: one.move_type == "out_refund"):
            given = remedies.search([("move_id", "=", move.id)])
            given.filtered(lambda one, case=move.care_case_id: one.case_id != case).unlink()
            if not move.care_case_id:
                continue
            move.care_compensation = True
            asked = given.exists() or remedies.search([
                ("case_id", "=", move.care_case_id.id), ("move_id", "=", False),
                ("invoice_id", "=", move.reversed_entry_id.id), ("invoice_id", "!=", False)],
                limit=1)
            if asked:
                asked.move_id = move
            else:
                remedies.create({
                    "case_id": move.care_case_id.id, "kind": "refund", "move_id": move.id,
                    "invoice_id": move.reversed_entry_id.id})
