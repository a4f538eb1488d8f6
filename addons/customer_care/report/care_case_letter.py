from odoo import api, models


class ReportClosingLetter(models.AbstractModel):
    """The closing letter of a complaint as a document: of cases that have one."""

    _name = "report.customer_care.report_closing_letter"
    _description = "Closing letter"

    @api.model
    def _get_report_values(self, docids, data=None):
        cases = self.env["care.case"].browse(docids)
        cases._check_letter()
        return {"doc_ids": docids, "doc_model": "care.case", "docs": cases}
