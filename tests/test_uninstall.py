from unittest.mock import patch

import odoo
from odoo.exceptions import UserError

from odoo.addons.lrm_credentials import uninstall_hook

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

    def test_no_road_leads_to_uninstalling(self):
        self._issue(self._request(self._create_enrolment()))
        admin = self.env.ref("base.user_admin")
        for name in ("lrm_credentials", "portal", "mail", "base"):
            module = self._module(name).with_user(admin)
            wizard = self.env["base.module.uninstall"].with_user(admin)
            roads = {
                "button": module.button_uninstall,
                "immediate button": module.button_immediate_uninstall,
                "wizard": wizard.create({"module_ids": module.ids}).action_uninstall,
            }
            if name == "lrm_credentials":
                roads["remote call"] = module.module_uninstall
            for road, uninstall in roads.items():
                with (
                    self.subTest(module=name, road=road),
                    # Odoo lets no test get as far as the button that is asked for.
                    patch.object(odoo.modules.module, "current_test", False),
                    self.assertRaisesRegex(UserError, "must be kept"),
                ):
                    uninstall()
        self.assertEqual(self._module("lrm_credentials").state, "installed")
        self.assertEqual(self._module("portal").state, "installed")

    def test_hook_refuses_too(self):
        self._issue(self._request(self._create_enrolment()))
        with self.assertRaisesRegex(UserError, "must be kept"):
            uninstall_hook(self.env)

    def test_uninstall_is_allowed_with_requests_only(self):
        self._request(self._create_enrolment())
        self._module("lrm_credentials").button_uninstall()
        self.assertEqual(self._module("lrm_credentials").state, "to remove")

    def test_samples_do_not_prevent_uninstall(self):
        offer = self.offer.copy({"code": "DUMMY", "is_test": True})
        self._issue(self._request(self._create_enrolment(offer=offer)))
        self._module("lrm_credentials").button_uninstall()
        self.assertEqual(self._module("lrm_credentials").state, "to remove")
