"""The benchmark, run by dev/bench inside `odoo shell` (which provides `env`).

Each measurement is a line in bench.json in the folder named by OUT. What is measured is
what users call: the wizards' buttons, and the scheduled action for larger runs.
"""

import contextlib
import functools
import json
import os
import resource
import threading
import time
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from odoo.fields import Command

from odoo.addons.base.models.ir_actions_report import IrActionsReport as StockReport
from odoo.addons.lrm_credentials.models import lrm_credential_run_files
from odoo.addons.lrm_credentials.report import batch

RESULTS = Path(os.environ["OUT"], "bench.json")
STOCK_TIMES = 5  # credentials that stock Odoo prints one by one
STOCK_BATCH = 50  # credentials that stock Odoo prints in one call
BARE = 100  # pages that bare wkhtmltopdf prints
SAMPLED = 0.02  # seconds between two looks at the memory
REASON = "Benchmark"
# What a developer of a stock Odoo would write to print the same certificate.
STOCK_LAYOUT = """
<t t-name="lrm_bench.certificate">
    <t t-call="web.html_container">
        <t t-foreach="docs" t-as="o">
            <t t-set="doc" t-value="documents[o.id]"/>
            <div class="article" data-oe-model="lrm.credential" t-att-data-oe-id="o.id">
                <style t-out="style"/>
                <t t-call="lrm_credentials.certificate"/>
            </div>
        </t>
    </t>
</t>"""
env = env  # noqa: F821, PLW0127


def user(login):
    return env["res.users"].search([("login", "=", login)])


class Memory(threading.Thread):
    """Watches the memory of this process and its children together.

    Until a child has become another program, what it has is its parent's. Not by
    `getrusage`, which counts that twice.
    """

    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0  # bytes
        self.over = threading.Event()

    def run(self):
        is_over = False
        while not is_over:
            self.peak = max(self.peak, sum(map(self._resident, self._processes())))
            is_over = self.over.wait(SAMPLED)

    def _processes(self):
        children = Path("/proc/self/task").glob("*/children")
        started = " ".join(map(self._read, children)).split()
        itself = self._read(Path("/proc/self/cmdline"))
        return ["self"] + [
            process
            for process in started
            if self._read(Path("/proc", process, "cmdline")) != itself
        ]

    def _resident(self, process):
        pages = self._read(Path("/proc", process, "statm")).split()[1:2]
        return int(*pages) * resource.getpagesize()

    def _read(self, path):
        try:
            return path.read_text()
        except OSError:  # it has ended meanwhile
            return ""


