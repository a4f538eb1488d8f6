"""Score models got versions: the content of those that judge people already is the first.

The model that was there when the addon was installed also had two empty groups before its own.
"""


def migrate(cr, version):
    cr.execute(
        "UPDATE nurture_score_model SET version = 1 "
        "WHERE state = 'active' AND COALESCE(version, 0) = 0"
    )
    cr.execute(
        "UPDATE nurture_score_model SET published_at = create_date, published_by_id = create_uid "
        "WHERE state = 'active' AND published_at IS NULL"
    )
    cr.execute(
        """DELETE FROM nurture_score_group g USING ir_model_data known
            WHERE known.module = 'lead_nurture' AND known.name = 'nurture_score_model_two_days'
              AND known.model = 'nurture.score.model' AND known.res_id = g.model_id
              AND NOT EXISTS (SELECT 1 FROM nurture_score_rule r WHERE r.group_id = g.id)
              AND NOT EXISTS (SELECT 1 FROM ir_model_data named
                               WHERE named.model = 'nurture.score.group' AND named.res_id = g.id)"""
    )
