"""What the office sees first, for each role."""

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user

from .common import CredentialCommon


class TestDashboard(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls._create_enrolment(cls._create_learner("Ana"))
        cls.ben = cls._create_enrolment(
            cls._create_learner("Ben"), [cls.not_competent] * 3
        )
        cls.eve = cls._create_enrolment(
            cls._create_learner("Eve"), hold=True, hold_reason="Fees"
        )
        cls.issued = cls._request(cls.ana)
        cls._issue(cls.issued)
        cls.blank = cls._request(cls.ben, cls.statement)
        cls.held = cls._request(cls.eve, cls.statement)

    def _content(self, user):
        return self.env["lrm.dashboard"].with_user(user).get_content()

    def _tile(self, user, name):
        [tile] = [t for t in self._content(user)["tiles"] if t["name"] == name]
        return tile

    def _found(self, user, action):
        """What the list shows that `action` opens."""
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_numbers_are_those_of_the_lists_behind_them(self):
        before = {"To Issue": self.blank | self.held, "Issued This Month": self.issued}
        for user in (self.requester, self.admin, self.auditor):
            for name, expected in before.items():
                tile = self._tile(user, name)
                with self.subTest(user.login, tile=name):
                    found = self._found(user, tile["action"])
                    self.assertEqual(tile["count"], len(found))
                    self.assertLessEqual(expected, found)

    def test_blocked_says_why(self):
        rows = {row["name"]: row for row in self._content(self.requester)["blocked"]}
        for name, credential in (
            ("Nothing to print", self.blank),
            ("On hold", self.held),
        ):
            found = self._found(self.requester, rows[name]["action"])
            self.assertIn(credential, found)
            self.assertEqual(rows[name]["count"], len(found))

    def test_each_role_sees_what_it_may(self):
        self.assertTrue(self._content(self.admin)["runs"])
        self.assertFalse(self._content(self.requester)["runs"])
        self.assertFalse(self._content(self.requester)["steps"])
        self.assertFalse(self._content(self.auditor)["blocked"])

    def test_nobody_else_sees_anything(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._content(clerk)

    def test_other_companies_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        content = self._content(stranger)
        self.assertEqual([tile["count"] for tile in content["tiles"]], [0, 0, 0])
        self.assertEqual(content["runs"], [])

    def test_samples_do_not_count(self):
        before = self._tile(self.admin, "To Issue")["count"]
        dummy = self.offer.copy({"code": "DUMMY", "is_test": True})
        self._request(self._create_enrolment(self._create_learner("Zoe"), offer=dummy))
        self.assertEqual(self._tile(self.admin, "To Issue")["count"], before)

    def test_first_steps_are_done_when_the_data_is_there(self):
        other = self.env["res.company"].create({"name": "New", "lrm_profile": "au_vet"})
        beginner = new_test_user(
            self.env,
            "beginner",
            groups="lrm_credentials.group_lrm_admin",
            company_id=other.id,
            company_ids=other.ids,
        )
        steps = self._content(beginner)["steps"]
        self.assertFalse(any(step["is_done"] for step in steps))
        for step in steps:
            self.assertTrue(self.env.ref(step["action"]))
        other.write({"lrm_legal_name": "New Pty Ltd", "lrm_rto_code": "12345"})
        self.officer.copy({"company_id": other.id})
        done = [step["is_done"] for step in self._content(beginner)["steps"]]
        self.assertEqual(done[:2], [True, True])

    def test_first_steps_go_when_all_is_done(self):
        self.assertEqual(self._content(self.admin)["steps"], [])

    def test_a_request_more_costs_no_query_more(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._content(self.admin)
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(20):
            learner = self._create_learner(f"Learner {number}")
            self._request(self._create_enrolment(learner), self.statement)
        # Two, because what is cached can go at any time.
        self.assertLessEqual(count(), few + 2)


class TestDashboardInBrowser(CredentialCommon, HttpCase):
    def test_numbers_open_their_lists(self):
        self._request(self._create_enrolment())
        for size in ("1366x768", "390x844"):
            with self.subTest(size):
                self.browser_size = size
                self.start_tour("/odoo/lrm", "lrm_dashboard", login="lrmadmin")