def save(system, mode, n, took, stages=None):
    """Add one measurement, what `measured` returned, to the results."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    results.append(
        {
            "system": system,
            "mode": mode,
            "n": n,
            "ms_per_credential": round(took.seconds / n * 1000, 2),
            "peak_mb": round(took.memory.peak / 2**20),
            "queries": took.queries,
            "stages": {
                name: round(value / n * 1000, 2)
                for name, value in (stages or {}).items()
            },
        }
    )
    RESULTS.write_text(json.dumps(results, indent=1))


@contextlib.contextmanager
def measured():
    """Measure what the block takes: seconds, queries, memory."""
    env.flush_all()
    result, queries = SimpleNamespace(memory=Memory()), env.cr.sql_log_count
    result.memory.start()
    begun = time.perf_counter()
    yield result
    env.flush_all()
    result.seconds = time.perf_counter() - begun
    result.queries = env.cr.sql_log_count - queries
    result.memory.over.set()
    result.memory.join()


class Stages:
    """Adds up the seconds spent in functions that it wraps, without those inside."""

    def __init__(self):
        self.seconds = Counter()
        self.nested = threading.local()

    def watch(self, owner, name, stage):
        function = getattr(owner, name)

        @functools.wraps(function)
        def timed(*args, **kwargs):
            outer = getattr(self.nested, "inside", 0.0)
            self.nested.inside, begun = 0.0, time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.perf_counter() - begun
                self.seconds[stage] += took - self.nested.inside
                self.nested.inside = outer + took

        setattr(owner, name, timed)


def data():
    """Enrolments that can be issued a certificate, as many as all sizes need."""
    course = env.ref("lrm_credentials.course_bsb50420")
    competent = env.ref("lrm_credentials.outcome_national_20").id
    offer = env["lrm.course.offer"].create({"code": "BENCH", "course_id": course.id})
    units = [
        Command.create(
            {"unit_id": unit.id, "outcome_id": competent, "date_end": "2025-10-20"}
        )
        for unit in course.unit_ids
    ]
    for start in range(0, int(os.environ["TOTAL"]) + 1, 500):
        learners = env["res.partner"].create(
            [
                {
                    "is_lrm_client": True,
                    "lrm_first_name": f"Learner{number}",
                    "lrm_family_name": f"Number{number}",
                    "lrm_usi": "ABCDEFGH23",
                    "lrm_usi_status": "verified",
                }
                for number in range(start, start + 500)
            ]
        )
        env["lrm.course.enrolment"].create(
            [
                {
                    "partner_id": learner.id,
                    "offer_id": offer.id,
                    "state": "completed",
                    "date_completed": "2025-11-01",
                    "unit_enrolment_ids": units,
                }
                for learner in learners
            ]
        )
        env.cr.commit()
    env["ir.config_parameter"].set_param(
        "report.url", f"http://127.0.0.1:{os.environ['PORT']}"
    )
    env["ir.ui.view"].create(
        {"type": "qweb", "key": "lrm_bench.certificate", "arch": STOCK_LAYOUT}
    )
    env.ref("lrm_credentials.report_certificate").copy(
        {"report_name": "lrm_bench.certificate"}
    )
    env.cr.commit()


def request(n):
    """Request certificates for `n` enrolments that have none; return them."""
    enrolments = env["lrm.course.enrolment"].search(
        [("offer_id.code", "=", "BENCH"), ("credential_ids", "=", False)], limit=n
    )
    wizard = (
        env["lrm.credential.request"]
        .with_user(user("requester"))
        .create(
            {
                "enrolment_ids": enrolments.ids,
                "template_ids": env.ref("lrm_credentials.template_certificate").ids,
                "credential_date": date.today(),
                "open_register": True,
            }
        )
    )
    register = wizard.action_request()["params"]["next"]
    return env["lrm.credential"].browse(register["context"]["lrm_selected_ids"])


def finish(action):
    """Wait for the run that `action` opens; return it."""
    env.cr.commit()
    env["lrm.credential.run"]._work_on_runs()
    run = env["lrm.credential.run"].browse(action["res_id"])
    assert run.state == "done", run.problem
    assert run.done_count == run.line_count, run.line_ids.mapped("message")
    return run


def preview(credentials):
    finish(credentials.with_user(user("lrmadmin")).action_preview())


def issue(credentials):
    wizard = (
        env["lrm.credential.issue"]
        .with_user(user("lrmadmin"))
        .create(
            {
                "credential_ids": credentials.ids,
                "credential_order": credentials.ids,
                "final": "yes",
                "status_reason": REASON,
                "with_mail_merge": True,
            }
        )
    )
    finish(wizard.action_issue())


def lrm():
    """Ours: request, preview and issue as many as SIZE."""
    n = int(os.environ["SIZE"])
    request(1), issue(request(1))  # styles compiled, caches warm, as on a used server
    env.cr.commit()
    with measured() as took:
        credentials = request(n)
    save("lrm", "request", n, took)
    env.cr.commit()
    run, credential = env.registry["lrm.credential.run"], env.registry["lrm.credential"]
    for mode, function in (("preview", preview), ("issue", issue)):
        stages = Stages()
        for owner, name, stage in (
            (credential, "_documents", "checks"),
            (credential, "_plan", "checks"),
            (credential, "_batches", "qweb"),
            (batch, "html_to_pdf", "wkhtmltopdf"),
            (batch, "split", "split"),
            (batch, "finish", "split"),
            (credential, "_store_documents", "store"),
            (env.registry["lrm.credential.run.line"], "_store_previews", "store"),
            (run, "_seal", "seal"),
            (lrm_credential_run_files, "merge", "combine"),
            (lrm_credential_run_files, "mail_merge", "workbook"),
        ):
            stages.watch(owner, name, stage)
        with measured() as took:
            function(credentials)
        save("lrm", mode, n, took, stages.seconds)
        env.cr.commit()


def requested(n):
    return request(n).with_user(user("lrmadmin"))


def stock_print(credentials):
    """Print with stock Odoo alone; return the PDF (bytes)."""
    report = env["ir.actions.report"].with_user(user("lrmadmin"))
    return StockReport._render_qweb_pdf(
        report, "lrm_bench.certificate", credentials.ids
    )[0]


def stock_rendering_context(report_model, report, docids, values):
    """Give the layout its values, but none of the addon's guards."""
    credentials = report_model.env["lrm.credential"].browse(docids)
    documents = {credential.id: credential._document() for credential in credentials}
    return credentials._rendering_values(documents, is_preview=False)


def stock(modes=("stock-one-by-one", "stock-batch")):
    """Stock Odoo on the same layout: one call for each, then one call for all."""
    registry = env.registry["ir.actions.report"]
    registry._get_rendering_context = stock_rendering_context
    credentials = requested(STOCK_BATCH + 1)
    for mode in modes:
        stock_print(credentials[-1])
        with measured() as took:
            if mode == "stock-batch":
                n = STOCK_BATCH
                stock_print(credentials[:n])
            else:
                n = STOCK_TIMES
                for credential in credentials[:n]:
                    stock_print(credential)
        save(mode, BUILD, n, took)


def wkhtmltopdf():
    """The program alone, on the same pages, as one document."""
    credentials = requested(BARE)
    documents, _errors = credentials._documents()
    batches, _errors, _warnings = credentials._batches(documents)
    for _warm in range(2):
        with measured() as took:
            for each in batches:
                batch.html_to_pdf(
                    batch.join_pages(
                        each.head,
                        [page.body for page in each.pages.values()],
                        [f"http://bench.invalid/{key}" for key in each.pages],
                    ),
                    each.program,
                    each.arguments,
                    timeout=60,
                )
    save("wkhtmltopdf", "patched", BARE, took)


def table():
    """Print the measurements."""
    print(
        f"{'system':17}{'mode':10}{'n':>6}{'ms each':>10}{'MB':>6}{'queries':>9}"
        "  ms each, by stage"
    )
    for result in json.loads(RESULTS.read_text()):
        stages = ", ".join(
            f"{name} {value:.2f}" for name, value in result["stages"].items()
        )
        print(
            f"{result['system']:17}{result['mode']:10}{result['n']:>6}"
            f"{result['ms_per_credential']:>10.2f}{result['peak_mb']:>6}"
            f"{result['queries']:>9}  {stages}"
        )


STEP = os.environ["STEP"]
BUILD = "unpatched" if STEP == "stock-unpatched" else "patched"
{
    "data": data,
    "stock": stock,
    "stock-unpatched": functools.partial(stock, ["stock-one-by-one"]),
    "wkhtmltopdf": wkhtmltopdf,
    "lrm": lrm,
    "table": table,
}[STEP]()
