"""A large run as jobs of OCA's queue_job: several workers share it.

In a database of its own, because the other tests are about the addon without them.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest
import requests

from odoo import SUPERUSER_ID, api, fields
from odoo.modules import Manifest
from odoo.modules.registry import Registry
from odoo.tests import common
from odoo.tools import config

from .common import CredentialCommon, pdf_pages

if not Manifest.for_addon("queue_job"):
    pytest.skip(
        "queue_job is not on the addons path: dev/setup puts it there",
        allow_module_level=True,
    )

ROOT = Path(__file__).parent.parent
DB = "lrm_test_queue_job"
WORK = "odoo.addons.lrm_credentials.models.lrm_credential_run_work"
TIME_LIMIT = 120  # seconds for a run
# An Odoo without the process for web sockets, which nobody would talk to.
SERVER = """
from odoo.cli.command import main
from odoo.service.server import PreforkServer
PreforkServer.long_polling_spawn = lambda server: None
main()
"""


def setUpModule():
    subprocess.run(
        ["bash", "-ec", f". dev/env.sh; newdb {DB} queue_job"], cwd=ROOT, check=True
    )
    # Not the tests of all its modules.
    enabled, config["test_enable"] = config["test_enable"], False
    try:
        Registry(DB)
    finally:
        config["test_enable"] = enabled


class JobCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        # A patcher would be missed as one that a test forgot.
        cls.addClassCleanup(setattr, common, "get_db_name", common.get_db_name)
        common.get_db_name = lambda: DB
        super().setUpClass()

    @classmethod
    def _requests(cls, count):
        """That many requested credentials, each of another learner."""
        learners = cls.env["res.partner"].create(
            [
                {
                    "is_lrm_client": True,
                    "lrm_first_name": f"Ana {number}",
                    "lrm_family_name": "Lee",
                    "lrm_usi": "ABCDEFGH23",
                    "lrm_usi_status": "verified",
                    "lrm_birth_date": "1994-05-17",
                }
                for number in range(count)
            ]
        )
        enrolments = cls.env["lrm.course.enrolment"].create(
            [
                {
                    "partner_id": learner.id,
                    "offer_id": cls.offer.id,
                    "state": "completed",
                    "date_completed": "2025-11-20",
                }
                for learner in learners
            ]
        )
        enrolments.unit_enrolment_ids.write(
            {"outcome_id": cls.competent.id, "date_end": "2025-11-14"}
        )
        return cls._request(enrolments)


class TestJobs(JobCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch(f"{WORK}.CHUNK", 2))
        cls.company.lrm_run_limit = 2
        cls.credentials = cls._requests(5)

    def setUp(self):
        super().setUp()
        from odoo.addons.queue_job.tests.common import trap_jobs

        self.trap = self.enterContext(trap_jobs())

    def _perform(self, count=None):
        """Perform that many of the jobs that wait, in their order, or all."""
        jobs = self.trap.enqueued_jobs
        chunks = [job for job in jobs if job.method_name == "_job_chunk"]
        ends = [job for job in jobs if job.method_name == "_job_end"]
        todo = sorted(chunks, key=lambda job: job.args)[:count]
        if count is None:
            todo += ends
        # They open a cursor of their own and commit.
        with self.enter_registry_test_mode():
            for job in todo:
                job.perform()
                jobs.remove(job)

    def _states(self, run):
        return run.line_ids.mapped("state")

    def test_chunks_become_jobs_and_a_last_one_combines(self):
        run = self._preview(self.credentials)
        self.assertEqual(run.state, "queued")
        self.trap.assert_jobs_count(3, only=run._job_chunk)
        self.trap.assert_jobs_count(1, only=run._job_end)
        *chunks, end = sorted(
            self.trap.enqueued_jobs, key=lambda job: job.args or ([float("inf")],)
        )
        ids = run.line_ids.ids
        self.assertEqual([job.args[0] for job in chunks], [ids[:2], ids[2:4], ids[4:]])
        self.assertEqual(end.depends_on, set(chunks))
        for job in (*chunks, end):
            self.assertEqual(job.channel, "root.lrm_credentials")
            self.assertEqual(job.recordset.env.user, self.admin)
            self.assertFalse(job.recordset.env.su)

        self._perform(1)
        self.assertEqual(run.state, "running")
        self.assertEqual(self._states(run), ["done"] * 2 + ["pending"] * 3)
        self._perform()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._states(run), ["done"] * 5)
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), 5)

    def test_small_run_is_made_at_once(self):
        run = self._preview(self.credentials[:2])
        self.assertEqual(run.state, "done")
        self.trap.assert_jobs_count(0)

    def test_stop_and_resume(self):
        run = self._issue(self.credentials)
        self._perform(1)
        run.with_user(self.admin).action_stop()
        self._perform()
        self.assertEqual(run.state, "stopped")
        self.assertEqual(self._states(run), ["done"] * 2 + ["pending"] * 3)
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), 2)

        run.with_user(self.admin).action_resume()
        self.trap.assert_jobs_count(2, only=run._job_chunk)
        self._perform()
        self.assertEqual(run.state, "done")
        self.assertEqual(set(self.credentials.mapped("state")), {"issued"})
        self.assertEqual(len(pdf_pages(self._bytes(run, "combined_pdf"))), 5)

    def test_retry_failed(self):
        run = self._issue(self.credentials)
        self.trap.enqueued_jobs.clear()
        run._log({"state": "stopped"})
        run.line_ids[1:].state = "failed"
        run.line_ids[0].state = "done"
        run.with_user(self.admin).action_retry_failed()
        self.trap.assert_jobs_count(2, only=run._job_chunk)
        self.assertEqual(run.state, "queued")

    def test_what_is_done_is_not_made_again(self):
        run = self._issue(self.credentials)
        twice = run.line_ids.ids
        self._perform()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            again = run.with_env(run.env(cr=cr))
            again._log({"state": "running"})
            again._as_starter()._job_chunk(twice)
            again._as_starter()._job_end()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._states(run), ["done"] * 5)
        entries = self.env["lrm.register.entry"]
        self.assertEqual(entries.search_count([]), 5)

    def test_jobs_never_fail(self):
        run = self._issue(self.credentials)
        self.admin.group_ids -= self.env.ref("lrm_credentials.group_lrm_admin")
        self._perform()
        self.assertEqual(run.state, "stopped")
        self.assertIn("press Resume", run.problem)
        self.assertEqual(self._states(run), ["pending"] * 5)


class TestWatch(JobCommon):
    """Which runs the scheduled action leaves to their jobs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.lrm_run_limit = 1
        cls.run_record = cls._preview(cls._requests(2))
        cls.jobs = cls.env["queue.job"].search([("lrm_run_id", "=", cls.run_record.id)])
        cls.chunk, cls.end = cls.jobs.sorted("method_name")

    def _is_left_to_jobs(self):
        return self.run_record not in self.env["lrm.credential.run"]._waiting_runs()

    def test_jobs_that_move(self):
        self.assertEqual(self.chunk.state, "pending")
        self.assertEqual(self.end.state, "wait_dependencies")
        for state in ("pending", "enqueued", "started"):
            self.chunk.state = state
            self.assertTrue(self._is_left_to_jobs(), state)

    def test_jobs_that_are_gone_or_failed(self):
        for state in ("failed", "cancelled", "done"):
            self.chunk.state = state
            self.assertFalse(self._is_left_to_jobs(), state)
        self.jobs.unlink()
        self.assertFalse(self._is_left_to_jobs())

    def test_jobs_that_nobody_runs(self):
        now = fields.Datetime.now()
        sentinel = self.jobs.EDIT_SENTINEL
        self.jobs.with_context(_job_edit_sentinel=sentinel).write(
            {"date_created": fields.Datetime.subtract(now, minutes=6)}
        )
        self.assertFalse(self._is_left_to_jobs())
        self.chunk.date_started = fields.Datetime.subtract(now, minutes=1)
        self.assertTrue(self._is_left_to_jobs())

    def test_scheduled_action_takes_over(self):
        self.chunk.state = "failed"
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["lrm.credential.run"]._work_on_runs()
        self.assertEqual(self.run_record.state, "done")
        self.assertEqual(self.end.state, "cancelled")


