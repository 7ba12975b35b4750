from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts must lose nothing of a learner.

    Odoo deletes what cannot be moved and copies only the fields that the user sees.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        # Whoever merges contacts need not be in LRM.
        learners_sudo = self.env["res.partner"].sudo().browse(partner_ids).exists()
        learners_sudo._lrm_check_mergeable()
        return super()._merge(partner_ids, dst_partner, extra_checks)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        learner_sudo, others_sudo = dst_partner.sudo(), src_partners.sudo()
        values = learner_sudo._lrm_merged_values(others_sudo)
        note = others_sudo._lrm_merge_note(values["lrm_learner_number"])
        # Learner numbers are unique: the same one cannot be on both for a moment.
        others_sudo._lrm_take_over(dict.fromkeys(values, False))
        others_sudo.flush_recordset()
        result = super()._update_values(src_partners, dst_partner)
        learner_sudo._lrm_take_over(values)
        if note:
            learner_sudo._message_log(body=note)
        return result
