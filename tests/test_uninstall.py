from odoo.exceptions import UserError

from .common import CredentialCommon


class TestUninstall(CredentialCommon):
    def _module(self, name):
        return self.env["ir.module.module"].search([("name", "=", name)])

    def test_uninstall_is_refused_while_issued_credentials_are_kept(self):
        self._issue(self._request(self._create_enrolment()))
        for name in ("lrm_credentials", "portal"):  # portal: we depend on it
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, "must be kept"),
            ):
                self._module(name).button_uninstall()
            self.assertEqual(self._module("lrm_credentials").state, "installed")

    def test_uninstall_is_allowed_with_requests_only(self):
        self._request(self._create_enrolment())
        self._module("lrm_credentials").button_uninstall()
        self.assertEqual(self._module("lrm_credentials").state, "to remove")

    def test_samples_do_not_prevent_uninstall(self):
        offer = self.offer.copy({"code": "DUMMY", "is_test": True})
        self._issue(self._request(self._create_enrolment(offer=offer)))
        self._module("lrm_credentials").button_uninstall()
        self.assertEqual(self._module("lrm_credentials").state, "to remove")
