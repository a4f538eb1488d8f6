from odoo import api, fields, models
from odoo.exceptions import AccessError


class SalesHandover(models.Model):
    """Whose business it is: a manager hands over everything, a leader what is his teams'.

    A plan holds only what the one who prepares it may hand over, and is shown as their own to
    those leaders only who may hand over all of it.
    """

    _inherit = "sales.handover"

    planned_by_id = fields.Many2one(
        "res.users", "Prepared By", readonly=True,
        help="The plan holds what this person may hand over: a manager everything, a leader what "
        "belongs to the teams that he leads.")

    @api.model
    def _may_hand_over_all(self, user):
        return user._is_superuser() or user.has_groups(
            "sales_automation.group_sales_automation_manager,base.group_erp_manager")

    @api.model
    def _check_may_hand_over(self, person):
        """Managers for everybody, leaders for the members of their teams."""
        user = self.env.user
        if self.env.su or not person or self._may_hand_over_all(user):
            return
        if user not in self._get_leaders(person):
            raise AccessError(self.env._(
                "Only a sales manager or the leader of the team of %s can hand over this work.",
                person.name))

    @api.model
    def _get_teams(self, person):
        """Return the teams of a person; of somebody archived, those that he was in."""
        members = self.env["crm.team.member"].sudo()  # of teams one cannot see, too
        return members.with_context(active_test=person.sudo().active).search(  # one flag
            [("user_id", "=", person.id)]).crm_team_id

    @api.model
    def _get_leaders(self, person):
        return self._get_teams(person).user_id

    def _get_realm(self, user):
        """Return the ids of the teams whose objects the user may hand over; None: everything.

        False stands for what belongs to no team: it is the business of whoever leads all teams
        of the person.
        """
        if self._may_hand_over_all(user):
            return None
        led = self.env["crm.team"].sudo().search(  # of any company that he leads a team in
            [("user_id", "=", user.id)])
        own = self._get_teams(self.from_user_id)
        return {*led.ids, False} if own and own <= led else set(led.ids)

    def _get_business(self, kind, spec, records):
        """Return {record id: id of the team whose business the object is, or False}."""
        special = getattr(self, f"_business_{kind}", None)
        if special:
            return special(records)
        return {record.id: "team" in spec and record.mapped(spec["team"]).id
                for record in records}

    def _business_activity(self, activities):
        """That of the record on which the activity stands."""
        result = dict.fromkeys(activities.ids, False)
        for model, group in activities.filtered("res_model").grouped("res_model").items():
            team = self.env[model]._fields.get("team_id")
            if team is None or team.comodel_name != "crm.team":
                continue
            records = self.env[model].sudo().browse(  # the team only
                group.mapped("res_id")).exists()
            teams = {record.id: record.team_id.id for record in records}
            result.update(
                (activity.id, teams.get(activity.res_id, False)) for activity in group)
        return result

    def _business_leader(self, teams):
        """The team itself: its leader cannot be replaced by the leader of another one."""
        return {team.id: team.id for team in teams}

    def _filter_realm(self, business):
        """Leaders who may hand over all of this."""
        leaders = self._get_leaders(self.from_user_id) - self.from_user_id
        realms = {leader: self._get_realm(leader) for leader in leaders}
        return leaders.filtered(
            lambda leader: realms[leader] is None or business <= realms[leader])

    def _check_realm(self):
        """A team may have got another leader, and a deal another team, since the plan."""
        realm = self._get_realm(self.env.user)
        if realm is None:
            return
        kinds = self._handover_kinds()
        planned = self.line_ids.filtered(lambda line: line.state == "planned")
        for kind, lines in planned.grouped("kind").items():
            records = lines._get_records(kinds[kind]).exists()
            if not realm.issuperset(self._get_business(kind, kinds[kind], records).values()):
                raise AccessError(self.env._(
                    "This plan holds work of a team that you do not lead. Press Look Again, or "
                    "ask a sales manager."))
