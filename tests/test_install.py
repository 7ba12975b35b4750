"""Updating a database with issued credentials, and an addon built upon ours.

Each step is an Odoo of its own, as an administrator would start it, on a copy of the
database.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATABASE = "lrm_test_install"
FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Requests one credential and issues it, as `issue(template)`; prints with `say(value)`.
TOOLS = """
def say(value):
    print("SAID", value)


def issue(template, **values):
    company = env.company
    company.write(
        {
            "country_id": env.ref("base.au").id,
            "lrm_profile": "generic",
            "lrm_legal_name": "Wattle Institute",
        }
    )
    course = env["lrm.course"].create(
        {"code": values["code"], "name": "Practical Wattle", "kind": "short"}
    )
    offer = env["lrm.course.offer"].create({"course_id": course.id, **values})
    learner = env["res.partner"].create(
        {"is_lrm_client": True, "lrm_first_name": "Ana", "lrm_family_name": "Lee"}
    )
    enrolment = env["lrm.course.enrolment"].create(
        {
            "partner_id": learner.id,
            "offer_id": offer.id,
            "state": "completed",
            "date_completed": "2025-11-20",
        }
    )
    credential = env["lrm.credential"].create(
        {"enrolment_id": enrolment.id, "template_id": template.id}
    )
    wizard = env["lrm.credential.issue"].create(
        {
            "credential_ids": credential.ids,
            "final": "no",
            "status_reason": "Course completed",
        }
    )
    run = env["lrm.credential.run"].browse(wizard.action_issue()["res_id"])
    say(run.line_ids.mapped("state"))
    say(run.line_ids.mapped("message"))
    env.cr.commit()
    return credential


env = env(user=env.ref("base.user_admin"))
"""


class TestInstall(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self._bash(f"newdb {DATABASE} addon")
        self.addCleanup(
            self._bash, f'dropdb --force {DATABASE}; rm -rf "$FILESTORE/{DATABASE}"'
        )
        self._shell(
            """
            admin = env.ref("base.user_admin")
            admin.group_ids += env.ref("lrm_credentials.group_lrm_admin")
            issue(env.ref("lrm_credentials.template_letter"), code="BEFORE")
            """
        )

    @staticmethod
    def _bash(script, text=None):
        """Run a script with what dev/env.sh offers; return what it has printed."""
        done = subprocess.run(
            ["bash", "-euc", f". dev/env.sh; {script}"],
            cwd=ROOT,
            env=os.environ,
            input=text,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def _odoo(self, options, text=None):
        """Run Odoo on the copy; it must log neither warnings nor errors of ours."""
        log = self._bash(f"odoo {options} -d {DATABASE} --no-http", text)
        wrong = re.findall(r"^.* (?:WARNING|ERROR|CRITICAL) .*$", log, re.MULTILINE)
        wrong = [line for line in wrong if "py.warnings" not in line]
        if wrong:
            raise AssertionError("\n".join(wrong))
        return log

    def _shell(self, code, options=""):
        """Run code after TOOLS; return what it has said."""
        lines = [line.removeprefix(" " * 12) for line in code.strip("\n").split("\n")]
        log = self._odoo(f"shell {options}", TOOLS + "\n".join(lines))
        return re.findall(r"^SAID (.*)$", log, re.MULTILINE)

    def _state(self, options=""):
        """Return what is to stay the same."""
        return self._shell(
            """
            domain = [("offer_id.code", "=", "BEFORE")]
            credential = env["lrm.credential"].search(domain)
            say(credential.state)
            say(credential.document_sha256)
            say(credential.with_context(bin_size=False).document.decode()[:40])
            say(env["lrm.register.entry"].search_count([]))
            say(env["lrm.register.entry"].sudo()._integrity_problems(env.company))
            """,
            options,
        )

    def test_update_keeps_what_is_issued(self):
        before = self._state()
        self.assertEqual(before[0], "issued")
        self.assertEqual(before[-1], "[]")
        self._odoo("-u lrm_credentials --stop-after-init")
        self.assertEqual(self._state(), before)

    def test_example_of_the_integrators_page(self):
        before = self._state()
        page = (ROOT / "docs" / "integrators.md").read_text()
        with tempfile.TemporaryDirectory() as folder:
            addon = Path(folder) / "lrm_credentials_delivery"
            addon.mkdir()
            for name, text in FILE.findall(page):
                (addon / name).write_text(text)
            paths = self._bash('sed -n "s/^addons_path = //p" "$ODOO_RC"').strip()
            options = f"--addons-path {paths},{folder}"
            self._odoo(f"-i lrm_credentials_delivery --stop-after-init {options}")
            said = self._shell(
                """
            template = env.ref("lrm_credentials_delivery.template_delivery")
            issue(template, code="DRAFT", delivery_mode="online")
            template.action_approve()
            silent = issue(template, code="SILENT")
            credential = issue(template, code="LOUD", delivery_mode="online")
            say(credential.document_data["course"]["delivery_mode"])
            from odoo.tools.pdf import PdfReader
            import base64, io
            content = base64.b64decode(credential.with_context(bin_size=False).document)
            page = PdfReader(io.BytesIO(content)).pages[0]
            say(" ".join(page.extract_text().split()))
                """,
                options,
            )
            draft, silent, loud = said[0:2], said[2:4], said[4:6]
            self.assertEqual(draft[0], "['refused']")
            self.assertIn("is a draft", draft[1])
            self.assertEqual(silent[0], "['done']")
            self.assertIn("SILENT does not say how it was delivered", silent[1])
            self.assertEqual(loud[0], "['done']")
            self.assertNotIn("delivered", loud[1])
            self.assertEqual(said[6], "Online")
            self.assertIn("Ana Lee took Practical Wattle: Online.", said[7])
            after = self._state(options)
        self.assertEqual(after[:3] + after[4:], before[:3] + before[4:])
