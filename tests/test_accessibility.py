"""No barrier on our screens that axe-core calls serious or critical."""

from odoo.tests import new_test_user

from .browser import BrowserCase


class TestAccessibility(BrowserCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.learner_user = new_test_user(
            cls.env, "learner", groups="base.group_portal", password="learner"
        )
        cls.learner = cls._create_learner("Ana", "Lee", user_ids=cls.learner_user.ids)
        cls.enrolment = cls._create_enrolment(cls.learner)
        cls.issued = cls._request(cls.enrolment)
        cls.run_issued = cls._issue(cls.issued, final="yes")
        cls.requested = cls._request(
            cls._create_enrolment(cls._create_learner("Dan", "Murphy"))
        )
        cls.run_previewed = cls._preview(cls.requested)

    def _screens(self):
        """Return {name: path} of what the office sees."""

        def action(name, record=None):
            tail = f"/{record.id}" if record else ""
            return f"/odoo/action-lrm_credentials.{name}{tail}"

        return {
            "dashboard": "/odoo/lrm",
            "clients": "/odoo/lrm-clients",
            "client": f"/odoo/lrm-clients/{self.learner.id}",
            "offers": "/odoo/lrm-offers",
            "offer": f"/odoo/lrm-offers/{self.offer.id}",
            "enrolments": "/odoo/lrm-enrolments",
            "enrolment": f"/odoo/lrm-enrolments/{self.enrolment.id}",
            "due": "/odoo/lrm-credentials-due",
            "register": "/odoo/lrm-register",
            "requested": f"/odoo/lrm-register/{self.requested.id}",
            "issued": f"/odoo/lrm-register/{self.issued.id}",
            "logs": "/odoo/lrm-log-history",
            "preview": f"/odoo/lrm-log-history/{self.run_previewed.id}",
            "issue": f"/odoo/lrm-log-history/{self.run_issued.id}",
            "0323": "/odoo/lrm-0323",
            "0411": "/odoo/lrm-0411",
            "ledger": action("lrm_register_entry_action"),
            "integrity": "/odoo/lrm-integrity",
            "period": action("lrm_register_report_action"),
            "settings": action("lrm_settings_action"),
            "templates": action("lrm_credential_template_action"),
            "template": action("lrm_credential_template_action", self.certificate),
            "officers": action("lrm_issuing_officer_action"),
            "courses": action("lrm_course_action"),
            "course": action("lrm_course_action", self.course),
            "outcomes": action("lrm_outcome_action"),
            "history": action("lrm_history_import_action"),
        }

    def _wizards(self):
        """Return {name: (screen, buttons that open it)}."""
        return {
            "enrol": ("offer", ["action_enrol"]),
            "request": ("enrolment", ["action_request_credential"]),
            "issue wizard": ("requested", ["action_issue"]),
            "issue from a preview": ("preview", ["action_issue_selected"]),
            "send": ("issued", ["action_send_email"]),
            "cancel": ("issued", ["action_cancel"]),
            "replace": ("issued", ["action_replace"]),
            "correct final": ("issued", ["action_correct_final"]),
            "unit outcomes": ("offer", ["action_view_unit_enrolments"]),
            "template preview": ("template", ["action_preview"]),
        }

    def _assert_no_barriers(self, size):
        paths = self._screens()
        screens = {
            name: {"login": "lrmadmin", "path": path} for name, path in paths.items()
        }
        for name, (screen, buttons) in self._wizards().items():
            screens[name] = screens[screen] | {"buttons": buttons}
        for name, path in {
            "my credentials": "/my/credentials",
            "my credential": f"/my/credentials/{self.issued.id}",
        }.items():
            screens[name] = {"login": "learner", "path": path}
        for name, path in {
            "verification": f"/credential/{self.issued.token}",
            "unknown": "/credential/unknown",
            "verification form": "/credential",
        }.items():
            screens[name] = {"login": "", "path": path}
        found = self._browse("accessibility.js", size=size, screens=screens)
        self.assertEqual(found.keys(), screens.keys())
        for name, barriers in found.items():
            with self.subTest(screen=name):
                self.assertEqual(barriers, [])

    def test_desktop(self):
        self._assert_no_barriers("desktop")

    def test_phone(self):
        self._assert_no_barriers("phone")
