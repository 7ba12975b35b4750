from odoo import fields, models


class LrmHistoryImportProblem(models.TransientModel):
    """One thing that is wrong in one row of the workbook."""

    _name = "lrm.history.import.problem"
    _description = "Import History Error"
    _order = "row, id"

    import_id = fields.Many2one(
        comodel_name="lrm.history.import", required=True, ondelete="cascade", index=True
    )
    row = fields.Integer(readonly=True)
    column = fields.Char(readonly=True)
    # Text, because lists cut what is Char.
    message = fields.Text(string="What Is Wrong", readonly=True)
