import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg2

from odoo import models

from ..report.batch import print_batches
from ..report.wkhtmltopdf import RenderError

CHUNK = 100  # credentials that are printed by one process and sealed together
DATABASE_GONE = psycopg2.OperationalError, psycopg2.InterfaceError

_logger = logging.getLogger(__name__)


class Chunk:
    """Some lines of a run on their way: checked, then printed, then sealed.

    Holds no record between transactions, only ids and plain data.
    """

    def __init__(self, line_ids):
        self.line_ids = line_ids
        self.is_issue = False
        self.documents = {}  # {credential id: what is printed}
        self.refusals = {}  # {credential id: [sentences]}
        self.failures = {}  # {credential id: [sentence]}
        self.final_ids = []  # of the credentials that become final qualifications
        self.goes_with = {}  # {credential id: id of the final one that it goes with}
        self.warnings = {}  # {sentence: None}
        self.findings = {}  # {credential id: [sentences]} that prevent nothing
        self.overridden = {}  # {credential id: (reason, [codes of checks])}
        self.batches = []  # what has to be printed
        self.printed = {}  # {credential id: PDF bytes, or a RenderError}


class LrmCredentialRun(models.Model):
    """How a run works: chunk by chunk.

    Preparing reads the database and writes nothing. Printing runs beside it, in a
    thread and a process of its own. Sealing is one short transaction for each chunk:
    what it says has happened has happened, and the lines that still wait are the only
    memory of how far a run has come.
    """

    _inherit = "lrm.credential.run"

    def _pending(self):
        """Return the lines that still wait."""
        return self.env["lrm.credential.run.line"].search(
            [("run_id", "=", self.id), ("state", "=", "pending")]
        )

    def _still_pending(self, line_ids):
        """Return those of the lines that wait: another worker may have been faster."""
        lines = self.env["lrm.credential.run.line"].browse(line_ids).exists()
        return lines.filtered(lambda line: line.state == "pending")

    def _chunks(self):
        """Return the ids of the waiting lines, chunk by chunk.

        Lines of one enrolment stay together: which of them is the final qualification
        is decided among all.
        """
        lines = self._pending()
        by_enrolment = lines.grouped(lambda line: line.credential_id.enrolment_id.id)
        chunks = [[]]
        for group in by_enrolment.values():
            if chunks[-1] and len(chunks[-1]) + len(group) > CHUNK:
                chunks.append([])
            chunks[-1] += group.ids
        return chunks if lines else []

    def _work(self, chunks, in_transaction, goes_on):
        """Make what waits of `chunks`, lists of line ids.

        One chunk is printed while the one before is sealed and the next one prepared.

        :param in_transaction: calls the function that it is given, which writes
        :param goes_on: tells whether to begin another chunk
        :return: iterator over the chunks that are done
        """
        with ThreadPoolExecutor(1) as printer:
            before = None
            for line_ids in chunks:
                if not goes_on():
                    break
                chunk = self._prepare(line_ids)
                printing = printer.submit(print_batches, chunk.batches)
                if before:
                    yield self._complete(*before, in_transaction)
                before = chunk, printing
            if before:
                yield self._complete(*before, in_transaction)

    def _complete(self, chunk, printing, in_transaction):
        """Wait for the printing of `chunk`, then seal it; return it."""
        chunk.printed |= printing.result()
        in_transaction(partial(self._seal, chunk))
        return chunk

    def _prepare(self, line_ids):
        """Return a `Chunk` of the lines, checked and ready to be printed."""
        lines = self._still_pending(line_ids)
        chunk = Chunk(lines.ids)
        chunk.is_issue = self.kind == "issue"
        chunk.documents, errors = lines.credential_id._documents()
        credentials = lines.credential_id.browse(chunk.documents)
        plan = credentials._plan(
            chunk.documents,
            self.is_final,
            self.qual_issued_date,
            self._awarded(credentials),
            lines._overrides(),
            is_preview=not chunk.is_issue,
        )
        passed, finals, chunk.refusals = plan.passed, plan.finals, plan.refusals
        chunk.findings, chunk.overridden = plan.warnings, plan.overridden
        chunk.final_ids = finals.ids
        final_ids = {final.enrolment_id: final.id for final in finals}
        chunk.goes_with = {
            companion.id: final_ids[companion.enrolment_id]
            for companion in passed._companions_of(finals) - finals
        }
        chunk.batches, layout_errors, chunk.warnings = passed._batches(
            chunk.documents, is_preview=not chunk.is_issue
        )
        chunk.warnings |= plan.remarks
        chunk.printed = errors | layout_errors
        return chunk

    def _awarded(self, credentials):
        """Return the enrolments of `credentials` whose final one came from here."""
        if not self.is_final:
            return credentials.enrolment_id.browse()
        lines = self.env["lrm.credential.run.line"].search(
            [
                ("run_id", "=", self.id),
                ("state", "=", "done"),
                ("credential_id.is_final", "=", True),
                ("credential_id.enrolment_id", "in", credentials.enrolment_id.ids),
            ]
        )
        return lines.credential_id.enrolment_id

    def _seal(self, chunk):
        """Write down what became of `chunk`: all that a run changes, in one go.

        :raise OSError: when the file store cannot be written
        """
        if chunk.is_issue:
            # The first statement: what follows sees all that others have sealed.
            self.env["lrm.register.head"]._take_turn()
        lines = self._still_pending(chunk.line_ids)
        waiting = set(lines.credential_id.ids)
        contents, failures, refusals = {}, {}, dict(chunk.refusals)
        for key, result in chunk.printed.items():
            if key not in waiting:
                continue
            if isinstance(result, RenderError):
                failures[key] = [str(result)]
            else:
                contents[key] = result
        if chunk.is_issue:
            credentials = self.env["lrm.credential"].browse(contents).exists()
            left = self._left_alone(credentials, chunk)
            ready = credentials.filtered(lambda credential: credential.id not in left)
            late, broken = self._issue(ready, chunk, contents)
            refusals |= left
            refusals |= late
            failures |= broken
            contents = {
                key: content
                for key, content in contents.items()
                if key not in refusals and key not in failures
            }
        if chunk.is_issue:
            lines.credential_id._keep_refusals(refusals | failures)
        lines._record(chunk.documents, contents, refusals, failures, chunk.findings)
        lines._store_previews(contents)
        if chunk.warnings and lines:  # else the run may have been deleted
            known = dict.fromkeys((self.warning or "").splitlines())
            self._log({"warning": "\n".join(known | chunk.warnings)})

    def _left_alone(self, credentials, chunk):
        """Return {credential id: [sentence]} of those whose final one was deleted."""
        finals = credentials.browse(chunk.final_ids).exists()
        return {
            credential.id: [
                self.env._("The final qualification it goes with was not issued.")
            ]
            for credential in credentials
            if credential.id in chunk.goes_with
            and chunk.goes_with[credential.id] not in finals.ids
        }

    def _issue(self, credentials, chunk, contents):
        """Seal `credentials`; those that cannot be, even now, stop only themselves.

        :param contents: {credential id: PDF bytes}
        :return: ({credential id: [sentence]} of those that came too late,
            the same of those whose sealing failed)
        """
        try:
            with self.env.cr.savepoint():
                late = credentials._seal_issue(
                    chunk.documents,
                    contents,
                    credentials.browse(chunk.final_ids).exists(),
                    self.status_reason,
                    self.qual_issued_date,
                    chunk.overridden,
                )
            return late, {}
        except (OSError, *DATABASE_GONE):
            raise
        except Exception as error:
            groups = list(credentials.grouped("enrolment_id").values())
            if len(groups) <= 1:  # none when this run itself was deleted meanwhile
                _logger.info("Not sealed: %s", credentials, exc_info=True)
                return {}, dict.fromkeys(credentials.ids, [str(error)])
            half = len(groups) // 2
            (late, broken), (more_late, more_broken) = (
                self._issue(credentials.browse().concat(*part), chunk, contents)
                for part in (groups[:half], groups[half:])
            )
            return late | more_late, broken | more_broken
