from odoo import api, fields, models
from odoo.addons.customer_care.engine import rfm
from odoo.exceptions import UserError, ValidationError
from odoo.tools import convert_file


class CareRfmSegment(models.Model):
    """A name for customers who buy alike: some cells of the grid of recency and frequency.

    Names, colours, advice and tags are the company's own words; which cells a segment has stands
    in care.rfm.cell, so that every cell always has exactly one segment.
    """

    _name = "care.rfm.segment"
    _description = "RFM segment"
    _inherit = "care.shared"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=100, help="Best customers first.")
    active = fields.Boolean(default=True)
    color = fields.Integer(default=0)
    preset = fields.Char(readonly=True, copy=False)
    advice = fields.Char(
        "What to do", translate=True,
        help="What to do with customers of this segment; shown on the grid and on the customer.")
    category_id = fields.Many2one(
        "res.partner.category", "Contact tag", ondelete="restrict",
        help="Customers of this segment carry this tag, kept in step every night. A tag that "
        "somebody set by hand is never taken away.")
    cell_ids = fields.One2many("care.rfm.cell", "segment_id", readonly=True)
    cells = fields.Char(
        "Cells", compute="_compute_cells", inverse="_inverse_cells", copy=False,
        help="Which scores make this segment: recency, then frequency, each 1 (poor) to 5 (best). "
        "\"55 54\" are those who bought lately and often. A cell written here leaves the segment "
        "that it was in.")
    customer_count = fields.Integer("Customers", compute="_compute_customer_count")

    _preset_uniq = models.UniqueIndex("(preset) WHERE preset IS NOT NULL")

    @api.constrains("active")
    def _check_active(self):
        for segment in self:
            if not segment.active and segment.cell_ids:
                raise ValidationError(self.env._(
                    "%(segment)s still has the cells %(cells)s. Write them into another segment "
                    "first.", segment=segment.name, cells=segment.cells))

    @api.depends("cell_ids.recency", "cell_ids.frequency")
    def _compute_cells(self):
        for segment in self:
            segment.cells = " ".join(
                f"{cell.recency}{cell.frequency}" for cell in segment.cell_ids)

    def _inverse_cells(self):
        for segment in self:
            segment._take_cells(segment._parse_cells(segment.cells))

    def _compute_customer_count(self):
        counts = dict(self.env["care.customer"]._read_group(
            [("rfm_segment_id", "in", self.ids)], ["rfm_segment_id"], ["__count"])
            if self.env["care.customer"].has_access("read") else [])
        for segment in self:
            segment.customer_count = counts.get(segment, 0)

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        if any(vals.get("category_id") for vals in vals_list):
            self.env["care.night"]._wake("tags")
        return segments

    def write(self, vals):
        result = super().write(vals)
        if "category_id" in vals:
            self.env["care.night"]._wake("tags")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mapped(self):
        for segment in self:
            if segment.cell_ids:
                raise UserError(self.env._(
                    "%(segment)s still has the cells %(cells)s. Write them into another segment "
                    "first.", segment=segment.name, cells=segment.cells))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        moves = self.env["care.segment.move"].sudo()  # of every company
        for segment in self:
            if moves.search_count(["|", ("from_segment_id", "=", segment.id),
                                   ("to_segment_id", "=", segment.id)], limit=1):
                raise UserError(self.env._(
                    "Customers were in %s: their story tells of it. Archive the segment instead.",
                    segment.name))

    def action_open_customers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_customer_action")
        return action | {
            "name": self.name, "domain": [("rfm_segment_id", "=", self.id)], "context": {}}

    def action_restore_presets(self):
        """Names, colours, advice and map as they were shipped; own segments stay, without cells."""
        self._presets().check_access("write")
        self._presets().active = True
        # xml ids are written too, which managers may not; the words are English in the file
        shipped = self.sudo().with_context(lang=None)
        convert_file(
            shipped.env, "customer_care", "data/care_rfm_segment_data.xml", {}, mode="init")
        self._restore_map()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _complete_map(self):
        """Cells that have no segment yet get the one they were shipped with."""
        cells = self.env["care.rfm.cell"]
        known = {(cell.recency, cell.frequency) for cell in cells.search([])}
        cells.create([
            {"recency": recency, "frequency": frequency, "segment_id": segment.id}
            for segment in self._presets()
            for recency, frequency in rfm.GRID[segment.preset] if (recency, frequency) not in known
        ])

    @api.model
    def _restore_map(self):
        """Every cell back to the segment it was shipped with."""
        cells = self.env["care.rfm.cell"].sudo().search([])  # moved by whoever may write segments
        by_preset = self._presets().grouped("preset")
        for cell in cells:
            cell.segment_id = by_preset[rfm.segment_of(cell.recency, cell.frequency)]
        self._wake_rescore()

    def _presets(self):
        return self.with_context(active_test=False).search([("preset", "!=", False)])

    def _take_cells(self, places):
        """Make exactly these cells this segment's; what it had must have gone elsewhere."""
        self.ensure_one()
        cells = self.env["care.rfm.cell"].sudo().search([])  # moved by whoever may write segments
        left = cells.filtered(
            lambda cell: cell.segment_id == self and (cell.recency, cell.frequency) not in places)
        if left:
            raise ValidationError(self.env._(
                "%(cells)s would belong to no segment. Do not take cells out of %(segment)s: write "
                "them into the segment they should go to.",
                cells=" ".join(f"{cell.recency}{cell.frequency}" for cell in left),
                segment=self.name))
        cells.filtered(
            lambda cell: (cell.recency, cell.frequency) in places and cell.segment_id != self
        ).segment_id = self
        self.env["care.rfm.segment"].invalidate_model(["cells", "cell_ids"])
        self._wake_rescore()

    def _parse_cells(self, text):
        try:
            return rfm.parse_cells(text or "")
        except ValueError as error:
            raise ValidationError(self.env._(
                "\"%s\" is no cell. Write recency, then frequency, each from 1 to 5, like 55 54.",
                error)) from error

    @api.model
    def _wake_rescore(self):
        if self.env.registry.ready:
            self.env["care.night"]._wake("rfm", "tags")
