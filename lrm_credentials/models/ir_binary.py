import base64
import io
import logging
import posixpath
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from PIL import WebPImagePlugin
from werkzeug.routing import Map, Rule

from odoo import models
from odoo.tools.image import image_guess_size_from_field_name, image_process
from odoo.tools.misc import file_open

from odoo.addons.web.controllers.binary import Binary
from odoo.addons.web.controllers.report import ReportController

from ..report.barcode import LEVELS, qr_png
from ..report.images import image_type

_logger = logging.getLogger(__name__)

STATIC_FILE = re.compile(r"/[^/\\]+/static/[^\\]+")
STATIC_TYPES = (".css", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")
# Odoo's own routes, with the methods here that do the same. The whole routing map would
# have to be made first, and needs the name of the database on the thread.
ROUTES = {
    "_company_logo": Binary.company_logo.original_routing["routes"],
    "_record_image": Binary.content_image.original_routing["routes"],
    "_record_content": Binary.content_common.original_routing["routes"],
    "_barcode_image": ReportController.report_barcode.original_routing["routes"],
    "_bundle_style": [
        *Binary.content_assets.original_routing["routes"],
        "/web/assets/<int:website_id>/<string:unique>/<string:filename>",  # of website
    ],
}
ROUTING = Map(
    [Rule(path, endpoint=name) for name, paths in ROUTES.items() for path in paths],
    merge_slashes=False,
    strict_slashes=False,
).bind("localhost")
ATTACHMENT_CONTENT = ("datas", "db_datas", "raw")
BARCODE_AREA = 1200000  # pixels: as Odoo limits its own


class IrBinary(models.AbstractModel):
    """What layouts refer to, without HTTP: wkhtmltopdf has nothing to fetch.

    Users get what Odoo's own routes would give them, and no placeholders: a certificate
    with a grey camera on it is worse than one that says what it lacks.
    """

    _inherit = "ir.binary"

    def _data_uri(self, address):
        """Return what is at an address of this database, None when it cannot be had.

        Takes images, logos, barcodes, static files and bundles of style sheets. Never
        raises, never uses the network, needs no request.

        :param address: path with query, with or without `web.base.url` before it (str)
        :return: a `data:` URI for an image, the text for a style sheet (str), or None
        """
        try:
            path, query = self._local_address(address)
            file = posixpath.normpath(path)  # no `..` is left in it
            if STATIC_FILE.fullmatch(file):
                return self._static_content(file)
            # A huge id or a failing compute must not break the transaction.
            with self.env.cr.savepoint(flush=False):
                return self._route_content(path, query)
        except Exception as error:  # an address can be wrong in any way
            _logger.info("Not embedded: %.100s: %s", address, error)
            return None

    def _local_address(self, address):
        """Return (path, {parameter: value}) of an address.

        :raise ValueError: when it leads elsewhere
        """
        # Users may not read parameters; this one is in every link Odoo sends.
        parameters = self.env["ir.config_parameter"].sudo()
        base_url = parameters.get_param("web.base.url", "").rstrip("/")
        if base_url and address.startswith(f"{base_url}/"):
            address = address[len(base_url) :]
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not address.startswith("/"):
            raise ValueError("not an address of this database")
        return unquote(parts.path), dict(parse_qsl(parts.query))

    def _static_content(self, path):
        """Return a static file of an addon, as `_data_uri` does."""
        with file_open(path[1:], "rb", filter_ext=STATIC_TYPES) as file:
            content = file.read()
        if path.lower().endswith(".css"):
            return content.decode("utf-8-sig")
        # Only here: an SVG that somebody uploaded could refer to files and the network.
        if path.lower().endswith(".svg"):
            return _uri("image/svg+xml", content)
        return _image_uri(content)

    def _route_content(self, path, query):
        """Return what Odoo's route at `path` serves, as `_data_uri` does.

        :raise NotFound: when it is no route for images or style sheets
        """
        method, arguments = ROUTING.match(path)
        return getattr(self, method)(**{**query, **arguments})

    def _company_logo(self, company=None, **_unused):
        """Return the logo of a company (id as str), or of the user's own."""
        # Odoo's route shows logos to everybody, logged in or not.
        companies = self.env["res.company"].sudo().with_context(bin_size=False)
        company_id = int(company) if company else self.env.user.company_id.id
        return _image_uri(
            base64.b64decode(companies.browse(company_id).logo_web or b"")
        )

    def _record_image(self, field="raw", width=0, height=0, crop=False, **place):
        """Return the image in a binary field, resized as its address wants it.

        :param place: which record, as `_binary_content` takes it
        """
        content = self._binary_content(field, **place)
        size = int(width), int(height)
        if size == (0, 0):
            size = image_guess_size_from_field_name(field)
        return _image_uri(image_process(content, size=size, crop=crop))

    def _record_content(self, field="raw", **place):
        """Return the image in a binary field as it is."""
        return _image_uri(self._binary_content(field, **place))

    def _binary_content(
        self,
        field_name,
        xmlid=None,
        model="ir.attachment",
        id=None,  # pylint: disable=redefined-builtin
        access_token=None,
        **_unused,
    ):
        """Return the bytes in a binary field that the user may read.

        `_get_stream_from` does the same, but needs a request for it.

        :raise Exception: when there is no such record or field, or not for this user
        """
        record = self._find_record(
            xmlid, model, id and int(id), access_token, field=field_name
        )
        record.ensure_one()
        field = record._fields[field_name]
        if field.type != "binary":
            raise ValueError("not a binary field")
        record._check_field_access(field, "read")  # what is cached is not checked again
        if record._name == "ir.attachment" and field_name in ATTACHMENT_CONTENT:
            return record.raw
        value = record.with_context(bin_size=False)[field_name]
        return base64.b64decode(value or b"")

    def _bundle_style(self, unique, filename, **_unused):
        """Return the style sheet that `t-call-assets` links to."""
        name, rtl, kind, autoprefix = self.env["ir.asset"]._parse_bundle_name(
            filename, debug_assets=unique == "debug"
        )
        if kind != "css":
            raise ValueError("not a style sheet")
        bundle = self.env["ir.qweb"]._get_asset_bundle(
            name, js=False, rtl=rtl, autoprefix=autoprefix
        )
        if not bundle.stylesheets:
            raise ValueError("an empty bundle")
        style = bundle.css().sudo().raw.decode()  # assets are Odoo's own attachments
        if "css_error_message" in style:  # Odoo would print it on the page
            raise ValueError("a broken style sheet")
        return style

    def _barcode_image(self, barcode_type, value, **options):
        """Return a barcode; `options` (str) are those of Odoo's route."""
        if barcode_type == "QR" and not options.get("mask"):
            return _uri("image/png", _qr_code(value, **options))
        barcodes = self.env["ir.actions.report"]
        return _uri("image/png", barcodes.barcode(barcode_type, value, **options))


def _qr_code(
    value, width="600", height="100", quiet="1", barBorder="4", barLevel="L", **_unused
):
    """Return a QR code as PNG (bytes); names and defaults are Odoo's."""
    size = int(width), int(height)
    if size[0] * size[1] > BARCODE_AREA:
        raise ValueError("too large a barcode")
    return qr_png(
        value,
        level=barLevel if barLevel in LEVELS else "L",
        border=int(barBorder) if int(quiet) else 0,
        size=size,
    )


def _image_uri(content):
    """Return a `data:` URI of an image (bytes), None unless it can be drawn safely."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":  # patched Qt cannot draw it
        target = io.BytesIO()
        # Odoo has Pillow open only the formats that it changes itself.
        WebPImagePlugin.WebPImageFile(io.BytesIO(content)).save(target, "PNG")
        content = target.getvalue()
    is_gif = content[:6] in (b"GIF87a", b"GIF89a")
    mime = "image/gif" if is_gif else image_type(content)
    return mime and _uri(mime, content)


def _uri(mime, content):
    """Return a `data:` URI of `content` (bytes)."""
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"
