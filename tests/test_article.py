"""The whole article "How To Generate a Credential", in a browser.

Two users, from login to the combined PDF; on a desktop and on a phone, in English and
in French. The clicks are in browser/article.js.
"""

from .browser import BrowserCase
from .common import pdf_pages


class TestArticle(BrowserCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls._create_enrolment(cls._create_learner("Ana", "Lee"))
        cls.ben = cls._create_enrolment(cls._create_learner("Ben", "Okafor"))

    def _read_article(self, size, lang="en_US"):
        if lang != "en_US":
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"].search(
                [("name", "=", "lrm_credentials")]
            )._update_translations(lang)
            (self.requester | self.admin).lang = lang
        certificate, statement = (self.certificate | self.statement).with_context(
            lang=lang
        )
        seen = self._browse(
            "article.js",
            size=size,
            learner="Ana Lee",
            learners=["Ana Lee", "Ben Okafor"],
            offer=self.offer.code,
            certificate=certificate.name,
            statement=statement.name,
        )
        self.assertEqual(seen["errors"], [])
        asked, *issued = (self.ana | self.ben).credential_ids.sorted("id")
        self.assertRecordValues(
            asked,
            [
                {
                    "template_id": self.statement.id,
                    "state": "requested",
                    "requested_by_id": self.requester.id,
                }
            ],
        )
        self.assertEqual([credential.state for credential in issued], ["issued"] * 2)
        for credential in issued:
            self.assertEqual(credential.requested_by_id, self.requester)
            self.assertEqual(credential.issued_by_id, self.admin)
            self.assertRecordValues(
                credential.enrolment_id,
                [{"qual_issued": True, "parchment_number": credential.number}],
            )
        pages = pdf_pages((self.folder / seen["print"]).read_bytes())
        self.assertEqual(len(pages), 2)
        for credential in issued:
            self.assertIn(credential.number, " ".join(pages))
        self.assertTrue(seen["workbook"].endswith(".xlsx"))
        self.assertEqual(seen["document"], "application/pdf")

    def test_desktop(self):
        self._read_article("desktop")

    def test_phone(self):
        self._read_article("phone")

    def test_desktop_french(self):
        self._read_article("desktop", "fr_FR")

    def test_phone_french(self):
        self._read_article("phone", "fr_FR")
