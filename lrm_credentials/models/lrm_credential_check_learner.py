from odoo import models

from .lrm_credential_check import ATTESTS


class LrmCredential(models.Model):
    """What speaks against issuing it to this learner."""

    _inherit = "lrm.credential"

    def _needs_usi(self):
        """Tell whether the learner needs a USI, and is not exempt.

        A short course is not nationally recognised: it needs none.
        """
        learner = self.partner_id.sudo()  # the requester is told; nothing is disclosed
        return (
            self.company_id.lrm_profile == "au_vet"
            and self.course_id.kind != "short"
            and not learner.lrm_usi_exemption
        )

    def _demands_usi(self, document):
        """Tell whether this document must not be issued without a USI.

        Student Identifiers Act 2014; Compliance Standards 2025, s12: a qualification
        or a statement. Its record of results goes with the certificate.
        """
        if document["type"] == "transcript":
            is_demanded = bool(self._beside("certificate", ("requested", "issued")))
        else:
            is_demanded = document["type"] in ATTESTS
        return is_demanded and self._needs_usi()

    def _find_usi_missing(self, document):
        if not self.partner_id.sudo().lrm_usi and self._demands_usi(document):
            return self.env._("The learner has no USI and no recorded exemption.")
        return None

    def _find_usi_unverified(self, document):
        learner = self.partner_id.sudo()
        if (
            learner.lrm_usi
            and learner.lrm_usi_status != "verified"
            and self._demands_usi(document)
        ):
            return self.env._("The learner's USI is not verified.")
        return None

    def _find_usi_interim(self, document):
        """An interim record of results is no certification: s12 does not bar it."""
        if (
            document["type"] == "transcript"
            and self.partner_id.sudo().lrm_usi_status != "verified"
            and self._needs_usi()
            and not self._demands_usi(document)
        ):
            return self.env._(
                "The learner has no verified USI: no certificate can follow yet."
            )
        return None

    def _find_name_differs(self, document):
        learner = self.partner_id.sudo()
        verified, printed = learner.lrm_usi_verified_name, document["learner"]["name"]
        if (
            self.company_id.lrm_profile == "au_vet"
            and verified
            and verified.split() != printed.split()
        ):
            return self.env._(
                "It prints “%(printed)s”, but the USI was verified with "
                "“%(verified)s”.",
                printed=printed,
                verified=verified,
            )
        return None

    def _find_deceased(self, document):
        if self.partner_id.lrm_deceased:
            return self.env._("The learner is deceased.")
        return None
