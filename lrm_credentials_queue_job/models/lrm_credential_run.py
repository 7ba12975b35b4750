from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.queue_job.delay import group
from odoo.addons.queue_job.job import (
    CANCELLED,
    ENQUEUED,
    PENDING,
    STARTED,
    WAIT_DEPENDENCIES,
)

PATIENCE = timedelta(minutes=5)


class LrmCredentialRun(models.Model):
    """A run in the background as jobs: one for each chunk, then one that combines.

    They call what the scheduled action calls, so that nothing else changes. It still
    looks after the runs: what the jobs leave undone, it does.
    """

    _inherit = "lrm.credential.run"

    def _enqueue(self):
        """Have jobs work on `self` once this transaction is committed."""
        self._cancel_jobs()
        run = self._as_starter()
        last = run._job("_job_end")
        chunks = [run._job("_job_chunk", line_ids) for line_ids in run._chunks()]
        if chunks:
            group(*chunks).on_done(last).delay()
        else:
            last.delay()
        return super()._enqueue()

    def _job(self, method, *args):
        return getattr(self.delayable(description=self.display_name), method)(*args)

    def _job_store_values(self, job):
        """Hook of queue_job: the values of our fields for a job on `self`."""
        return {"lrm_run_id": self[:1].id}

    def _job_chunk(self, line_ids):
        """Make those of the lines that still wait, unless the run was stopped.

        Never fails: errors are kept with the lines, or stop the run with a sentence.
        """
        with self._halting():
            self._begin()
            for _chunk in self._work(
                [line_ids], self._in_fresh_transaction, self._is_under_way
            ):
                pass

    def _job_end(self):
        """Combine the files when nothing waits, or when the run is to stop."""
        with self._halting():
            self._end()

    def _conclude(self):
        is_over = super()._conclude()
        if is_over:
            self._cancel_jobs()
        return is_over

    def _cancel_jobs(self):
        """Cancel the jobs of `self` that have not begun."""
        states = (PENDING, WAIT_DEPENDENCIES)
        # Jobs are the system's: users have no right on them.
        jobs_sudo = self.env["queue.job"].sudo().search(self._of_jobs(states))
        for job in jobs_sudo:
            if job.state in states:  # cancelling one cancels those that wait for it
                job._change_job_state(CANCELLED)

    @api.model
    def _waiting_runs(self):
        """Leave alone the runs that jobs work on.

        A run whose jobs have failed, or for five minutes have neither begun nor ended,
        as without a job runner, is the scheduled action's. Should they come back to
        life, nothing is made twice: whoever is late finds no line waiting.
        """
        runs = super()._waiting_runs()
        jobs_sudo = self.env["queue.job"].sudo()
        alive = jobs_sudo.search(runs._of_jobs((PENDING, ENQUEUED, STARTED)))
        limit = fields.Datetime.now() - PATIENCE
        moving = jobs_sudo.search(
            [
                ("lrm_run_id", "in", alive.lrm_run_id.ids),
                "|",
                ("date_created", ">", limit),
                "|",
                ("date_started", ">", limit),
                ("date_done", ">", limit),
            ]
        )
        return runs - moving.lrm_run_id

    def _of_jobs(self, states):
        """Return the domain of the jobs of `self` in one of `states`."""
        return [("lrm_run_id", "in", self.ids), ("state", "in", states)]
