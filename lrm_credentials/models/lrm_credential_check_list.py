from odoo import models

from .lrm_credential_check import Check


class LrmCredential(models.Model):
    """The list of all that is looked at before issue."""

    _inherit = "lrm.credential"

    def _pre_issue_checks(self):
        """Return the list of `Check`, in the order in which people fix things.

        Those that are not overridable are design rule 7's, and those that no reason
        could make good. The others can be relaxed for each template.
        """
        return [
            Check(
                "state",
                self.env._("Status"),
                self.env._("It must be Requested: nothing is issued twice."),
                is_overridable=False,
            ),
            Check(
                "issuer_incomplete",
                self.env._("Issuer incomplete"),
                self.env._("The company needs all that identifies it on documents."),
                is_overridable=False,
            ),
            Check(
                "template_broken",
                self.env._("Broken layout"),
                self.env._(
                    "The layout and all its parts must be there and be well-formed."
                ),
                is_overridable=False,
            ),
            Check(
                "template_draft",
                self.env._("Template not approved"),
                self.env._("Only what an LRM admin has approved is issued."),
                is_overridable=False,
                stops_preview=False,
            ),
            Check(
                "name_missing",
                self.env._("No name"),
                self.env._("The learner needs a name to print."),
                is_overridable=False,
            ),
            Check(
                "unprintable",
                self.env._("Unprintable characters"),
                self.env._(
                    "Names and titles may only have characters that a font has."
                ),
                is_overridable=False,
            ),
            Check(
                "too_long",
                self.env._("Too long for the page"),
                self.env._("Names and titles must fit on the page."),
            ),
            Check(
                "usi_printed",
                self.env._("USI on the page"),
                self.env._("The learner's USI must not be printed."),
                is_overridable=False,
            ),
            Check(
                "officer_missing",
                self.env._("No issuing officer"),
                self.env._("A certificate or statement needs an authorised signatory."),
            ),
            Check(
                "officer_gone",
                self.env._("Issuing officer has left"),
                self.env._("The issuing officer must not be archived."),
            ),
            Check(
                "signature_missing",
                self.env._("No signature"),
                self.env._(
                    "Where the layout prints a signature, the officer should have one."
                ),
                severity="warn",
            ),
            Check(
                "on_hold",
                self.env._("On hold"),
                self.env._("The enrolment must not be on hold."),
            ),
            Check(
                "type_unfit",
                self.env._("Wrong kind of credential"),
                self.env._(
                    "A certificate needs a qualification or an accredited course, a "
                    "statement of attainment a recognised one."
                ),
            ),
            Check(
                "nothing_to_print",
                self.env._("Nothing to print"),
                self.env._(
                    "There must be something to print: competent units, or any units."
                ),
                is_overridable=False,
            ),
            Check(
                "credit_transfer_only",
                self.env._("Only credit transfers"),
                self.env._(
                    "At least one competent unit should have been assessed here."
                ),
                severity="warn",
            ),
            Check(
                "not_completed",
                self.env._("Course not completed"),
                self.env._(
                    "A certificate, or a letter that says so, needs a completed course."
                ),
            ),
            Check(
                "units_short",
                self.env._("Too few units"),
                self.env._(
                    "A certificate needs as many competent units as the course demands."
                ),
            ),
            Check(
                "off_scope",
                self.env._("Not on scope"),
                self.env._("The course must be on scope on the credential date."),
            ),
            Check(
                "superseded",
                self.env._("Superseded course"),
                self.env._(
                    "The course should not be superseded on the credential date."
                ),
                severity="warn",
            ),
            Check(
                "usi_missing",
                self.env._("USI missing"),
                self.env._("The learner needs a USI or a recorded exemption."),
                is_overridable=False,
            ),
            Check(
                "usi_unverified",
                self.env._("USI not verified"),
                self.env._("The learner's USI must be verified, unless exempt."),
            ),
            Check(
                "usi_interim",
                self.env._("USI, interim record"),
                self.env._(
                    "A record of results alone should have a verified USI behind it."
                ),
                severity="warn",
            ),
            Check(
                "name_differs",
                self.env._("Name not as verified"),
                self.env._(
                    "The name should be the one that the USI was verified with."
                ),
                severity="warn",
            ),
            Check(
                "deceased",
                self.env._("Deceased learner"),
                self.env._("The learner should be alive."),
                severity="warn",
            ),
            Check(
                "record_missing",
                self.env._("No record of results"),
                self.env._("A certificate should go with a record of results."),
                severity="warn",
            ),
            Check(
                "duplicate",
                self.env._("Issued already"),
                self.env._(
                    "An enrolment should have one certificate, and one of each other "
                    "kind."
                ),
                severity="warn",
            ),
            Check(
                "units_undated",
                self.env._("Units without a date"),
                self.env._(
                    "Where the layout prints when units were achieved, they need dates."
                ),
                severity="warn",
            ),
            Check(
                "date_future",
                self.env._("Date in the future"),
                self.env._("The credential date must not be in the future."),
                is_overridable=False,
            ),
            Check(
                "date_before_completion",
                self.env._("Date before completion"),
                self.env._("The credential date must not be before what it attests."),
            ),
            Check(
                "unreachable",
                self.env._("Address in the QR code"),
                self.env._(
                    "The QR code should lead to a page that everybody can open."
                ),
                severity="warn",
                is_told_once=True,
            ),
            Check(
                "changed_since_preview",
                self.env._("Changed since the preview"),
                self.env._("The document should say what was last previewed."),
                severity="warn",
            ),
        ]
