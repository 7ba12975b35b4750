"""What layouts refer to is embedded; nothing is fetched."""

import base64
import io
import itertools

from PIL import Image
from qrcode import QRCode
from qrcode.util import QRData

from odoo.fields import Command
from odoo.http import request
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.lrm_credentials.report.barcode import LEVELS, MASK, qr_modules, qr_png
from odoo.addons.lrm_credentials.report.html import embed, find_outside, image_rules
from odoo.addons.lrm_credentials.report.wkhtmltopdf import html_to_pdf

from .common import CredentialCommon
from .test_render import A4, builds
from .test_render import picture as appearance

PNG = "data:image/png;base64,"
KNOWN = {
    "/logo.png": f"{PNG}LOGO",
    "/a.png?x=1&y=2": f"{PNG}QUERY",
    "/site.css": "p { background: url(img/back.png) }",
    "/img/back.png": f"{PNG}BACK",
    "/more/all.css": "@import 'part.css'; @import url(/site.css) print;",
    "/more/part.css": "q { list-style: url('../img/back.png') } @import 'all.css';",
    "/lacking.css": "p{background:url(x.png)}q{background:url(http://x/y.png)}",
    "/end.css": "</style><script>",
}


def picture(size=(120, 80), kind="PNG"):
    """An image file (bytes) with a pattern that scaling and cutting would change."""
    image = Image.new("RGB", size)
    dots = itertools.product(range(size[1]), range(size[0]))
    image.putdata([(x * 2 % 256, y * 3 % 256, x * y * 7 % 256) for y, x in dots])
    target = io.BytesIO()
    image.save(target, kind)
    return target.getvalue()


def content(uri):
    """The file (bytes) that a `data:` URI carries."""
    return base64.b64decode(uri.partition(";base64,")[2])


def size(uri):
    return Image.open(io.BytesIO(content(uri))).size


