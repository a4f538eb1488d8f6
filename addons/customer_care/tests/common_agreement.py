"""A customer under agreement."""


from .common import NOW, TODAY, CareCommon


class AgreementCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreements = cls.env["care.agreement"].sudo()
        cls.company.write({"care_grace_days": 30, "care_renewal_days": 60})
        cls.service = cls.env["care.agreement.type"].sudo().create({
            "name": "Test service", "months": 12, "renewal": "manual", "notice_days": 30})
        cls.reason = cls.env["care.agreement.reason"].sudo().create({"name": "Test moved away"})
        cls.buyer = cls._create_customer("Under agreement")

    @classmethod
    def _create_agreement(cls, start, end=None, monthly=100, running=True, **values):
        agreement = cls.agreements.create({
            "partner_id": cls.buyer.id, "company_id": cls.company.id, "type_id": cls.service.id,
            "date_start": start, "date_end": end, "monthly_amount": monthly,
            "user_id": cls.env.user.id, **values})
        if running:
            agreement._set_running()
        return agreement

    def _night(self, now=NOW):
        self.env["care.night"].sudo()._run_steps(self.company, now, "agreements")

    def _spans(self, today=TODAY):
        rows = self.env.execute_query(self.agreements._query_spans(self.company, today))
        return {row[1]: row[2:] for row in rows}
