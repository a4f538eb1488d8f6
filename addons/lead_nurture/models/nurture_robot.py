import contextlib

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.exceptions import ValidationError

SHORTEST, LONGEST = 3, 100
# What ordinary readers call themselves: no line may take all of them for machines.
BROWSERS = (
    "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) "
    "chrome/140.0.0.0 safari/537.36 edg/140.0.0.0",
    "mozilla/5.0 (macintosh; intel mac os x 10.15; rv:140.0) gecko/20100101 firefox/140.0",
    "mozilla/5.0 (iphone; cpu iphone os 18_3 like mac os x) applewebkit/605.1.15 (khtml, like "
    "gecko) version/18.3 mobile/15e148 safari/604.1",
    "mozilla/5.0 (linux; android 15; pixel 9) applewebkit/537.36 (khtml, like gecko) "
    "chrome/140.0.0.0 mobile safari/537.36",
)  # fmt: skip


class NurtureRobot(models.Model):
    """One row: one sign by which a program or a network is known, and what it tells of a hit.

    The longest agent pattern and the narrowest network decide, so an exception is a longer line.
    Patterns are plain text: nothing that an administrator writes can be slow. A change of a line
    classes the stored events again.
    """

    _name = "nurture.robot"
    _inherit = "nurture.shared"
    _description = "Known program or network"
    _order = "kind, pattern"
    _rec_name = "pattern"

    kind = fields.Selection(
        [
            ("contains", "Program: name contains"),
            ("exact", "Program: name is exactly"),
            ("network", "Network"),
        ],
        "Known by",
        required=True,
        default="contains",
    )
    pattern = fields.Char(
        "Name or network",
        required=True,
        help="A part of the name by which a program introduces itself (its user agent), in any "
        "case; or a network like 203.0.113.0/24 or 2001:db8::/32. Of the names that match, the "
        "longest decides; of the networks, the narrowest.",
    )
    actor = fields.Selection(
        [("machine", "Machine"), ("suspect", "Perhaps a machine"), ("human", "Human")],
        "Means",
        required=True,
        default="machine",
        help="“Human” makes an exception from a shorter name or a wider network. Hits that come "
        "faster than a human can read remain machines.",
    )
    opens_only = fields.Boolean(
        "Pictures only",
        help="Says nothing about clicks and visits: mail providers load the pictures for their "
        "readers, but the readers click themselves.",
    )
    note = fields.Char(translate=True)
    active = fields.Boolean(
        default=True,
        help="Archive a line that you do not want: an update brings deleted ones back.",
    )

    _pattern_uniq = models.UniqueIndex("(kind, pattern)", "This line exists already.")

    @api.constrains("kind", "pattern", "actor")
    def _check_pattern(self):
        for robot in self:
            if robot.kind == "network":
                robot._check_network()
            else:
                robot._check_agent()

    def _check_network(self):
        try:
            engine.clean_network(self.pattern)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "“Name or network”: “%s” is no network. Write it like 203.0.113.0/24 or "
                    "2001:db8::/32, not wider than /8 or /16.",
                    self.pattern,
                )
            ) from None

    def _check_agent(self):
        text = self.pattern
        if not SHORTEST <= len(text) <= LONGEST or not text.isprintable():
            raise ValidationError(
                self.env._(
                    "“Name or network”: a part of a name has %(shortest)s to %(longest)s printable "
                    "characters.",
                    shortest=SHORTEST, longest=LONGEST,
                )
            )  # fmt: skip
        everybody = self.kind == "contains" and any(text in name for name in BROWSERS)
        if everybody and self.actor != engine.HUMAN and not self.opens_only:
            raise ValidationError(
                self.env._(
                    "“Name or network”: “%s” is in the name of ordinary browsers; your readers "
                    "would become machines.",
                    text,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        robots = super().create([self._clean_vals(vals) for vals in vals_list])
        self.env["nurture.caller"]._request_pass()
        return robots

    def write(self, vals):
        if {"kind", "pattern"} & vals.keys():
            for robot in self:
                both = {"kind": robot.kind, "pattern": robot.pattern}
                super(NurtureRobot, robot).write(robot._clean_vals({**both, **vals}))
        else:
            super().write(vals)
        self.env["nurture.caller"]._request_pass()
        return True

    def unlink(self):
        result = super().unlink()
        self.env["nurture.caller"]._request_pass()
        return result

    @api.model
    def _clean_vals(self, vals):
        """Patterns are kept as they are compared: in lower case, networks in their short form."""
        if not isinstance(vals.get("pattern"), str):
            return vals
        pattern = vals["pattern"].strip().lower()
        if vals.get("kind") == "network":
            with contextlib.suppress(ValueError):  # the check names it
                pattern = engine.clean_network(pattern)
        return {**vals, "pattern": pattern}

    @api.model
    def _signs(self):
        """The table as the classifier takes it."""
        return [
            engine.Sign(robot.kind, robot.pattern, robot.actor, robot.opens_only)
            for robot in self.search_fetch([], ["kind", "pattern", "actor", "opens_only"])
        ]
