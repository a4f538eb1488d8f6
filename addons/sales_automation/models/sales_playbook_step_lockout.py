from odoo import models
from odoo.addons.sales_automation.engine import playbook as rules
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class SalesPlaybookStep(models.Model):
    """A step stands in a stage that its deals pass through."""

    _inherit = "sales.playbook.step"

    def _check_stage(self):
        stage, teams = self.stage_id, self.playbook_id.team_ids
        if stage.is_won:
            raise ValidationError(self.env._(
                "%s is a won stage: a deal there has arrived and leaves no more. Put the criteria "
                "on the stage before.", stage.name))
        if stage.team_ids and teams and not stage.team_ids & teams:
            raise ValidationError(self.env._(
                "Stage %(stage)s belongs to %(owners)s and not to the teams of the playbook: "
                "their deals never stand there.", stage=stage.name,
                owners=", ".join(stage.team_ids.mapped("name"))))

    def _check_exclusive(self):
        """Refuse conditions of one step that exclude each other or the playbook's own filter."""
        parse = self.playbook_id._parse
        domains = [parse(self.playbook_id.filter_domain)]
        for criterion in self.criterion_ids:
            if criterion.kind == "domain":
                domains.append(parse(criterion.domain))
            elif criterion.kind == "field":
                domains.append(Domain(criterion.field_name, "!=", False))
        everything = Domain.AND(domains)
        bounds = [
            (row.field_expr, row.operator, row.value) for row in _required(everything)
            if isinstance(row.value, int | float) and not isinstance(row.value, bool)]
        optimized = everything.optimize_full(self.env["crm.lead"])
        if optimized.is_false() or rules.contradiction(bounds):
            raise ValidationError(self.env._(
                "Stage %s: its conditions exclude each other (or the deals that the playbook is "
                "for). No deal could ever leave it.", self.stage_id.name))


def _required(domain):
    """Yield the conditions of a domain that must all hold; what is behind an OR is left out."""
    if getattr(domain, "OPERATOR", None) == "&":
        for child in domain.children:
            yield from _required(child)
    elif hasattr(domain, "field_expr"):
        yield domain
