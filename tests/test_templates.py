"""Templates of one's own: look, customise, preview, approve, and what is refused."""

import base64
import io
import subprocess
import zlib

from lxml import etree
from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.pdf import PdfReader

from odoo.addons.lrm_credentials.report import fields, pdf
from odoo.addons.lrm_credentials.report.background import prepare

from .common import PIXEL, CredentialCommon, nobody_calls, pdf_pages

RED = b"1 0 0 rg 0 0 %d %d re f"


def background(content=RED % (595, 842), pages=1, **entries):
    """A PDF (bytes) whose pages all draw `content`, turned as `Rotate` says."""
    more = b" ".join(b"/%s %s" % (k.encode(), v) for k, v in entries.items())
    kids = b" ".join(b"%d 0 R" % (4 + n) for n in range(pages))
    stream = zlib.compress(content)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
        % (len(stream), stream),
        *[
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R "
            b"/Resources << >> %s >>" % more
        ]
        * pages,
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    )


def pixels(content, dpi=30):
    """The first page of a PDF (bytes), in colour."""
    picture = subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-singlefile", "-"],
        check=True,
        input=content,
        stdout=subprocess.PIPE,
    ).stdout
    return Image.open(io.BytesIO(picture)).convert("RGB")


def png(width, height):
    target = io.BytesIO()
    Image.new("1", (width, height)).save(target, "PNG")
    return target.getvalue()


