from odoo import Command, fields, models


class NurtureNode(models.Model):
    """A step can be taken out of a draft, and come back as it was."""

    _name = "nurture.node"
    _inherit = ["nurture.node", "nurture.setting.mixin"]

    active = fields.Boolean(
        default=True, copy=False, help="Off: taken out of the draft, kept until it is published."
    )
    way_on_uid = fields.Char(
        copy=False, help="Of a step taken out: the step to which people were sent on instead."
    )

    def web_save(self, vals, specification, next_id=None):
        """A form of a step saves: a change of the draft like any other. A revision in the context
        tells which state of the draft the form shows."""
        if len(self) != 1 or self.version_id.state != "draft":
            return super().web_save(vals, specification, next_id)
        revision = self.env.context.get("nurture_revision")
        if revision is not None:
            self.version_id._check_node_revision(self, revision)
        with self.version_id._changing(self.env._("Change “%s”", self.name)):
            return super().web_save(vals, specification, next_id)

    # ------------------------------------------------------------
    # SNAPSHOTS
    # ------------------------------------------------------------

    def _snapshot(self):
        """{id: settings} of these steps, as a value that can be stored."""
        rows = self._setting_rows()
        for node in self:
            vals = rows[node.id]
            if node.mailing_id:
                vals["mail_subject"] = node.mailing_id.sudo().subject  # sudo: as the step shows it
            for name in self._part_names():
                vals[name] = list(node[name]._setting_rows().values())
        return {str(node_id): vals for node_id, vals in rows.items()}

    def _part_names(self):
        """Settings that are rows of their own, such as the paths of a switch."""
        return [
            name
            for name, field in self._fields.items()
            if field.type == "one2many"
            and field.copy
            and hasattr(self.env[field.comodel_name], "_setting_rows")
        ]

    def _restore(self, vals):
        """Bring this step into the state that a snapshot tells."""
        self.ensure_one()
        self.write(
            {
                name: self._restoring_value(name, value)
                for name, value in vals.items()
                if name != "mail_subject" or self.mailing_id
            }
        )

    def _restoring_value(self, name, value):
        kind = self._fields[name].type
        if kind == "one2many":
            return self._part_commands(name, value)
        return [Command.set(value)] if kind == "many2many" else value

    def _part_commands(self, name, wanted):
        """Rows are known by their key, which names their arrow as well."""
        standing = {row.key: row for row in self[name]}
        return [
            *(
                Command.delete(row.id)
                for key, row in standing.items()
                if key not in {vals["key"] for vals in wanted}
            ),
            *(
                Command.update(standing[vals["key"]].id, vals)
                if vals["key"] in standing
                else Command.create(vals)
                for vals in wanted
            ),
        ]
