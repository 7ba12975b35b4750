from odoo import models
from odoo.exceptions import UserError

VERIFICATION = ("lrm_usi_status", "lrm_usi_verified_by_id", "lrm_usi_verified_on")
IDENTITY = ("name", "lrm_birth_date", "lrm_usi")
NAME_PARTS = ("lrm_first_name", "lrm_middle_name", "lrm_family_name")


class ResPartner(models.Model):
    """What becomes of learners when contacts are merged.

    Called in superuser mode: whoever merges contacts need not be in LRM.
    """

    _inherit = "res.partner"

    def _lrm_check_mergeable(self):
        """Raise a UserError when `self` are not one learner, or something would go."""
        self._lrm_check_same("lrm_usi", self.env._("USI"))
        self._lrm_check_same("lrm_birth_date", self.env._("date of birth"))
        enrolments = self.env["lrm.course.enrolment"].search(
            [("partner_id", "in", self.ids)]
        )
        for offer, twice in enrolments.grouped("offer_id").items():
            if len(twice) > 1:
                raise UserError(
                    self.env._(
                        "%(names)s cannot be merged: each is enrolled in %(offer)s, "
                        "and one of these enrolments would be lost.",
                        names=", ".join(twice.partner_id.mapped("name")),
                        offer=offer.display_name,
                    )
                )
        if enrolments and self.company_id and enrolments.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%s cannot be merged: they are contacts or learners of different "
                    "companies.",
                    ", ".join(self.mapped("name")),
                )
            )

    def _lrm_check_same(self, field_name, label):
        """Raise a UserError when two of `self` have different values; none is fine."""
        known = self.filtered(field_name)
        if len(set(known.mapped(field_name))) > 1:
            raise UserError(
                self.env._(
                    "%(names)s cannot be merged: they have a different %(field)s. "
                    "If they are the same person, correct one of them first.",
                    names=", ".join(known.mapped("name")),
                    field=label,
                )
            )

    def _lrm_merged_values(self, others):
        """Return what LRM knows about `self` once `others` are merged into it.

        What `self` has wins; a USI stays verified when it was, for the same identity.
        """
        self.ensure_one()
        everyone = self | others
        values = {
            name: self._lrm_first_value(name, everyone)
            for name, field in self._fields.items()
            if (name.startswith("lrm_") or name == "is_lrm_client")
            and field.store
            and field.type != "one2many"
        }
        same_name = everyone.filtered(lambda p: p.name == self.name and p.is_lrm_client)
        for name in NAME_PARTS:  # else they follow from the name
            values.pop(name)
            if same_name:
                values[name] = same_name[0][name]
        result = values | {"name": self.name}
        verified = everyone.filtered(
            lambda partner: partner.lrm_usi_status == "verified"
            and all((partner[name] or False) == result[name] for name in IDENTITY)
        )[:1]
        for name in VERIFICATION:
            field = self._fields[name]
            values[name] = field.convert_to_write(verified[name], verified)
        values["lrm_usi_status"] = values["lrm_usi_status"] or "unverified"
        return values

    def _lrm_first_value(self, name, partners):
        """Return the value to write of the first of `partners` that has one."""
        first = partners.filtered(name)[:1]
        return self._fields[name].convert_to_write(first[name], first)

    def _lrm_merge_note(self, kept):
        """Return which learner numbers of `self` go when only `kept` stays, or ""."""
        gone = self.filtered("lrm_learner_number").filtered(
            lambda partner: partner.lrm_learner_number != kept
        )
        if not gone:
            return ""
        return self.env._(
            "Learner numbers of those merged into this learner: %s",
            ", ".join(gone.mapped("lrm_learner_number")),
        )