class TemplateCommon(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.certificate.with_user(cls.admin)
        cls.designer = new_test_user(
            cls.env,
            "designer",
            groups="lrm_credentials.group_lrm_admin,base.group_system",
        )

    def _customise(self, template=None):
        action = (template or self.template).action_customise()
        own = self.env[action["res_model"]].browse(action["res_id"])
        return own.with_user(self.admin)

    def _part(self, template, name):
        """The part of a layout of one's own that is called `name`."""
        keys = [key for key in template._layout_closure() if key.endswith(f"_{name}")]
        views = self.env["ir.ui.view"].search([("key", "in", keys)])
        return min(views, key=lambda view: len(view.key))

    def _edit(self, view, old, new):
        """Save a part of a layout as somebody with Odoo's right to do so."""
        self.assertIn(old, view.arch_db)
        with self.env.cr.savepoint():
            view.with_user(self.designer).arch_db = view.arch_db.replace(old, new)
        self.env.invalidate_all()  # what follows is a request of its own

    def _text(self, template, enrolment=None):
        return " ".join(pdf_pages(template._print_sample(enrolment)[0]))

    def _error(self, template):
        with self.assertRaises(UserError) as caught:
            template._print_sample()
        return str(caught.exception)


@tagged("standard", "post_install", "-at_install")
class TestCustomise(TemplateCommon):
    def test_copies_of_all_shipped_templates_print_the_same_pixels(self):
        templates = self.env["lrm.credential.template"].with_user(self.admin).search([])
        self.assertGreaterEqual(len(templates), 8)
        for template in templates:
            with self.subTest(template.name):
                own = self._customise(template)
                self.assertEqual(own.state, "draft")
                self.assertTrue(own.has_own_layout)
                self.assertEqual(
                    pixels(own._print_sample()[0], 72),
                    pixels(template._print_sample()[0], 72),
                )

    def test_the_copy_has_nothing_of_the_addon(self):
        own = self._customise()
        own_keys = set(own._layout_closure())
        self.assertEqual(
            len(own_keys), len(self.template._layout_closure()), "each part once"
        )
        self.assertTrue(all(key.startswith("lrm_custom_") for key in own_keys))
        views = self.env["ir.ui.view"].search([("key", "in", list(own_keys))])
        for records in (views, own.report_id.sudo()):
            self.assertFalse(records.get_external_id().get(records[:1].id))
        sources = "".join(own._layout_closure().values())
        self.assertNotIn("lrm_credentials.", sources)
        self.assertIn(".lrm_page", sources, "the style sheet is part of it")

    def test_the_last_template_takes_its_layout_along(self):
        own = self._customise()
        report, keys = own.report_id.sudo(), list(own._layout_closure())
        views = self.env["ir.ui.view"].search([("key", "in", keys)])
        twin = own.copy()
        own.unlink()
        self.assertEqual((report.exists(), views.exists()), (report, views))
        self.assertTrue(twin._print_sample()[0])
        twin.unlink()
        self.assertFalse(report.exists())
        self.assertFalse(views.exists())

    def test_an_update_of_the_addon_changes_the_original_only(self):
        own = self._customise()
        own.action_approve()
        before, version = pixels(own._print_sample()[0]), own.version
        shipped = self.env.ref("lrm_credentials.certificate")
        # As an update does: it writes the files' content over what is there.
        shipped.arch_db = shipped.arch_db.replace(
            "This is to certify that", "Know all that"
        )
        self.env.invalidate_all()
        self.assertEqual(own.version, version)
        self.assertEqual(own.state, "approved")
        self.assertEqual(pixels(own._print_sample()[0]), before)
        self.assertIn("Know all that", self._text(self.template))
        self.assertEqual(self.template.state, "draft")

    def test_a_copy_of_a_copy_is_independent_too(self):
        first = self._customise()
        second = self._customise(first)
        self._edit(self._part(first, "certificate"), "This is to certify that", "First")
        self.assertIn("First", self._text(first))
        self.assertNotIn("First", self._text(second))

    def test_parts_with_the_same_name_are_kept_apart(self):
        views = self.env["ir.ui.view"].create(
            [
                {
                    "name": key,
                    "key": key,
                    "type": "qweb",
                    "arch": f'<t t-name="{key}"><p>Part {key}</p></t>',
                }
                for key in ("test_one.head", "test_two.head")
            ]
        )
        layout = self.env.ref("lrm_credentials.certificate")
        layout.arch_db = layout.arch_db.replace(
            '<div class="lrm_body">',
            '<div class="lrm_body"><t t-call="test_one.head"/>'
            '<t t-call="test_two.head"/>',
        )
        self.env.invalidate_all()
        own = self._customise()
        for view in views:
            view.arch_db = "<p>Gone</p>"
        self.env.invalidate_all()
        text = self._text(own)
        self.assertIn("Part test_one.head", text)
        self.assertIn("Part test_two.head", text)

    def test_translations_of_the_layout_come_along(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("lrm_credentials.template_attendance")
        view = self.env.ref("lrm_credentials.attendance")
        view.update_field_translations(
            "arch_db", {"fr_FR": {"for attending": "pour avoir suivi"}}
        )
        own = self._customise(template.with_user(self.admin))
        learner = self._create_learner("Zoé", "Roy", lang="fr_FR")
        self.assertIn(
            "pour avoir suivi", self._text(own, self._create_enrolment(learner))
        )
        self.assertIn("for attending", self._text(own))

    def test_only_an_lrm_admin_customises(self):
        for user in (self.requester, self.auditor):
            with self.assertRaises(AccessError):
                self.certificate.with_user(user).action_customise()

    def test_editing_qweb_needs_the_right_of_the_system(self):
        own = self._customise()
        with self.assertRaisesRegex(AccessError, "Administration: Settings"):
            own.action_edit_layout()
        with self.assertRaises(AccessError):
            self._part(own, "certificate").with_user(self.admin).arch_db = "<t/>"
        action = own.with_user(self.designer).action_edit_layout()
        self.assertEqual(action["res_model"], "ir.ui.view")
        views = self.env["ir.ui.view"].search(action["domain"])
        self.assertEqual(len(views), len(own._layout_closure()))

    def test_a_shipped_layout_is_not_edited_but_copied(self):
        with self.assertRaisesRegex(UserError, "press Customise first"):
            self.certificate.with_user(self.designer).action_edit_layout()


@tagged("standard", "post_install", "-at_install")
class TestLayoutRefused(TemplateCommon):
    def test_an_error_is_a_sentence_with_its_line(self):
        own = self._customise()
        view = self._part(own, "certificate_name")
        self._edit(view, "doc['learner']['name']\"", "doc['learner']['nope']\"")
        lines = view.arch_db.splitlines()
        line = next(n for n, text in enumerate(lines, 1) if "nope" in text)
        error = self._error(own)
        self.assertIn(f"line {line} of", error)
        self.assertIn("nope", error)
        self.assertNotIn("Traceback", error)
        with self.assertRaisesRegex(UserError, "cannot be approved"):
            own.action_approve()

    def test_what_would_be_fetched_is_not_saved(self):
        own = self._customise()
        view = self._part(own, "certificate")
        for code in (
            '<img src="http://a.invalid/x.png"/>',
            "<img t-attf-src=\"//a.invalid/#{doc['number']}\"/>",
            '<img src="file:///etc/passwd"/>',
            "<p style=\"background: url('https://a.invalid/x')\"/>",
            '<iframe src="https://a.invalid/"/>',
        ):
            with (
                self.subTest(code),
                self.assertRaisesRegex(
                    ValidationError, r"^Line \d+ of the layout: .*nothing is fetched"
                ),
            ):
                self._edit(view, "This is to certify that", code)

    def test_what_names_the_usi_is_not_saved(self):
        own = self._customise()
        with self.assertRaisesRegex(
            ValidationError, r"^Line \d+ of the layout: the USI"
        ):
            self._edit(
                self._part(own, "certificate"),
                "This is to certify that",
                '<t t-out="o.partner_id.lrm_usi"/>',
            )

    def test_what_hides_it_is_found_when_printed(self):
        own = self._customise()
        view = self._part(own, "certificate")
        text = "This is to certify that"
        code = "<t t-out=\"docs.partner_id['lrm_' + 'usi']\"/>"
        self._edit(view, text, code)
        self.assertIn("USI", self._error(own))
        with self.assertRaisesRegex(UserError, "USI"):
            own.action_approve()
        with nobody_calls() as address:
            self._edit(view, code, f"<img t-att-src=\"'{address}' + '/x.png'\"/>")
            _content, warnings = own._print_sample()
            self.assertIn(address, warnings[0])
            with self.assertRaisesRegex(UserError, "cannot be approved"):
                own.action_approve()

    def test_other_views_are_none_of_our_business(self):
        self.env["ir.ui.view"].create(
            {
                "name": "x",
                "key": "website.x",
                "type": "qweb",
                "arch": '<img src="https://a.invalid/x.png"/>',
            }
        )


@tagged("standard", "post_install", "-at_install")
class TestApproval(TemplateCommon):
    def test_shipped_templates_are_approved(self):
        shipped = self.env["lrm.credential.template"].search([])
        self.assertEqual(set(shipped.mapped("state")), {"approved"})

    def test_preview_change_preview_again_approve(self):
        own = self._customise()
        own.opening = "Be it known"
        preview = self.env["lrm.credential.template.preview"].with_user(self.admin)
        preview = preview.browse(own.action_preview()["res_id"])
        self.assertIn("Be it known", pdf_pages(base64.b64decode(preview.preview))[0])
        own.opening = "Know ye"
        preview.action_print()
        text = pdf_pages(base64.b64decode(preview.preview))[0]
        self.assertIn("Know ye", text)
        self.assertIn("PREVIEW", text.replace(" ", ""))
        own.action_approve()
        self.assertEqual(own.state, "approved")
        self.assertEqual(own.version_ids.approved_by_id, self.admin)

    def test_any_change_makes_a_draft_of_a_new_version(self):
        own = self._customise()
        own.action_approve()
        approved = own.version
        for values in (
            {"title": "Testamur"},
            {"accent_color": "#123456"},
            {"opening": "Be it known"},
            {"font": "modern"},
            {"page": "letter_landscape"},
            {"is_preprinted": True},
            {"prints_qr": False},
            {"background": PIXEL},
            {"background": base64.b64encode(background())},
            {"second_officer_id": self.officer.id},
            {"validity_months": 12},
        ):
            with self.subTest(values):
                old = {name: own[name] for name in values}
                own.write(values)
                self.assertNotEqual(own.version, approved)
                self.assertEqual(own.state, "draft")
                own.write({k: getattr(v, "id", v) for k, v in old.items()})
                self.assertEqual(own.version, approved)
                self.assertEqual(own.state, "approved")
        self._edit(
            self._part(own, "certificate"), "This is to certify that", "Certified:"
        )
        self.assertEqual(own.state, "draft")
        own.action_approve()
        self.env.invalidate_all()
        self.assertEqual(len(own.version_ids), 2)
        self.assertEqual(own.version_ids[0].version, own.version)

    def test_a_word_in_another_language_makes_a_draft(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        own = self._customise(
            self.env.ref("lrm_credentials.template_attendance").with_user(self.admin)
        )
        own.opening = "Welcome"
        own.action_approve()
        own.with_context(lang="fr_FR").opening = "Bienvenue"
        self.env.invalidate_all()
        self.assertEqual(own.state, "draft")

    def test_a_language_without_words_of_its_own_changes_nothing(self):
        own = self._customise(
            self.env.ref("lrm_credentials.template_attendance").with_user(self.admin)
        )
        own.action_approve()
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.invalidate_all()
        self.assertEqual(own.state, "approved")

    def test_a_credential_keeps_the_version_it_was_printed_with(self):
        own = self._customise()
        own.action_approve()
        first, second = (
            self._request(self._create_enrolment(), own, user=self.admin)
            for _n in range(2)
        )
        self._issue(first)
        printed = own.version
        own.opening = "Be it known"
        own.action_approve()
        self._issue(second)
        versions = [c.document_data["template"]["version"] for c in (first, second)]
        self.assertEqual(versions, [printed, own.version])
        self.assertEqual(own.version_ids.mapped("version"), versions[::-1])

    def test_back_to_draft_and_who_may(self):
        own = self._customise()
        own.action_approve()
        for user in (self.requester, self.auditor):
            for method in ("action_approve", "action_withdraw", "action_preview"):
                with self.subTest(method), self.assertRaises(AccessError):
                    getattr(own.with_user(user), method)()
        own.action_withdraw()
        self.assertEqual(own.state, "draft")
        self.assertTrue(own.version_ids.withdrawn_at)
        with self.assertRaises(AccessError):
            own.version_ids.write({"withdrawn_at": False})

    def test_a_draft_is_requested_but_not_issued(self):
        own = self._customise()
        credential = self._request(self._create_enrolment(), own)
        self.assertEqual(self._preview(credential).line_ids.state, "done")
        self._issue(credential)
        self.assertEqual(credential.state, "requested")
        own.action_approve()
        self.env.invalidate_all()
        self._issue(credential)
        self.assertEqual(credential.state, "issued")


@tagged("standard", "post_install", "-at_install")
class TestDesign(TemplateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.template.copy()

    def test_merge_fields_are_filled_in_and_nothing_is_evaluated(self):
        learner = self._create_learner("{course.code}", "<script>alert(1)</script>")
        enrolment = self._create_enrolment(learner)
        self.own.opening = "For {learner.name} on {credential_date}"
        self.own.closing = "{{learner.number}} %s %(x)s <b>bold</b> <t t-out='o'/>"
        text = self._text(self.own, enrolment)
        self.assertIn("For {course.code} <script>alert(1)</script> on ", text)
        self.assertIn("%s %(x)s <b>bold</b> <t t-out='o'/>", text)

    def test_the_expiry_date_is_one_of_them(self):
        self.own.write({"validity_months": 12, "note": "Valid until {expiry_date}!"})
        credential = self._request(self._create_enrolment(), self.own)
        paragraphs = credential._document()["layout"]["paragraphs"]
        self.assertEqual(paragraphs["note"], "Valid until 1 December 2026!")

    def test_a_field_that_there_is_not_is_named(self):
        for text in (
            "{learner.nmae}",
            "{learner.usi}",
            "{layout.page}",
            "{units}",
            "{__class__}",
        ):
            with (
                self.subTest(text),
                self.assertRaisesRegex(ValidationError, r"no field \%s" % text),
            ):
                self.own.note = text
        self.own.note = "{0} {} {learner.name!r} {learner[name]} %(number)s"
        self.assertIn(self.own.note, self._text(self.own))

    def test_colours(self):
        for color in ("red", "#fff", "#12345g", "url(http://a.invalid)", "#123456;"):
            with self.subTest(color), self.assertRaises(ValidationError):
                self.own.accent_color = color
        before = pixels(self.own._print_sample()[0])
        self.own.accent_color = "#00ff00"
        self.assertNotEqual(pixels(self.own._print_sample()[0]), before)

    def test_a_pdf_lies_beneath_the_text(self):
        self.own.background = base64.b64encode(background())
        content, _warnings = self.own._print_sample()
        picture = pixels(content)
        corners = [(2, 2), (picture.width - 3, picture.height - 3)]
        self.assertEqual({picture.getpixel(at) for at in corners}, {(255, 0, 0)})
        self.assertIn("Alex Sample Learner", pdf_pages(content)[0])
        colors = {color for _count, color in picture.getcolors(100_000)}
        self.assertGreater(len(colors), 10, "the text is drawn over it")
        self.own.is_preprinted = True
        self.assertEqual(
            pixels(self.own._print_sample()[0]).getpixel((2, 2)), (255, 255, 255)
        )

    def test_a_pdf_fits_whatever_the_paper_and_however_it_is_turned(self):
        half = b"1 0 0 rg 0 421 595 421 re f"  # the upper half, before it is turned
        seen = {}
        for turned in (0, 90, 180, 270):
            self.own.background = base64.b64encode(
                background(half, Rotate=b"%d" % turned)
            )
            picture = pixels(self.own._print_sample()[0])
            w, h = picture.width - 3, picture.height - 3
            corners = [(2, 2), (w, 2), (w, h), (2, h)]  # clockwise from the top left
            seen[turned] = [picture.getpixel(at) == (255, 0, 0) for at in corners]
        self.assertEqual(
            seen,
            {
                0: [True, True, False, False],
                90: [False, True, True, False],
                180: [False, False, True, True],
                270: [True, False, False, True],
            },
        )

    def test_many_documents_carry_one_background_in_the_print_file(self):
        drawing = b"".join(
            b"0.%03d 0.%03d 0.5 rg %d %d 3 3 re f\n"
            % (n % 997, n % 773, n * 7 % 590, n * 13 % 830)
            for n in range(20_000)
        )
        self.own.background = base64.b64encode(background(drawing))
        self.own.action_approve()
        enrolments = [self._create_enrolment() for _n in range(3)]
        credentials = self.env["lrm.credential"].concat(
            *(self._request(e, self.own, user=self.admin) for e in enrolments)
        )
        run = self._issue(credentials)
        sizes = [len(self._bytes(credential)) for credential in credentials]
        self.assertGreater(min(sizes), 50_000)
        merged = self._bytes(run, "combined_pdf")
        self.assertLess(len(merged), sum(sizes) / 2)
        self.assertEqual(merged.count(b"/Subtype /Form"), 1)
        again = pdf.merge([merged, merged])
        self.assertLess(len(again), 1.2 * len(merged))
        self.assertEqual(len(PdfReader(io.BytesIO(again)).pages), 6)

    def test_what_is_no_background(self):
        encrypted = background().replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 "
            b"/P -4 /O (%s) /U (%s) >>" % (b"o" * 32, b"u" * 32),
        )
        for name, content, sentence in (
            ("two pages", background(pages=2), "exactly one page"),
            ("encrypted", encrypted, "protected by a password"),
            ("cut short", background()[:200], "damaged"),
            ("no PDF", b"%PDF-1.7 nonsense", "damaged"),
            ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PDF of one page"),
            ("HTML", b"<script>alert(1)</script>", "PDF of one page"),
            ("too many bytes", png(1, 1) + b"x" * 5_000_000, "more than 5 MB"),
            ("too many pixels", png(10_000, 6_000), "50 million pixels"),
            ("half an image", png(500, 500)[:60], "whole PNG or JPEG"),
        ):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, sentence):
                self.own.background = base64.b64encode(content)

    def test_nothing_but_what_the_page_draws_is_taken(self):
        script = b"<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
        form = prepare(background(AA=b"<< /O %s >>" % script, Annots=b"[%s]" % script))
        self.assertNotIn(b"JavaScript", form)

    def test_a_file_changed_behind_the_approval_is_not_printed(self):
        for mine, other in (
            (png(100, 140), png(140, 100)),
            (background(), background(RED % (100, 100))),
            (background(), b"%PDF-1.7 nonsense"),
        ):
            self.own.background = base64.b64encode(mine)
            self.own.action_approve()
            file = self.env["ir.attachment"]._of_fields(self.own, "background")
            file.with_user(self.admin).raw = other
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertRegex(self._error(self.own), "not the one that was uploaded")

    def test_large_artwork_is_kept_as_it_is(self):
        image = png(2480, 3508)
        self.own.background = base64.b64encode(image)
        self.own.flush_recordset()
        self.assertEqual(self._bytes(self.own, "background"), image)
        self.own.background = base64.b64encode(png(2490, 3508))
        self.assertEqual(
            self._bytes(self.own, "background"), png(2490, 3508), "when replaced, too"
        )

    def test_two_sign_and_transfers_are_left_out(self):
        second = self.env["lrm.issuing.officer"].create({"name": "Priya Nair"})
        self.own.second_officer_id = second
        enrolment = self._create_enrolment()
        credential = self.own._sample_credential(enrolment)
        credential.issuing_officer_id = self.officer
        names = [officer["name"] for officer in credential._document()["officers"]]
        self.assertEqual(names, ["Margaret Chen", "Priya Nair"])
        self.own.action_approve()
        second.active = False
        credential = self._request(enrolment, self.own)
        self._issue(credential)
        self.assertEqual(credential.state, "requested", "somebody who has left")
        transfer = self.env.ref("lrm_credentials.outcome_national_60")
        enrolment.unit_enrolment_ids[0].outcome_id = transfer
        own = self.statement.with_user(self.admin).copy({"leaves_out_transfers": True})
        units = own._sample_credential(enrolment)._document()["units"]
        self.assertEqual([unit["code"] for unit in units], ["BSBLDR523", "BSBTWK502"])

    def test_second_signatory_of_a_company_that_is_not_to_be_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.own.second_officer_id = self.env["lrm.issuing.officer"].create(
            {"name": "Priya Nair", "company_id": other.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        enrolment = self._create_enrolment()
        self.assertNotIn("Priya Nair", self._text(self.own, enrolment))
        self.assertTrue(self.own.field_list)

    def test_put_back_to_draft_while_it_is_printed(self):
        self.own.action_approve()
        credential = self._request(self._create_enrolment(), self.own)
        credential = credential.with_user(self.admin)
        documents = {credential.id: credential._document()}
        contents = credential._render(documents)
        self.own.action_withdraw()
        self.env.flush_all()
        self.env.invalidate_all()
        late = credential._seal_issue(
            documents, contents, credential.browse(), "Course completed", False
        )
        self.assertRegex(late[credential.id][0], "is a draft")
        self.assertEqual(credential.state, "requested")


@tagged("standard", "post_install", "-at_install")
class TestSample(TemplateCommon):
    def test_no_record_is_left_behind(self):
        models = ("lrm.credential", "lrm.course.enrolment", "res.partner", "lrm.course")
        models += ("lrm.credential.run", "lrm.register.entry", "lrm.unit")
        before = [self.env[name].search_count([]) for name in models]
        self.template.action_preview()
        self.env.flush_all()
        self.assertEqual([self.env[name].search_count([]) for name in models], before)

    def test_a_real_learner(self):
        enrolment = self._create_enrolment(self._create_learner("Zoé", "Roy"))
        text = self._text(self.template, enrolment)
        self.assertIn("Zoé Roy", text)
        self.assertIn("PREVIEW", text.replace(" ", ""))

    def test_the_list_of_fields_is_that_of_the_document(self):
        enrolment = self._create_enrolment()
        enrolment.unit_enrolment_ids[0].language = "French"
        template = self.env.ref("lrm_credentials.template_record")
        document = template._sample_credential(enrolment)._document()
        listed = set(fields.MERGE_FIELDS) | set(fields.LAYOUT_FIELDS)
        self.assertEqual(fields.paths(document) - listed, set(), "not in the list")
        self.assertEqual(listed - fields.paths(document), set(), "not in documents")

    def test_what_is_listed_can_be_copied_and_printed(self):
        own = self._customise()
        view = self._part(own, "certificate")
        html = etree.HTML(own.field_list)
        codes = [code for code in html.xpath("//code/text()") if "<t" in code]
        self.assertEqual(len(codes), len(fields.MERGE_FIELDS | fields.LAYOUT_FIELDS))
        self._edit(view, "This is to certify that", "".join(codes))
        self.assertTrue(own._print_sample()[0])
        merge = [code for code in html.xpath("//code/text()") if code[0] == "{"]
        self.assertEqual(len(merge), len(fields.MERGE_FIELDS))
        own.opening = " ".join(merge)

    def test_everyone_who_reads_templates_opens_the_form(self):
        for user in (self.requester, self.auditor, self.admin):
            with self.subTest(user.login):
                template = self.certificate.with_user(user)
                self.assertIn("{learner.name}", template.field_list)
                self.assertEqual(template.state, "approved")
                Form(template)
