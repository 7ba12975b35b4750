"""Issuing against a check, with a reason that an LRM admin has typed."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import CredentialCommon

REASON = "The dean has approved it for the ceremony."


class TestOverride(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.held = cls._create_enrolment(
            cls._create_learner("Ben"), hold=True, hold_reason="Fees outstanding"
        )
        cls.credential = cls._request(cls.held)

    def _issue_against(self, credentials, reasons, user=None, **values):
        """The run that issues `credentials`, with {credential: reason} typed."""
        lines = [
            Command.create({"credential_id": credential.id, "override_reason": reason})
            for credential, reason in reasons.items()
        ]
        return self._issue(credentials, user=user, line_ids=lines, **values)

    def _entries(self, credential):
        """(event, payload) of what the ledger says about a credential, in order."""
        entries = self.env["lrm.register.entry"].search(
            [("credential_id", "=", credential.id)], order="sequence"
        )
        return [(entry.event, json.loads(entry.payload)) for entry in entries]

    def test_reason_lets_it_be_issued_and_stays_on_record(self):
        run = self._issue_against(self.credential, {self.credential: f" {REASON} "})
        self.assertRecordValues(
            self.credential,
            [
                {
                    "state": "issued",
                    "override_reason": REASON,
                    "overridden_checks": "on_hold",
                    "overridden_check_names": "On hold",
                    "refusal": False,
                }
            ],
        )
        self.assertEqual(run.line_ids.state, "done")
        told = f"Issued against: On hold. Reason: {REASON}"
        self.assertIn(told, run.line_ids.message.splitlines())
        bodies = " ".join(self.credential.message_ids.mapped("body"))
        self.assertIn(told, bodies)

    def test_ledger_tells_the_checks_and_never_the_reason(self):
        plain = self._request(self._create_enrolment())
        other = self._request(self._create_enrolment(hold=True, hold_reason="x"))
        self._issue_against(
            self.credential | plain | other,
            dict.fromkeys(self.credential | other, REASON),
        )
        self.assertEqual([event for event, _ in self._entries(plain)], ["issued"])
        for credential in self.credential | other:
            (issued, first), (override, second) = self._entries(credential)
            self.assertEqual((issued, override), ("issued", "override"))
            self.assertEqual(second["sequence"], first["sequence"] + 1)
            self.assertEqual(second["overridden_checks"], ["on_hold"])
            self.assertNotIn("overridden_checks", first)
            self.assertNotIn("dean", json.dumps(second))
        ledger = self.env["lrm.register.entry"].with_user(self.auditor)
        self.assertEqual(ledger._integrity_problems(self.company), [])

    def test_changed_codes_are_found_by_the_integrity_check(self):
        self._issue_against(self.credential, {self.credential: REASON})
        self.env.cr.execute(
            "UPDATE lrm_credential SET overridden_checks = 'deceased' WHERE id = %s",
            [self.credential.id],
        )
        self.env.invalidate_all()
        problems = self.env["lrm.register.entry"]._integrity_problems(self.company)
        self.assertIn("Overridden Checks", str(problems))

    def test_several_checks_need_one_reason(self):
        self.held.state = "enrolled"
        self._issue_against(self.credential, {self.credential: REASON})
        self.assertEqual(self.credential.overridden_checks, "on_hold,not_completed")

    def test_reason_may_stand_with_a_final_qualification(self):
        self._issue_against(self.credential, {self.credential: REASON}, final="yes")
        self.assertEqual(self.held.parchment_number, self.credential.number)

    def test_without_a_reason_it_is_refused(self):
        for reason in ("", " ", False):
            with self.subTest(reason=reason):
                run = self._issue_against(self.credential, {self.credential: reason})
                self.assertEqual(run.line_ids.state, "refused")
                self.assertEqual(self.credential.state, "requested")
                self.assertFalse(self.credential.override_reason)

    def test_reason_where_nothing_refuses_leaves_no_trace(self):
        credential = self._request(self._create_enrolment())
        self._issue_against(credential, {credential: REASON})
        self.assertEqual(credential.state, "issued")
        self.assertFalse(credential.override_reason)
        self.assertEqual([event for event, _ in self._entries(credential)], ["issued"])

    def test_reason_does_not_stop_the_others(self):
        good = self._request(self._create_enrolment())
        other = self._request(self._create_enrolment(hold=True, hold_reason="x"))
        run = self._issue_against(
            good | self.credential | other, {self.credential: REASON}
        )
        self.assertEqual(
            self._results(run),
            {good: "done", self.credential: "done", other: "refused"},
        )

    def test_what_may_never_be_overridden_is_refused(self):
        learner = self._create_learner
        cases = {
            "blank": self._create_enrolment(outcomes=[self.not_competent] * 3),
            "without USI": self._create_enrolment(learner(lrm_usi=False)),
            "unprintable": self._create_enrolment(
                learner(lrm_credential_name="Ana \ue000")
            ),
            "USI on the page": self._create_enrolment(
                learner(lrm_credential_name="Ana ABCDEFGH23")
            ),
        }
        for name, enrolment in cases.items():
            with self.subTest(name):
                enrolment.write({"hold": True, "hold_reason": "x"})
                credential = self._request(enrolment)
                run = self._issue_against(credential, {credential: REASON})
                self.assertEqual(run.line_ids.state, "refused")
                self.assertEqual(credential.state, "requested")

    def test_incomplete_issuer_is_never_overridden(self):
        self.company.lrm_rto_code = False
        run = self._issue_against(self.credential, {self.credential: REASON})
        self.assertEqual(run.line_ids.state, "refused")

    def test_issued_one_is_not_issued_again_for_any_reason(self):
        self._issue_against(self.credential, {self.credential: REASON})
        before = self.credential.document_sha256
        other = self._request(self._create_enrolment())
        run = self._issue_against(
            other | self.credential, dict.fromkeys(other | self.credential, "Again")
        )
        self.assertEqual(self._results(run)[self.credential], "refused")
        self.assertEqual(self.credential.override_reason, REASON)
        self.assertEqual(self.credential.document_sha256, before)

    def test_what_cannot_be_final_is_not_overridden(self):
        letter = self._create_template("Letter", "letter")
        credential = self._request(self.held, letter)
        run = self._issue_against(credential, {credential: REASON}, final="yes")
        self.assertEqual(run.line_ids.state, "refused")
        self.assertFalse(credential.override_reason)

    def test_reason_travels_into_the_background(self):
        self.company.lrm_run_limit = 0
        run = self._issue_against(self.credential, {self.credential: REASON})
        self.assertEqual(run.state, "queued")
        self.assertEqual(run.line_ids.override_reason, REASON)
        chunk = run.with_user(self.admin)._prepare(run.line_ids.ids)
        self.assertEqual(chunk.overridden, {self.credential.id: (REASON, ["on_hold"])})
        run.with_user(self.admin)._process()
        self.assertEqual(self.credential.override_reason, REASON)

    def test_reason_lets_nothing_pass_that_was_not_seen(self):
        """Whoever typed it has considered what the wizard showed, and no more."""
        self.company.lrm_run_limit = 0
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        wizards = wizards.with_context(default_credential_ids=self.credential.ids)
        with Form(wizards) as form:
            form.final = "no"
            form.status_reason = "Course completed"
            with form.line_ids.edit(0) as line:
                self.assertIn("on hold", line.message)
                line.override_reason = REASON
        form.record.action_issue()
        self.held.partner_id.lrm_usi_status = "unverified"
        run = self.env["lrm.credential.run"].search([], limit=1)
        run.with_user(self.admin)._process()
        self.assertEqual(run.line_ids.state, "refused")
        self.assertIn("USI is not verified", run.line_ids.message)
        self.assertEqual(self.credential.state, "requested")

    def test_reason_still_holds_when_less_refuses(self):
        self.company.lrm_run_limit = 0
        self.held.state = "enrolled"
        run = self._issue_against(self.credential, {self.credential: REASON})
        self.held.state = "completed"
        run.with_user(self.admin)._process()
        self.assertEqual(self.credential.overridden_checks, "on_hold")

    def test_dummy_credential_leaves_the_ledger_alone(self):
        offer = self.offer.copy({"code": "DUMMY", "is_test": True})
        credential = self._request(
            self._create_enrolment(offer=offer, hold=True, hold_reason="x")
        )
        self._issue_against(credential, {credential: REASON})
        self.assertEqual(credential.override_reason, REASON)
        self.assertEqual(self._entries(credential), [])

    def test_wizard_lists_what_is_refused_and_keeps_what_was_typed(self):
        blank = self._request(self._create_enrolment(outcomes=[self.not_competent] * 3))
        wizards = self.env["lrm.credential.issue"].with_user(self.admin)
        both = self.credential | blank
        with Form(wizards.with_context(default_credential_ids=both.ids)) as form:
            form.status_reason = "Course completed"
            self.assertEqual(len(form.line_ids), 2)
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.credential_id, self.credential)
                line.override_reason = REASON
            with form.line_ids.edit(1) as line:
                self.assertFalse(line.is_overridable)
                self.assertIn("Nothing competent to print", line.message)
            form.final = "no"
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.override_reason, REASON)
        run = self.env["lrm.credential.run"].browse(
            form.save().action_issue()["res_id"]
        )
        self.assertEqual(
            self._results(run), {self.credential: "done", blank: "refused"}
        )

    # ------------------------------------------------------------ hostile callers

    def test_requesters_cannot_type_reasons(self):
        for user in (self.requester, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["lrm.credential.issue.line"].with_user(user).create(
                    {
                        "wizard_id": 1,
                        "credential_id": self.credential.id,
                        "override_reason": REASON,
                    }
                )

    def test_requesters_start_no_run_with_reasons(self):
        with self.assertRaises(AccessError):
            self.env["lrm.credential.run"].with_user(self.requester)._start(
                "issue", self.credential, {self.credential.id: (REASON, ["on_hold"])}
            )

    def test_reason_cannot_be_written_by_hand(self):
        for user in (self.requester, self.admin):
            for values in (
                {"override_reason": REASON},
                {"overridden_checks": "on_hold"},
            ):
                with (
                    self.subTest(user.login, values=values),
                    self.assertRaisesRegex(UserError, "the system sets this"),
                ):
                    self.credential.with_user(user).write(values)

    def test_log_cannot_be_written_by_hand(self):
        self.company.lrm_run_limit = 0
        run = self._issue(self.credential)
        for user in (self.requester, self.admin):
            with self.subTest(user.login), self.assertRaises(AccessError):
                run.line_ids.with_user(user).override_reason = REASON

    def test_reason_for_a_credential_that_is_not_selected_is_ignored(self):
        good = self._request(self._create_enrolment())
        self._issue_against(good, {self.credential: REASON})
        self.assertEqual(self.credential.state, "requested")

    def test_claim_that_it_may_be_overridden_is_not_believed(self):
        blank = self._request(self._create_enrolment(outcomes=[self.not_competent] * 3))
        line = {"credential_id": blank.id, "override_reason": REASON}
        run = self._issue(
            blank, line_ids=[Command.create(line | {"is_overridable": True})]
        )
        self.assertEqual(run.line_ids.state, "refused")
