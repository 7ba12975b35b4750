from odoo import fields, models


class QueueJob(models.Model):
    _inherit = "queue.job"

    lrm_run_id = fields.Many2one(
        comodel_name="lrm.credential.run",
        string="Log History",
        readonly=True,
        index="btree_not_null",
    )
