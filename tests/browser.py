"""Scripts in tests/browser, which act in a browser as people do."""

import json
import logging
import os
import resource
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from .common import CredentialCommon

HERE = Path(__file__).parent
NODE_MODULES = HERE.parent / ".dev" / "node" / "node_modules"


def unlimited():
    """Give Chromium all the addresses it asks for; Odoo has limited its own."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def ours(record):
    """Whether a warning is about us: Odoo's web client sends more than Odoo takes."""
    return "called ignoring args" not in record.msg


class BrowserCase(CredentialCommon, HttpCase):
    """Tests that hand a browser to a script, and look at the database afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.requester | cls.admin | cls.auditor
        for user in users:
            user.password = user.login
        if "odoobot_state" in users:  # who would chat over what is to be clicked
            users.odoobot_state = "disabled"
        # Once for all scripts: each would compile these anew and roll them back.
        for name in ("web.assets_web", "web.assets_web_print", "web.assets_frontend"):
            bundle = cls.env["ir.qweb"]._get_asset_bundle(name)
            bundle.css()
            bundle.js()

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        http = logging.getLogger("odoo.http")
        http.addFilter(ours)
        self.addCleanup(http.removeFilter, ours)

    @contextmanager
    def _without_tours(self):
        """Odoo's own tours would stand in the way."""
        users = self.registry["res.users"]
        with patch.object(users, "_compute_tour_enabled", lambda _self: None):
            yield

    def _browse(self, script, **plan):
        """Run a script and return what it has printed, which is JSON.

        :param script: name of a file in tests/browser
        :param plan: what it is told, beside the server and a folder for its files
        :raise AssertionError: when it fails, with what it says
        """
        self.env.flush_all()
        self.env.cr.clear()
        with self.allow_requests(), self._without_tours():
            plan |= {
                "url": self.base_url(),
                "cookies": {TEST_CURSOR_COOKIE_NAME: self.http_request_key},
                "folder": str(self.folder),
            }
            done = subprocess.run(
                ["node", HERE / "browser" / script],
                capture_output=True,
                text=True,
                timeout=300,
                preexec_fn=unlimited,
                env=os.environ
                | {
                    "NODE_PATH": str(NODE_MODULES),
                    "PLAN": json.dumps(plan),
                    "TRACE": str(HERE.parent / ".dev" / "log"),
                },
            )
            self._wait_remaining_requests()
        self.env.invalidate_all()
        if done.returncode:
            self.fail(f"{script} failed, see .dev/log/failed-*.png:\n{done.stderr}")
        return json.loads(done.stdout)
