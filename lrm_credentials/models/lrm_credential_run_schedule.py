import logging
import time
from contextlib import contextmanager
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying

from ..report.wkhtmltopdf import ProgramError
from .lrm_credential_run_work import DATABASE_GONE

_logger = logging.getLogger(__name__)


class LrmCredentialRun(models.Model):
    """When a run works: at once, or in the background, until its end or a halt."""

    _inherit = "lrm.credential.run"

    # ------------------------------------------------------------ at once

    def _process(self):
        """Do the whole run in the caller's transaction, which Odoo itself retries.

        :raise UserError: when the file store cannot be written; nothing is done then
        """
        try:
            for _chunk in self._work(
                self._chunks(), lambda function: function(), lambda: True
            ):
                pass
            self._finish()
        except ProgramError as error:
            self._halt(self._sentence_of(error))
        except OSError as error:
            raise UserError(
                self.env._(
                    "A file could not be written: %s. Nothing was done: make room on "
                    "the server, then try again.",
                    error.strerror or error,
                )
            ) from error

    # ------------------------------------------------------------ in the background

    def _enqueue(self):
        """Have the scheduler work on `self` once this transaction is committed."""
        self._log({"state": "queued", "problem": False, "finished_at": False})
        self._wake_scheduler()

    def _wake_scheduler(self):
        # Scheduled actions are configuration: users have no right on them.
        self.env.ref("lrm_credentials.ir_cron_work_on_runs").sudo()._trigger()

    @api.model
    def _waiting_runs(self):
        """Return the runs that the scheduler works on, oldest first."""
        return self.search(
            [("state", "in", ("queued", "running", "stopping"))], order="id"
        )

    @api.model
    def _work_on_runs(self):
        """Work on what waits, as long as the scheduler gives time: it calls again.

        Called by the scheduled action, whenever a run is queued and every five minutes,
        so that a run goes on by itself after the server was killed. A run that cannot
        go on is stopped with a sentence that says why; it never stops the others.
        """
        scheduler = self.env["ir.cron"]
        runs = self._waiting_runs()
        waiting = self.env["lrm.credential.run.line"].search_count(
            [("run_id", "in", runs.ids), ("state", "=", "pending")]
        )
        scheduler._commit_progress(remaining=waiting + len(runs))
        for run_id in runs.ids:
            run = self.browse(run_id)._as_starter()
            with run._halting():
                if not run._continue(scheduler):
                    # Left to itself, the scheduler would rest for a minute first.
                    self._wake_scheduler()
                    break

    def _as_starter(self):
        """Return `self` with the rights, company and language of who started it."""
        user = self.sudo().user_id
        return self.with_user(user).with_context(
            allowed_company_ids=self.sudo().company_id.ids, lang=user.lang, tz=user.tz
        )

    def _continue(self, scheduler):
        """Go on with one run, committing after each chunk.

        :param scheduler: `ir.cron` in the environment of the scheduled action
        :return: whether there is time left for other runs
        """
        self._begin()
        scheduler._commit_progress()  # all see that it runs, nobody waits to stop it
        end = scheduler.env.context.get("cron_end_time", float("inf"))
        for chunk in self._work(
            self._chunks(),
            self._in_fresh_transaction,
            lambda: time.monotonic() < end and self._is_under_way(),
        ):
            scheduler._commit_progress(len(chunk.line_ids))
        if self._is_under_way() and self._pending():
            return False
        self._end()
        scheduler._commit_progress(1)
        return True

    def _is_under_way(self):
        return self.state in ("queued", "running")

    def _begin(self):
        """Say that it runs, before any work in the background.

        :raise AccessError: when who started it is no LRM admin any more
        """
        self.env["lrm.credential"]._check_is_admin()
        self._in_fresh_transaction(self._set_running)

    def _set_running(self):
        # Locked by the first statement: of several workers one writes, and none waits.
        run_sudo = self.sudo().try_lock_for_update(allow_referencing=True)
        if run_sudo.state == "queued":
            run_sudo.write(
                {
                    "state": "running",
                    "started_at": fields.Datetime.now(),
                    "made_before": run_sudo.line_count - run_sudo.pending_count,
                }
            )

    def _end(self):
        """Combine the files and tell who started it, unless lines still wait."""
        if self._in_fresh_transaction(self._conclude):
            self._in_fresh_transaction(self._notify)

    def _conclude(self):
        """Finish if it is time to; tell whether it was.

        Of several workers one finishes: the others are refused by the database, try
        again, and find it finished.
        """
        is_over = self.state == "stopping" or (
            self._is_under_way() and not self._pending()
        )
        if is_over:
            self._finish()
        return is_over

    @contextmanager
    def _halting(self):
        """Stop with a sentence that says why, if what is done within fails."""
        try:
            yield
        except DATABASE_GONE:
            raise
        except Exception as error:  # whatever it is, it must not stop the others
            self.env.cr.rollback()
            if not isinstance(error, ProgramError | OSError | UserError):
                _logger.exception("Log History %s was stopped", self.id)
            retrying(partial(self._halt, self._sentence_of(error)), self.env)
            self._in_fresh_transaction(self._notify)
            if isinstance(error, OSError):
                # What was written before the disk was full is nobody's: Odoo's daily
                # clean-up, at once, so that Resume has its room.
                self.env["ir.attachment"].sudo()._gc_file_store()

    def _in_fresh_transaction(self, function):
        """Call `function` in a transaction of its own, again if another one interferes.

        It sees the database as it is now, not as it was while documents were printed.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return retrying(function, self.env)

    def _halt(self, problem):
        """Stop, with what is left still waiting, and say why; unless it has ended."""
        run_sudo = self.sudo()  # who started it may have lost all rights since
        if run_sudo.exists() and run_sudo.state != "done":
            run_sudo.write(
                {
                    "state": "stopped",
                    "problem": problem,
                    "finished_at": fields.Datetime.now(),
                }
            )

    def _sentence_of(self, error):
        """Return what an office can do about `error`."""
        if isinstance(error, OSError):
            return self.env._(
                "A file could not be written: %s. Make room on the server, then press "
                "Resume.",
                error.strerror or error,
            )
        if isinstance(error, ProgramError | UserError):
            return self.env._(
                "%s. Mend this, then press Resume.", str(error).rstrip(".")
            )
        return self.env._(
            "It ended with an error that nobody expected (%s). Press Resume to go on; "
            "if it happens again, the server's log says more.",
            error,
        )