class TestWorkers(JobCommon):
    """A real server: two workers and a job runner. No scheduled action is ever run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._start_server()
        cls.many, cls.few = cls._requests(300), cls._requests(110)
        # Past the guard of Odoo's tests: the server has to see them.
        type(cls.cr).commit(cls.cr)
        cls.session = requests.Session()
        cls._call(
            "/web/session/authenticate", db=DB, login="lrmadmin", password="lrmadmin"
        )

    @classmethod
    def _start_server(cls):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        folder = ROOT / ".dev" / "log"
        settings = folder / "queue_job.conf"
        settings.write_text(
            Path(os.environ["ODOO_RC"]).read_text()
            + "[queue_job]\nchannels = root:4,root.lrm_credentials:2\n"
        )
        log = folder / "queue_job.log"
        log.unlink(missing_ok=True)
        cls.url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(
            [
                *(sys.executable, "-c", SERVER, "-c", settings, "-d", DB),
                *("--load=base,web,queue_job", "--workers=2", "--max-cron-threads=0"),
                *(f"--http-port={port}", f"--logfile={log}"),
            ],
            start_new_session=True,
        )
        cls.addClassCleanup(server.wait)
        # With its workers, and at once: nothing of it is needed any more.
        cls.addClassCleanup(os.killpg, server.pid, signal.SIGKILL)

    @classmethod
    def _call(cls, path, **params):
        """The result of a remote call, made as the web client makes it."""
        for _attempt in range(60):
            try:
                response = cls.session.post(
                    cls.url + path, json={"params": params}, timeout=60
                )
                break
            except requests.ConnectionError:  # the server is still starting
                time.sleep(0.5)
        answer = response.json()
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def _button(self, model, method, *args, **context):
        return self._call(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs={"context": context},
        )

    def _issue_remotely(self, ids):
        """The id of the run that the issue wizard starts."""
        action = self._button("lrm.credential", "action_issue", ids)
        model, context = action["res_model"], action["context"]
        values = {"final": "yes", "status_reason": "Course completed"}
        [wizard_id] = self._button(model, "create", [values], **context)
        return self._button(model, "action_issue", [wizard_id])["res_id"]

    def setUp(self):
        super().setUp()
        cr = self.enterContext(self.registry.cursor())
        self.outside = api.Environment(cr, SUPERUSER_ID, {})

    def _wait(self, run_id, condition):
        """Look at the run and its jobs until `condition(run, jobs)`; return both."""
        run = self.outside["lrm.credential.run"].browse(run_id)
        end = time.monotonic() + TIME_LIMIT
        while True:
            self.outside.cr.commit()
            jobs = self.outside["queue.job"].search([("lrm_run_id", "=", run_id)])
            if condition(run, jobs):
                return run, jobs
            self.assertLess(
                time.monotonic(),
                end,
                f"{run.state} {run.problem}: {run.pending_count} of {run.line_count} "
                f"wait, jobs are {jobs.mapped('state')}; see .dev/log/queue_job.log",
            )
            time.sleep(0.1)

    def _assert_complete(self, run, ids):
        self.assertEqual((run.state, run.problem), ("done", False))
        self.assertEqual(run.user_id.login, "lrmadmin")
        credentials = run.line_ids.credential_id
        self.assertEqual(credentials.ids, ids)
        self.assertEqual(set(run.line_ids.mapped("state")), {"done"})
        self.assertEqual(set(credentials.mapped("state")), {"issued"})
        self.assertEqual(credentials.issued_by_id, run.user_id)
        entries = self.outside["lrm.register.entry"]
        self.assertFalse(entries._integrity_problems(run.company_id))
        issues = entries.search([("credential_id", "in", ids)])
        self.assertEqual(len(issues), len(ids))
        self.assertEqual(issues.credential_id, credentials.sorted("id"))
        pages = subprocess.run(
            ["pdftotext", "-", "-"],
            input=self._print_file(run),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode()
        for page, credential in zip(
            pages.removesuffix("\f").split("\f"), credentials, strict=True
        ):
            self.assertIn(credential.number, page)
        notices = self.outside["mail.message"].search_count(
            [("model", "=", run._name), ("res_id", "=", run.id)]
        )
        self.assertEqual(notices, 1)

    def _print_file(self, run):
        attachments = self.outside["ir.attachment"]
        return attachments._of_fields(run, "combined_pdf").raw

    def test_two_workers_share_a_run(self):
        ids = random.sample(self.many.ids, len(self.many))
        run_id = self._issue_remotely(ids)
        run, jobs = self._wait(run_id, all_done)
        self._assert_complete(run, ids)
        chunks = jobs.filtered(lambda job: job.method_name == "_job_chunk")
        self.assertEqual((len(chunks), len(jobs)), (3, 4))
        self.assertEqual(len(set(chunks.mapped("worker_pid"))), 2)

    def test_killed_worker(self):
        ids = self.few.ids
        run_id = self._issue_remotely(ids)
        _run, jobs = self._wait(run_id, half_done)
        [victim] = jobs.filtered(lambda job: job.state == "started")
        os.kill(victim.worker_pid, signal.SIGKILL)

        def all_done_again(run, jobs):
            # The runner looks for dead jobs when it wakes up, which without this
            # can take a minute.
            run.env.cr.execute("NOTIFY queue_job")
            return all_done(run, jobs)

        run, jobs = self._wait(run_id, all_done_again)
        self._assert_complete(run, ids)
        self.assertEqual(max(jobs.mapped("retry")), 2)


def half_done(run, jobs):
    return run.done_count and jobs.mapped("state").count("started") == 1


def all_done(_run, jobs):
    return set(jobs.mapped("state")) == {"done"}
