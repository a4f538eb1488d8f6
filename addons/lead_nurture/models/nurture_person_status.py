from odoo import models
from odoo.tools import SQL


class NurturePerson(models.Model):
    """A person is as far as the furthest of his leads."""

    _name = "nurture.person"
    _inherit = ["nurture.person", "nurture.status.mixin"]

    def _query_nurture_stays(self, ids=None):
        # indexes nurture_identity__person_id_index, nurture_stay_open_uniq
        wanted = SQL(" AND i.person_id = ANY(%s)", list(ids)) if ids is not None else SQL()
        return SQL(
            """SELECT DISTINCT ON (i.person_id) i.person_id AS res_id, s.status_id, s.entered_at
                 FROM nurture_identity i
                 JOIN nurture_stay s ON s.lead_id = i.res_id AND s.left_at IS NULL
                 JOIN nurture_status t ON t.id = s.status_id
                WHERE i.kind = 'lead'%s
             ORDER BY i.person_id, t.off_path, t.sequence DESC, s.entered_at DESC,
                      s.id DESC""",
            wanted,
        )