@tagged("standard", "post_install", "-at_install")
class TestEmbed(BaseCase):
    def _embed(self, html):
        """(HTML, images, dropped); what is embedded has nothing left to embed."""
        images = {}
        embedded, dropped = embed(html, KNOWN.get, images)
        self.assertIsNone(find_outside(embedded))
        self.assertEqual(embed(embedded, KNOWN.get, {}), (embedded, []))
        return embedded, list(images), dropped

    def _assert_embedded(self, html, expected, images=(), dropped=()):
        with self.subTest(html):
            result = self._embed(html)
            self.assertEqual(result, (expected, list(images), list(dropped)))

    def test_an_image_becomes_a_number(self):
        logo, query = KNOWN["/logo.png"], KNOWN["/a.png?x=1&y=2"]
        for html, expected, uri in (
            (
                '<img alt="a > b" src="/logo.png" width="5"/>',
                '<img data-image="0" alt="a > b" width="5"/>',
                logo,
            ),
            ("<IMG\nSRC = '/logo.png'\n>", '<IMG data-image="0"\n>', logo),
            ("<img src=/logo.png alt=it's>", '<img data-image="0" alt=it\'s>', logo),
            ('<img src="logo.png">', '<img data-image="0">', logo),
            ('<img src="/a.png?x=1&amp;y=2">', '<img data-image="0">', query),
            ('<img src="/logo.png" data-image="9">', '<img data-image="0">', logo),
        ):
            self._assert_embedded(html, expected, [uri])

    def test_an_image_that_is_there_twice_is_carried_once(self):
        images = {}
        one = embed('<img src="/logo.png"><img src="/img/back.png">', KNOWN.get, images)
        two = embed('<img src="/img/back.png">', KNOWN.get, images)
        self.assertEqual(one[0], '<img data-image="0"><img data-image="1">')
        self.assertEqual(two[0], '<img data-image="1">')
        self.assertEqual(
            image_rules(images),
            f'img[data-image="0"]{{content:url("{PNG}LOGO")}}\n'
            f'img[data-image="1"]{{content:url("{PNG}BACK")}}',
        )

    def test_long_data_is_moved_and_short_data_stays(self):
        long, short = f"{PNG}{'A' * 2000}", f'<img src="{PNG}AA">'
        self._assert_embedded(f'<img src="{long}">', '<img data-image="0">', [long])
        self._assert_embedded(short, short)

    def test_a_data_uri_cannot_end_its_style_rule(self):
        rules = image_rules({'data:image/svg+xml,<svg a="\n"></style>': 0})
        self.assertIn('url("data:image/svg+xml,%3Csvg a=%22%22>%3C/style>")', rules)

    def test_what_cannot_be_had_is_left_out_and_told(self):
        for html, expected, address in (
            ('a<img src="http://x/y.png" alt="y">b', "ab", "http://x/y.png"),
            ('<img src="//x/y.png">', "", "//x/y.png"),
            ('<img src="file:///etc/passwd">', "", "file:///etc/passwd"),
            ('<img src="/site.css">', "", "/site.css"),
            ('<img src="/unknown.png">', "", "/unknown.png"),
            (f'<img src="/{"x" * 200}">', "", "/" + "x" * 99),
            ('<link rel="stylesheet" href="http://x/y.css">', "", "http://x/y.css"),
            ('<link rel="stylesheet" href="/logo.png">', "", "/logo.png"),
            ('<td background="http://x">', "<td>", "http://x"),
            ('<p style="background:url(http://x) red">', None, "http://x"),
            ('<p style="background:url(\'http://x">', None, "http://x"),
            ("<style>p{background:URL( 'http://x' )}</style>", None, "http://x"),
            ("<style>@import 'http://x?a;b';p{}</style>", None, "http://x?a;b"),
            ('<video poster="/p.png">', "<video>", "/p.png"),
            ('<source srcset="/p.png 2x">', "<source>", "/p.png 2x"),
            ('<iframe src="data:text/html,x">', "<iframe>", "data:text/html,x"),
            ("<iframe srcdoc='&lt;img&gt;'>", "<iframe>", "<img>"),
            ('<object data="/x.svg">', "<object>", "/x.svg"),
            ('<embed src="/x.svg">', "<embed>", "/x.svg"),
            ('<input type="image" src="/x.png">', '<input type="image">', "/x.png"),
            ('<svg><image xlink:href="/x"/>', "<svg><image/>", "/x"),
            ('<svg><use href="/x#a"/>', "<svg><use/>", "/x#a"),
            ('<svg><rect fill="url(/x#a)"/>', '<svg><rect fill="none"/>', "/x#a"),
        ):
            with self.subTest(html):
                embedded, images, dropped = self._embed(html)
                self.assertEqual(dropped, [address])
                self.assertFalse(images)
                self.assertEqual(find_outside(html), address)
                self.assertNotIn("http:", embedded)
                if expected is not None:
                    self.assertEqual(embedded, expected)

    def test_each_address_is_told_once_in_order(self):
        html = '<img src="/2"><img src="/1"><img src="/2">'
        self.assertEqual(self._embed(html)[2], ["/2", "/1"])

    def test_what_no_pdf_needs_goes_silently(self):
        for html in (
            "<script>document.write('<p>')</script>",
            '<script src="http://x/y.js"></script>',
            '<link rel="icon" href="/favicon.ico">',
            '<link rel="preload" as="font" href="http://x/f.woff">',
            '<base href="http://x">',
            '<meta http-equiv="Refresh" content="0; url=http://x">',
            '<!-- <img src="http://x"> -->',
        ):
            self._assert_embedded(f"a{html}b", "ab")
        self._assert_embedded(
            "<style>@font-face { src: url(http://x/f.ttf) }p{}</style>",
            "<style>p{}</style>",
        )
        self._assert_embedded(
            "<style>p{cursor: url(/x.cur) 8 8, grab;color:red}</style>",
            "<style>p{;color:red}</style>",
        )

    def test_what_fetches_nothing_stays(self):
        for html in (
            '<a href="http://x/verify?a=1&amp;b=2">verify</a>',
            "<p>&lt;img src=http://x&gt; url(http://x) src=&#34;http://x&#34;</p>",
            '<p data="x" title="url(http://x)">&amp;</p>',
            '<meta charset="utf-8">',
            '<svg><use href="#a"/><rect fill="url(#b)"/></svg>',
            '<style>q::before { content: "url(http://x)" }</style>',
            '<img src="">',
        ):
            self._assert_embedded(html, html)

    def test_style_sheets_are_embedded_with_what_they_refer_to(self):
        back = f'url("{KNOWN["/img/back.png"]}")'
        self._assert_embedded(
            '<link type="text/css" rel="stylesheet" href="/site.css"/>',
            f'<style media="all">p {{ background: {back} }}</style>',
        )
        self._assert_embedded(
            '<link rel="stylesheet" media="print" href="/more/all.css">',
            f'<style media="print">q {{ list-style: {back} }}  '
            f"@media print{{p {{ background: {back} }}}}</style>",
        )
        self._assert_embedded(
            '<p style="background: url(/img/back.png) red">',
            f'<p style="background: {back.replace(chr(34), "&quot;")} red">',
        )

    def test_style_sheets_may_lack_files_of_this_server(self):
        link = '<link rel="stylesheet" href="/lacking.css">'
        embedded, dropped = embed(link, KNOWN.get, {})
        expected = "p{background:none}q{background:none}"
        self.assertEqual(embedded, f'<style media="all">{expected}</style>')
        self.assertEqual(dropped, ["http://x/y.png"])

    def test_a_style_sheet_cannot_end_its_element(self):
        embedded = self._embed('<link rel="stylesheet" href="/end.css">')[0]
        self.assertEqual(embedded.count("</style"), 1)
        self.assertTrue(embedded.endswith("</style>"))

    def test_embedded_images_look_the_same(self):
        looks = [
            "",
            'width="200" height="50" alt="Alt"',
            'width="200"',
            'style="width: 30%; height: 40px"',
            'style="max-width: 60px; max-height: 20px"',
            'style="float: right; border: 2px solid red; padding: 5px"',
            'style="position: absolute; left: 50px; top: 700px"',
            'style="max-width: 100%; height: auto" width="300"',
        ]
        head = '<!DOCTYPE html><html><head><meta charset="utf-8">{}</head><body>'
        for kind in ("PNG", "JPEG", "GIF"):
            uri = f"data:image/{kind.lower()};base64,"
            uri += base64.b64encode(picture(kind=kind)).decode()
            body = "".join(f'<p>a<img {look} src="{uri}"/>b</p>' for look in looks)
            images = {}
            moved, dropped = embed(body, KNOWN.get, images)
            self.assertFalse(dropped)
            self.assertNotIn("src", moved)
            style = f"<style>{image_rules(images)}</style>"
            pages = (
                head.format("") + body,
                head.format(style) + moved,
                head.format("") + moved,
            )
            for binary in builds():
                with self.subTest(kind=kind, binary=binary):
                    plain, embedded, empty = (
                        appearance(html_to_pdf(f"{page}</body></html>", binary, A4, 60))
                        for page in pages
                    )
                    self.assertEqual(plain, embedded)
                    self.assertNotEqual(plain, empty)


