from collections import defaultdict
from typing import NamedTuple

import psycopg2

from odoo import api, models

# What attests attainment: more is demanded of it than of a letter, say.
ATTESTS = ("certificate", "statement")
SEVERITIES = [("refuse", "Refuse"), ("warn", "Warn"), ("off", "Off")]


class Check(NamedTuple):
    """One thing that is looked at before issue."""

    code: str
    name: str
    explanation: str  # one sentence for the office
    severity: str = "refuse"  # unless the template says otherwise
    is_overridable: bool = True  # by an LRM admin with a reason; else never weakened
    stops_preview: bool = True  # else what refuses to issue only warns in a preview
    is_told_once: bool = False  # as a warning: it is about no learner, but the issuer


class Finding(NamedTuple):
    """What one check has to say about one credential."""

    code: str
    sentence: str
    severity: str
    is_overridable: bool
    is_told_once: bool


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
    `_find_<code>(document)` in one of lrm_credential_check_*.py, which returns a
    sentence for the office, or None. What it reads is read for all credentials at once,
    so that ten thousand cost as many queries as ten.
    """

    _inherit = "lrm.credential"

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

        Without those that `_remarks` returns.

        :param findings: what `_findings` returned
        """
        sentences = defaultdict(list)
        for key, found in findings.items():
            for finding in found:
                if finding.severity == severity and not finding.is_told_once:
                    sentences[key].append(finding.sentence)
        return dict(sentences)

    @api.model
    def _remarks(self, findings):
        """Return {sentence: None} of the `findings` that are told once for all.

        :param findings: what `_findings` returned
        """
        found = (finding for each in findings.values() for finding in each)
        return {finding.sentence: None for finding in found if finding.is_told_once}

    def _findings(self, documents, together=None, is_preview=False):
        """Return {credential id: [Finding]} of those that a check has found fault with.

        :param documents: {credential id: what `_document()` returned}
        :param together: credentials that are asked for at the same time, `self` if None
        :param is_preview: whether no more than a preview is asked for
        """
        self._fetch_for_checks()
        together = self if together is None else together | self
        facts = Facts(together.grouped("enrolment_id"), self._previewed_digests())
        checks = self._pre_issue_checks()
        severities = self.template_id._check_severities(checks, is_preview)
        findings = {}
        # A failing query must not end the transaction.
        with self.env.cr.savepoint() as savepoint:
            for credential in self.with_context(lrm_facts=facts):
                active = severities[credential.template_id.id]
                if found := [
                    Finding(
                        check.code,
                        sentence,
                        severity,
                        check.is_overridable,
                        check.is_told_once and severity == "warn",
                    )
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
