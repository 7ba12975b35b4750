from collections import defaultdict
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain

SEVERITIES = [("refuse", "Refuse"), ("warn", "Warn"), ("off", "Off")]


class Check(NamedTuple):
    """One thing that is looked at before issue."""

    code: str
    name: str
    explanation: str  # one sentence for the office
    severity: str = "refuse"  # unless the template says otherwise
    is_overridable: bool = True  # by an LRM admin with a reason; else never weakened


class Finding(NamedTuple):
    """What one check has to say about one credential."""

    code: str
    sentence: str
    severity: str
    is_overridable: bool


class Facts:
    """What the checks of one credential need to know about others."""

    def __init__(self, together, previews):
        """Take what was read for all credentials at once.

        :param together: {enrolment: those of its credentials that are asked about, or
            requested, together}
        :param previews: {credential id: digest of what it said when last previewed}
        """
        self.together = together
        self.previews = previews
        self.known = {}  # {what was asked: the answer}, see `once`

    def once(self, question):
        """Return what the bound method `question` answers, calling it only once."""
        key = question.__self__, question.__name__
        if key not in self.known:
            self.known[key] = question()
        return self.known[key]


class LrmCredential(models.Model):
    """Everything that prevents issue, or speaks against it, found before it is made.

    One place, one list: each check is a `Check` in `_pre_issue_checks` and a method
    `_find_<code>(document)`, see lrm_credential_check_rules.py, that returns a sentence
    for the office, or None. What it reads is read for all credentials at once, so that
    ten thousand cost as many queries as ten.
    """

    _inherit = "lrm.credential"

    problems = fields.Char(
        string="What Prevents Issue",
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        help="What would refuse this request if it were issued now.",
    )
    warnings = fields.Char(
        string="To Be Considered",
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        help="What does not prevent issue, but should be looked at before.",
    )
    readiness = fields.Selection(
        selection=[("ready", "Ready"), ("blocked", "Blocked")],
        groups="lrm_credentials.group_lrm_user",
        compute="_compute_problems",
        search="_search_readiness",
        help="Whether this request would be issued now. Only requests are looked at.",
    )

    @api.depends("template_id", "credential_date", "enrolment_id", "state")
    def _compute_problems(self):
        open_requests = self.filtered(
            lambda credential: credential.state == "requested"
            and credential.template_id
            and credential.enrolment_id
            and credential.credential_date
        )
        refusals, warnings = open_requests._problems()
        for credential in self:
            credential.problems = " ".join(refusals.get(credential.id, []))
            credential.warnings = " ".join(warnings.get(credential.id, []))
            credential.readiness = credential in open_requests and (
                "blocked" if credential.problems else "ready"
            )

    def _search_readiness(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["readiness"], "read")
        requests = self.search([("state", "=", "requested")])
        blocked = [key for key in requests._problems()[0] if key]
        domain = Domain.OR(
            Domain("id", "in" if wanted == "blocked" else "not in", blocked)
            for wanted in value
            if wanted
        ) & Domain("state", "=", "requested")
        if False in value:
            domain |= Domain("state", "!=", "requested")
        return domain

    def _problems(self):
        """Return what refuses `self`, open requests, and what warns about them.

        Other requests for the same enrolment count as asked for together.

        :return: two dicts {credential id: [sentences]}
        """
        documents, errors = self._documents()
        findings = self.browse(documents)._findings(
            documents,
            together=self.enrolment_id.credential_ids.filtered(
                lambda credential: credential.state == "requested"
            ),
        )
        refusals = self._sentences(findings, "refuse")
        refusals |= {key: [str(error)] for key, error in errors.items()}
        return refusals, self._sentences(findings, "warn")

    # ------------------------------------------------------------ the list

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
                self.env._("Issuer's identity"),
                self.env._("The company needs all that identifies it on documents."),
                is_overridable=False,
            ),
            Check(
                "template_broken",
                self.env._("Layout"),
                self.env._(
                    "The layout and all its parts must be there and be well-formed."
                ),
                is_overridable=False,
            ),
            Check(
                "name_missing",
                self.env._("Name"),
                self.env._("The learner needs a name to print."),
                is_overridable=False,
            ),
            Check(
                "unprintable",
                self.env._("Characters"),
                self.env._(
                    "Names and titles may only have characters that a font has."
                ),
                is_overridable=False,
            ),
            Check(
                "too_long",
                self.env._("Room for names"),
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
                self.env._("Issuing officer"),
                self.env._("A certificate or statement needs an authorised signatory."),
            ),
            Check(
                "officer_gone",
                self.env._("Issuing officer has left"),
                self.env._("The issuing officer must not be archived."),
            ),
            Check(
                "signature_missing",
                self.env._("Signature"),
                self.env._(
                    "Where the layout prints a signature, the officer should have one."
                ),
                severity="warn",
            ),
            Check(
                "on_hold",
                self.env._("Hold"),
                self.env._("The enrolment must not be on hold."),
            ),
            Check(
                "type_unfit",
                self.env._("Type of credential"),
                self.env._(
                    "Only a qualification or accredited course has a certificate."
                ),
            ),
            Check(
                "nothing_to_print",
                self.env._("Blank document"),
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
                self.env._("Completion"),
                self.env._("A certificate needs a completed course."),
            ),
            Check(
                "units_short",
                self.env._("Units required"),
                self.env._(
                    "A certificate needs as many competent units as the course demands."
                ),
            ),
            Check(
                "off_scope",
                self.env._("Scope"),
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
                self.env._("Name as verified"),
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
                self.env._("Record of results"),
                self.env._("A certificate should go with a record of results."),
                severity="warn",
            ),
            Check(
                "duplicate",
                self.env._("Second certificate"),
                self.env._("An enrolment should have one certificate at a time."),
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
                "changed_since_preview",
                self.env._("Changed since the preview"),
                self.env._("The document should say what was last previewed."),
                severity="warn",
            ),
        ]

    # ------------------------------------------------------------ asking

    def _refusals(self, documents):
        """Return {credential id: [sentences]} of those that cannot be issued.

        :param documents: {credential id: what `_document()` returned}
        """
        return self._sentences(self._findings(documents), "refuse")

    def _warnings(self, documents):
        """Return {credential id: [sentences]} of what should be looked at before.

        :param documents: {credential id: what `_document()` returned}
        """
        return self._sentences(self._findings(documents), "warn")

    @api.model
    def _sentences(self, findings, severity):
        """Return {credential id: [sentences]} of the `findings` of one severity.

        :param findings: what `_findings` returned
        """
        sentences = defaultdict(list)
        for key, found in findings.items():
            for finding in found:
                if finding.severity == severity:
                    sentences[key].append(finding.sentence)
        return dict(sentences)

    def _findings(self, documents, together=None):
        """Return {credential id: [Finding]} of those that a check has found fault with.

        :param documents: {credential id: what `_document()` returned}
        :param together: credentials that are asked for at the same time, `self` if None
        """
        self._fetch_for_checks()
        together = self if together is None else together | self
        facts = Facts(together.grouped("enrolment_id"), self._previewed_digests())
        checks = self._pre_issue_checks()
        severities = self.template_id._check_severities(checks)
        findings = {}
        # A failing query must not end the transaction.
        with self.env.cr.savepoint() as savepoint:
            for credential in self.with_context(lrm_facts=facts):
                active = severities[credential.template_id.id]
                if found := [
                    Finding(check.code, sentence, severity, check.is_overridable)
                    for check in checks
                    if (severity := active[check.code]) != "off"
                    and (
                        sentence := credential._ask(
                            check, documents[credential.id], savepoint
                        )
                    )
                ]:
                    findings[credential.id] = found
        return findings

    def _ask(self, check, document, savepoint):
        """Return the sentence of one check about one credential, or None.

        A check that fails refuses this credential only: nobody knows what it would have
        found. Rolled back only after a failing query, which is all that needs it.
        """
        try:
            return getattr(self, f"_find_{check.code}")(document)
        except Exception as error:  # an extension may fail in any way
            if isinstance(error, psycopg2.Error):
                savepoint.rollback()
            return self.env._(
                "The check “%(check)s” failed: %(error)s", check=check.name, error=error
            )

    def _facts(self):
        """Return the `Facts` that `_findings` has collected."""
        return self.env.context["lrm_facts"]

    def _documents(self):
        self._fetch_for_checks()
        return super()._documents()

    def _fetch_for_checks(self):
        """Read at once all that documents and checks are made of.

        By itself the ORM would read a thousand records at a time.
        """
        self.fetch()
        self.fetch(["document_data"])  # asked for by the verification link
        enrolments = self.enrolment_id
        enrolments.fetch()
        enrolments.fetch(["unit_enrolment_ids", "credential_ids"])
        enrolments.unit_enrolment_ids.fetch()
        others = enrolments.credential_ids - self
        others.fetch(["enrolment_id", "template_id", "state", "replaces_id"])
        (others | self._origin).fetch(["replaced_by_ids"])
        self.partner_id.sudo().fetch()  # some of it is not for everyone to read

    def _previewed_digests(self):
        """Return {credential id: digest} of what `self` said when last previewed."""
        lines_sudo = self.env["lrm.credential.run.line"].sudo()  # not all read the log
        lines = lines_sudo.search_fetch(
            [
                ("credential_id", "in", self._origin.ids),
                ("run_id.kind", "=", "preview"),
                ("content_digest", "!=", False),
            ],
            ["credential_id", "content_digest"],
            order="id",
        )
        return {line.credential_id.id: line.content_digest for line in lines}
