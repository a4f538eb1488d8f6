from odoo import fields, models


class CareRfmCell(models.Model):
    """One cell of the RFM grid: customers with this recency and frequency are of this segment.

    There are always 25 rows, each with one segment; that is what makes the map whole. People move
    cells by writing them into a segment (care.rfm.segment.cells).
    """

    _name = "care.rfm.cell"
    _description = "Cell of the RFM grid"
    _log_access = False
    _order = "recency desc, frequency desc"
    _rec_name = "segment_id"

    recency = fields.Integer(required=True, readonly=True)
    frequency = fields.Integer(required=True, readonly=True)
    # A segment with cells is refused by its own model; only an uninstallation takes both.
    segment_id = fields.Many2one(
        "care.rfm.segment", required=True, readonly=True, index=True, ondelete="cascade")

    _cell_uniq = models.Constraint(
        "UNIQUE(recency, frequency)", "A cell of the grid belongs to one segment.")
    _scores = models.Constraint(
        "CHECK(recency BETWEEN 1 AND 5 AND frequency BETWEEN 1 AND 5)",
        "Scores go from 1 to 5.")
