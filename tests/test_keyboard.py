"""From request to issue without a mouse, each of the two people at their own screen."""

from .browser import BrowserCase


class TestKeyboard(BrowserCase):
    def _order(self, names, passed):
        """`names` as they were passed for the first time, leaving out the others."""
        return sorted(names, key=passed.index)

    def test_request_and_issue_with_the_keyboard_alone(self):
        self._set_address()
        enrolment = self._create_enrolment(self._create_learner("Ana", "Lee"))
        seen = self._browse(
            "keyboard.js",
            enrolment=f"/odoo/lrm-enrolments/{enrolment.id}",
            template=self.certificate.name,
        )
        self.assertEqual(seen["errors"], [])
        credential = enrolment.credential_ids
        self.assertEqual(credential.template_id, self.certificate)
        self.assertEqual(credential.state, "issued")
        self.assertTrue(credential.is_final)
        self.assertEqual(credential.requested_by_id, self.requester)
        self.assertEqual(credential.issued_by_id, self.admin)
        # Tab goes from top to bottom, then to the button.
        for dialog, names in {
            "request": [
                "template_ids",
                "credential_date",
                "issuing_officer_id",
                "request_reason",
                "open_register",
                "action_request",
            ],
            "issue": [
                "final",
                "qual_issued_date",
                "status_reason",
                "with_mail_merge",
                "is_duplex",
                "with_email",
                "action_issue",
            ],
        }.items():
            with self.subTest(dialog):
                self.assertEqual(names, self._order(names, seen["focus"][dialog]))