@tagged("standard", "post_install", "-at_install")
class TestQrCode(BaseCase):
    def _read(self, png, modules, border, scale):
        """The modules in a PNG file, by the pixel in the middle of each."""
        image = Image.open(io.BytesIO(png))
        self.assertEqual(image.mode, "1")
        left, top = (
            (length - modules * scale) // 2 + scale // 2 for length in image.size
        )
        self.assertGreaterEqual(min(left, top), border * scale)
        return [
            [
                not image.getpixel((left + x * scale, top + y * scale))
                for x in range(modules)
            ]
            for y in range(modules)
        ]

    def test_the_modules_are_those_of_the_library(self):
        for level, length in itertools.product(LEVELS, (0, 1, 17, 60, 213, 900)):
            with self.subTest(level=level, length=length):
                text = ("https://é.example/" * 60)[:length]
                code = QRCode(error_correction=LEVELS[level], mask_pattern=MASK)
                code.add_data(QRData(text.encode(), mode=4), optimize=0)
                code.make()
                self.assertEqual(qr_modules(text, level), code.modules)

    def test_the_image_shows_the_modules(self):
        text = "https://learning.example.edu.au/verify/0123456789abcdef"
        modules = qr_modules(text)
        count = len(modules)
        for border, wanted, scale in (
            (4, None, 6),
            (4, (200, 200), 200 // (count + 8)),
            (0, (301, 150), 150 // count),
        ):
            with self.subTest(border=border, size=wanted):
                png = qr_png(text, border=border, size=wanted)
                self.assertEqual(self._read(png, count, border, scale), modules)
                if wanted:
                    self.assertEqual(Image.open(io.BytesIO(png)).size, wanted)

    def test_what_does_not_fit_is_an_error(self):
        with self.assertRaises(ValueError):
            qr_png("x" * 3000)
        with self.assertRaises(ValueError):
            qr_png("x", size=(20, 20))


class TestDataUri(CredentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = picture()
        cls.attachment = cls.env["ir.attachment"].create(
            {"name": "secret.png", "raw": cls.file}
        )
        cls.binary = cls.env["ir.binary"]

    def setUp(self):
        super().setUp()
        self.assertFalse(request, "no request is needed")

    def _assert_nothing(self, *addresses, user=None):
        binary = self.binary.with_user(user) if user else self.binary
        for address in addresses:
            with self.subTest(address):
                self.assertIsNone(binary._data_uri(address))
        self.env.cr.execute("SELECT 1")  # the transaction still works

    def test_images_of_records_in_all_forms(self):
        number = self.attachment.id
        self.env["ir.model.data"].create(
            {
                "module": "lrm_test",
                "name": "secret",
                "model": "ir.attachment",
                "res_id": number,
            }
        )
        base_url = self.env["ir.config_parameter"].get_param("web.base.url")
        for address in (
            f"/web/image/{number}",
            f"/web/image/{number}-0123abc",
            f"/web/image/{number}-0123abc/secret%20file.png",
            f"/web/image/{number}?unique=0123",
            f"/web/image?model=ir.attachment&id={number}&field=raw",
            f"/web/image?id={number}",
            f"/web/image/ir.attachment/{number}/datas",
            f"/web/image/ir.attachment/{number}/raw/secret.png",
            "/web/image/lrm_test.secret",
            "/web/image/lrm_test.secret/secret.png",
            f"/web/content/{number}",
            f"/web/content/{number}/secret.png",
            "/web/content/lrm_test.secret",
            f"{base_url}/web/image/{number}",
        ):
            with self.subTest(address):
                uri = self.binary._data_uri(address)
                self.assertTrue(uri and uri.startswith(PNG))
                self.assertEqual(content(uri), self.file)

    def test_images_are_resized_as_their_address_says(self):
        number = self.attachment.id
        partner = self.env["res.partner"].create(
            {"name": "Ana", "image_1920": base64.b64encode(picture((400, 200)))}
        )
        for address, expected in (
            (f"/web/image/{number}/60x60", (60, 40)),
            (f"/web/image/{number}-0123/60x60/x.png", (60, 40)),
            (f"/web/image/{number}?width=30&height=60&crop=1", (30, 60)),
            (f"/web/image/res.partner/{partner.id}/image_128", (128, 64)),
            (f"/web/image/res.partner/{partner.id}/image_1920", (400, 200)),
            (f"/web/image/res.partner/{partner.id}/avatar_256/50x50", (50, 25)),
        ):
            with self.subTest(address):
                self.assertEqual(size(self.binary._data_uri(address)), expected)

    def test_users_get_what_they_may_read(self):
        number = self.attachment.id
        address = f"/web/image/{number}"
        self.assertTrue(self.binary._data_uri(address))  # and it is cached
        self._assert_nothing(
            address,
            f"{address}?access_token=wrong",
            f"/web/content/{number}",
            user=self.requester,
        )
        token = self.attachment.generate_access_token()[0]
        binary = self.binary.with_user(self.requester)
        self.assertTrue(binary._data_uri(f"{address}?access_token={token}"))
        self.attachment.public = True
        self.assertTrue(binary._data_uri(address))

    def test_users_get_no_field_that_is_not_theirs(self):
        partner = self.env["res.partner"].create(
            {"name": "Ana", "image_1920": base64.b64encode(self.file)}
        )
        address = f"/web/image/res.partner/{partner.id}/image_1920"
        self.assertTrue(self.binary.with_user(self.requester)._data_uri(address))
        field = type(partner).image_1920
        self.patch(field, "groups", "base.group_system")
        self._assert_nothing(address, user=self.requester)

    def test_users_get_no_image_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "elsewhere",
            groups="lrm_credentials.group_lrm_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        partner = self.env["res.partner"].create(
            {
                "name": "Ana",
                "company_id": self.company.id,
                "image_1920": base64.b64encode(self.file),
            }
        )
        address = f"/web/image/res.partner/{partner.id}/image_1920"
        self.assertTrue(self.binary.with_user(self.requester)._data_uri(address))
        self._assert_nothing(address, user=user)

    def test_company_logos(self):
        other = self.env["res.company"].create(
            {"name": "Other", "logo": base64.b64encode(picture((90, 30)))}
        )
        self.company.logo = base64.b64encode(self.file)
        binary = self.binary.with_user(self.requester)
        for address, expected in (
            ("/logo.png", (120, 80)),
            ("/logo", (120, 80)),
            ("/web/binary/company_logo", (120, 80)),
            (f"/logo.png?company={other.id}", (90, 30)),
            (f"/web/image/res.company/{self.company.id}/logo", (120, 80)),
        ):
            with self.subTest(address):
                self.assertEqual(size(binary._data_uri(address)), expected)
        self.company.logo = False
        self._assert_nothing("/logo.png", "/logo?company=x")

    def test_static_files(self):
        binary = self.binary.with_user(self.requester)
        for address, start in (
            ("/web/static/img/logo.png", PNG),
            ("/web/static/img/logo.png?v=2", PNG),
            ("/base/static/img/country_flags/au.png", PNG),
            ("/web/static/src/css/../../img/logo.png", PNG),
            ("/web/static/img/odoo_logo.svg", "data:image/svg+xml;base64,"),
        ):
            with self.subTest(address):
                self.assertTrue(binary._data_uri(address).startswith(start))
        self._assert_nothing(
            "/web/static/%2e%2e/__manifest__.py",
            "/web/static/img/../../__init__.py",
            "/web/static/../../../../../../../../etc/static/x.png",
            "/web/static/src/core/utils/urls.js",
            "/web/static/src/core/nothing.png",
            "/nothing/static/img/logo.png",
            "/etc/static/x.png",
            "/web/static/",
        )

    def test_only_images_that_can_be_drawn(self):
        def address(raw):
            attachment = self.env["ir.attachment"].create({"name": "x", "raw": raw})
            return f"/web/image/{attachment.id}"

        self.assertTrue(
            self.binary._data_uri(address(picture(kind="GIF"))).startswith(
                "data:image/gif"
            )
        )
        webp = self.binary._data_uri(address(picture(kind="WEBP")))
        self.assertTrue(webp.startswith(PNG))  # patched Qt cannot draw it
        self.assertEqual(size(webp), (120, 80))
        self._assert_nothing(
            address(b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
            address(b"<html></html>"),
            address(b"%PDF-1.4"),
            address(b""),
        )

    def test_barcodes(self):
        text = "https://example.com/verify/1"
        expected = qr_png(text, "L", size=(200, 200))
        for address in (
            "/report/barcode/QR/https%3A%2F%2Fexample.com%2Fverify%2F1?width=200&height=200",
            "/report/barcode/QR/https://example.com/verify/1?width=200&height=200",
            f"/report/barcode/?barcode_type=QR&value={text}&width=200&height=200",
            f"/report/barcode?barcode_type=QR&value={text}&width=200&height=200",
        ):
            with self.subTest(address):
                self.assertEqual(content(self.binary._data_uri(address)), expected)
        for address, expected in (
            ("/report/barcode/QR/x?width=90&height=90&quiet=0&barLevel=H", (90, 90)),
            ("/report/barcode/Code128/X123?width=300&height=50", (300, 50)),
            ("/report/barcode/?barcode_type=EAN13&value=4006381333931", (600, 100)),
        ):
            with self.subTest(address):
                self.assertEqual(size(self.binary._data_uri(address)), expected)
        self._assert_nothing(
            "/report/barcode/QR/x?width=9000&height=9000",
            "/report/barcode/QR/x?width=wide",
            "/report/barcode/QR",
            "/report/barcode",
        )

    def test_the_bundles_of_odoos_reports(self):
        for bundle in ("web.report_assets_common", "lrm_credentials.assets_document"):
            for link in self.env["ir.qweb"]._get_asset_link_urls(bundle):
                with self.subTest(link):
                    style = self.binary.with_user(self.requester)._data_uri(link)
                    self.assertIn("{", style)
                    embedded, dropped = embed(
                        f'<link rel="stylesheet" href="{link}">',
                        self.binary._data_uri,
                        {},
                    )
                    self.assertFalse(dropped)
                    self.assertIsNone(find_outside(embedded))
                    self.assertNotIn("@font-face", embedded)
        self._assert_nothing(
            "/web/assets/any/web.nothing.min.css",
            "/web/assets/any/web.report_assets_common.min.js",
            "/web/assets/any/nothing",
        )

    def test_a_broken_bundle_is_refused(self):
        bundle = self.env["ir.qweb"]._get_asset_bundle("web.report_assets_common")
        link = bundle.get_link("css")
        self.assertTrue(self.binary._data_uri(link))
        bundle.css().raw = b"css_error_message { content: 'x' }"
        self._assert_nothing(link)

    @mute_logger("odoo.sql_db")
    def test_what_is_elsewhere_or_nowhere_is_nothing(self):
        base_url = self.env["ir.config_parameter"].get_param("web.base.url")
        self._assert_nothing(
            "",
            "/",
            "logo.png",
            "http://example.com/logo.png",
            "//example.com/logo.png",
            f"{base_url}.example.com/logo.png",
            "file:///etc/passwd",
            "/etc/passwd",
            "javascript:alert(1)",
            "http://[",
            "/web/image/0",
            "/web/image/99999999",
            "/web/image/99999999999999999999",
            "/web/image/nodot",
            "/web/image/no.such_record",
            "/web/image/no.model/1/image",
            "/web/image/res.partner/1/name",
            "/web/image/res.partner/1/nothing",
            "/web/image/res.partner/x/image_1920",
            "/web/image?id=x",
            "/web/image/\x00",
            "/web/login",
            "/web/session/logout",
        )

    def test_a_record_without_an_image_prints_no_placeholder(self):
        partner = self.env["res.partner"].create({"name": "Ana"})
        self._assert_nothing(f"/web/image/res.partner/{partner.id}/image_1920")
