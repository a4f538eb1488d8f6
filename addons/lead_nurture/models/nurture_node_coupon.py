from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome

PROGRAMS = ("coupons", "promotion", "gift_card", "ewallet", "next_order_coupons")


class NurtureNode(models.Model):
    """The step that gives each person a coupon, where Odoo's module for them is installed. The
    code stands in the mails that follow, as object.nurture_coupon."""

    _inherit = "nurture.node"

    coupon_program = fields.Selection(
        selection="_selection_coupon_program", string="Coupon program",
        help="Of which program each person gets a coupon of his own.",
    )  # fmt: skip
    coupon_points = fields.Float("Worth", default=1, help="In the points of the program.")
    coupon_days = fields.Integer("Valid for", default=30, help="Days. 0: without an end.")

    @api.model
    def _selection_coupon_program(self):
        if "loyalty.program" not in self.env:
            return []
        # sudo: names of programs, for a choice; whose they are is checked before publishing
        programs = self.env["loyalty.program"].sudo().search(
            [
                ("program_type", "in", PROGRAMS),
                ("company_id", "in", [False, *self.env.companies.ids]),
            ]
        )
        return [(str(program.id), program.name) for program in programs]

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "coupon": {
                "label": self.env._("Give a coupon"),
                "help": self.env._(
                    "A code of its own for each person, to use in a later mail."
                ),
                "icon": "fa-ticket",
                "group": "action",
                "exits": ("next",),
                "offered": "loyalty.card" in self.env,
            },
        }

    def _run_node_coupon(self, enrolments, now):
        """Coupon, the row that names it and the way on in one transaction."""
        if sentence := self._config_problem():
            raise ValueError(sentence)
        end = now.date() + timedelta(days=self.coupon_days) if self.coupon_days else False
        # sudo: an administrator of Nurture chose the program; the owner need not sell
        cards = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True)
        given = cards.create(
            [
                {
                    "program_id": int(self.coupon_program),
                    "points": self.coupon_points,
                    "expiration_date": end,
                    "partner_id": enrolment.lead_id.partner_id.id,
                }
                for enrolment in enrolments
            ]
        )
        self.env["nurture.coupon"].create(
            [
                {
                    "enrolment_id": enrolment.id,
                    "scenario_id": enrolment.scenario_id.id,
                    "company_id": enrolment.company_id.id,
                    "lead_id": enrolment.lead_id.id,
                    "node_uid": self.uid,
                    "visit": enrolment.visit,
                    "code": card.code,
                    "card_id": card.id,
                }
                for enrolment, card in zip(enrolments, given, strict=True)
            ]
        )
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_coupon(self):
        program = self._coupon_program()
        return program.display_name if program else ""

    def _problem_node_coupon(self):
        if "loyalty.card" not in self.env:
            return self.env._("“%s” needs Odoo's module for coupons.", self.name)
        program = self._coupon_program()
        if not program:
            return self.env._("“%s” does not say of which program.", self.name)
        if program.company_id and program.company_id != self.company_id:
            return self.env._("“%s” names a program of another company.", self.name)
        if self.coupon_points <= 0 or self.coupon_days < 0:
            return self.env._("The coupon of “%s” is worth nothing.", self.name)
        return False

    def _coupon_program(self):
        if "loyalty.program" not in self.env:
            return self.env["nurture.coupon"]
        # sudo: its name and company only
        programs = self.env["loyalty.program"].sudo()
        return programs.browse(int(self.coupon_program or 0)).exists()
