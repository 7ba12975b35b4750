from odoo import api, models
from odoo.exceptions import UserError

from ..seal import has_seal, without_hostile_context

SEALED_MODEL = "lrm.credential"
# Printed as uploaded: Odoo would shrink an image to the pixels of a screen.
ARTWORK = {
    ("lrm.credential.template", "background"),
    ("lrm.issuing.officer", "signature"),
    ("res.company", "lrm_nrt_logo"),
    ("res.company", "lrm_aqf_logo"),
    ("res.company", "lrm_seal"),
    ("res.company", "lrm_watermark"),
}


class IrAttachment(models.Model):
    """Nobody but the issuing code makes, changes or removes a credential's document.

    Superuser mode included: `/web/content` serves whichever attachment the database
    returns first, so that a second one would show a forgery beside an intact field.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        if not has_seal(self) and any(
            (vals.get("res_model") or self.env.context.get("default_res_model"))
            == SEALED_MODEL
            and (vals.get("res_field") or self.env.context.get("default_res_field"))
            for vals in vals_list
        ):
            self._raise_sealed()
        return super().create(vals_list)

    def write(self, vals):
        if not has_seal(self):
            for attachment in self.sudo():  # whatever the caller may read
                attachment._check_not_sealed(vals)
        return super().write(vals)

    def unlink(self):
        if not has_seal(self) and any(map(self._is_sealed, self.sudo())):
            self._raise_sealed()
        return super().unlink()

    def _postprocess_contents(self, values):
        model = values.get("res_model") or self[:1].res_model
        field_name = values.get("res_field") or self[:1].res_field
        if (model, field_name) in ARTWORK:
            return values
        return super()._postprocess_contents(values)

    @api.model
    def _of_fields(self, records, *field_names):
        """Return the attachments that hold these binary fields of `records`, in sudo.

        They have no rights of their own: the caller must have checked that the user may
        read the records.
        """
        # A caller's `bin_size` would replace the content.
        attachments_sudo = without_hostile_context(self).sudo()
        return attachments_sudo.search(
            [
                ("res_model", "=", records._name),
                ("res_field", "in", field_names),
                ("res_id", "in", records.ids),
            ]
        )

    def _check_not_sealed(self, vals):
        """Refuse `vals` that change, make or take away a credential's document."""
        self.ensure_one()
        becomes_sealed = vals.get(
            "res_model", self.res_model
        ) == SEALED_MODEL and vals.get("res_field", self.res_field)
        if not (becomes_sealed or self._is_sealed(self)):
            return
        moves_storage = (  # what Odoo writes when it migrates the file store
            vals.keys() <= {"raw", "mimetype"}
            and vals.get("raw") == self.raw
            and vals.get("mimetype", self.mimetype) == self.mimetype
        )
        if not moves_storage:
            self._raise_sealed()

    @api.model
    def _is_sealed(self, attachment):
        return attachment.res_model == SEALED_MODEL and bool(attachment.res_field)

    def _raise_sealed(self):
        raise UserError(
            self.env._(
                "The document of a credential is kept exactly as issued: it cannot be "
                "added, changed or removed here. Cancel the credential and issue a "
                "replacement instead."
            )
        )
