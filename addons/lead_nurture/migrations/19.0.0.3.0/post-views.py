"""The parts of the forms that were put aside before the upgrade are on again."""


def migrate(cr, version):
    cr.execute(
        """UPDATE ir_ui_view v SET active = TRUE
             FROM ir_model_data own
            WHERE v.model IN ('nurture.node', 'nurture.scenario') AND NOT v.active
              AND own.module = 'lead_nurture' AND own.model = 'ir.ui.view' AND own.res_id = v.id"""
    )
