from functools import partial

from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_date

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..report.barcode import qr_uri
from ..report.batch import Batch, Page, print_batches
from ..report.html import embed, image_rules, shape_arabic, split_page
from ..report.pages import is_crowded, paginate, scale, unit_pages
from ..report.wkhtmltopdf import RenderError

STYLE_BUNDLE = "lrm_credentials.assets_document"


class LrmCredential(models.Model):
    """From documents to the HTML that is printed. Nothing here writes to the database.

    Each credential becomes HTML on its own, so that an error in it stays its own. Those
    of one layout are then printed together by one process, see report/batch.py.
    """

    _inherit = "lrm.credential"

    def _render(self, documents, is_preview=False):
        """Make the PDF of each credential.

        :param documents: {credential id: what `_document()` returned}
        :param is_preview: print the PREVIEW mark across each page
        :return: {credential id: PDF bytes, or a RenderError that says why not}
        :raise ProgramError: when wkhtmltopdf does not start
        """
        batches, errors, _warnings = self._batches(documents, is_preview)
        return errors | print_batches(batches)

    def _batches(self, documents, is_preview=False):
        """Prepare the printing of `self`: everything that needs the database.

        :param documents: {credential id: what `_document()` returned}
        :return: (list of Batch, {credential id: RenderError} of those that failed,
            {sentence: None} about what layouts lack, in order)
        """
        batches, errors, warnings = [], {}, {}
        papers = {t: t._paperformat() for t in self.template_id}
        for (report, paper, language), credentials in self.grouped(
            lambda c: (
                c.template_id.report_id,
                papers[c.template_id],
                documents[c.id]["language"],
            )
        ).items():
            credentials = credentials.with_context(lang=language)
            try:
                printer = Printer(credentials, report, paper, documents, is_preview)
            except RenderError as error:
                errors |= dict.fromkeys(credentials.ids, error)
                continue
            credentials._render_html(printer)
            batches += printer.batches()
            errors |= printer.errors
            warnings |= printer.warnings
        return batches, errors, warnings

    def _render_html(self, printer):
        """Give `printer` the HTML of each of `self`, or the error that prevents it."""
        # A layout may run a failing query, which must not end the transaction.
        with self.env.cr.savepoint() as savepoint:
            for credential in self:
                try:
                    printer.add(credential)
                except RenderError as error:
                    printer.errors[credential.id] = error
                except Exception as error:  # a layout may fail in any way
                    savepoint.rollback()
                    printer.errors[credential.id] = RenderError(
                        self.env._(
                            "The layout could not be printed: %s",
                            credential.template_id._layout_error(error),
                        )
                    )

    def _rendering_values(self, documents, is_preview, artwork=None):
        """Return what a layout can use beside the records `docs`.

        `documents` holds what is printed, by credential id; `artwork` the images that
        it names by digest, as addresses for `src`; `style` the whole style sheet;
        `qr` makes the QR code of a text, as an address for `src`.

        :param artwork: {digest: address}, data URIs if left out
        """
        if is_preview:
            documents = self._without_verification(documents)
        return {
            "doc_ids": self.ids,
            "doc_model": self._name,
            "docs": self,
            "documents": documents,
            "artwork": self._artwork_uris() if artwork is None else artwork,
            "style": self._document_style(),
            "is_preview": is_preview,
            "date": partial(format_date, self.env, date_format="d MMMM yyyy"),
            "qr": qr_uri,
            "is_crowded": is_crowded,
            "scale": scale,
            "paginate": paginate,
            "unit_pages": unit_pages,
        }

    def _artwork_uris(self):
        """Return {digest: data URI} of all images that the documents refer to."""
        uris = {}
        for company in self.company_id.sudo():  # users may not read all of a company
            uris |= company._lrm_artwork_uris()
        for officer in self._signatories():
            uris |= officer._signature_uri()
        for template in self.template_id:
            uris |= template._background_uri()
        return uris

    def _document_style(self):
        """Return the compiled style sheet of the layouts."""
        bundle = self.env["ir.qweb"]._get_asset_bundle(STYLE_BUNDLE, js=False)
        style = bundle.css().sudo().raw.decode()  # assets are Odoo's own attachments
        if "css_error_message" in style:  # Odoo would print it on the page
            raise RenderError(self.env._("The style sheet of the layouts is broken."))
        return Markup(style)


class Printer:
    """Makes HTML of credentials that share one layout, paper and language."""

    def __init__(self, credentials, report, paper, documents, is_preview):
        self.env = credentials.env
        self.report_sudo = report.sudo()  # configuration; routes do the same
        self.paper = paper
        self.renderer = self.env["ir.actions.report"]
        artwork = credentials._artwork_uris()
        self.addresses = {f"artwork:{key}": uri for key, uri in artwork.items()}
        self.values = credentials._rendering_values(
            documents, is_preview, {key: f"artwork:{key}" for key in artwork}
        )
        self.heads = {}  # {head as rendered: the same with everything embedded}
        self.pages = {}  # {head: {credential id: Page}}
        self.images = {}
        self.backgrounds = {}
        self.errors = {}
        self.warnings = {}

    def add(self, credential):
        """Make the HTML of one credential.

        :raise RenderError: when it must not be printed
        :raise Exception: whatever the layout's author got wrong
        """
        html = self.renderer._render_template(
            self.report_sudo.report_name,
            {**self.values, "docs": credential, "doc_ids": credential.ids},
        ).decode()
        # Compliance Standards 2025, s12
        if (usi := credential.partner_id.lrm_usi) and usi in html:
            raise RenderError(
                self.env._(
                    "The layout would print the learner's USI. Change the layout."
                )
            )
        head, body = split_page(html)
        if head not in self.heads:
            self.heads[head] = self._embed(head)
        document = self.values["documents"][credential.id]
        self.pages.setdefault(head, {})[credential.id] = Page(
            body=self._embed(shape_arabic(body)),
            title=f"{document['title']} – {document['learner']['name']}",
            number=document["number"],
            language=document["language"],
            background=document["layout"]["with_artwork"]
            and self._background(credential.template_id),
        )

    def _background(self, template):
        """Return what `_background_form` of a template does, asking it once."""
        if template not in self.backgrounds:
            self.backgrounds[template] = template._background_form()
        return self.backgrounds[template]

    def batches(self):
        """Return the list of `Batch` of what was added."""
        rules = f"<style>{image_rules(self.images)}</style></head>"
        return [
            Batch(
                head=self.heads[head].replace("</head>", rules, 1),
                pages=pages,
                program=_wkhtml().bin,
                arguments=self.renderer._build_wkhtmltopdf_args(
                    self.paper, landscape=None
                ),
            )
            for head, pages in self.pages.items()
        ]

    def _embed(self, html):
        """Return `html` (str) with all that it refers to inside it."""
        html, dropped = embed(html, self._resolve, self.images)
        for address in dropped:
            sentence = self.env._(
                "%(layout)s refers to %(address)s, which was left out: documents carry "
                "their images themselves, nothing is fetched.",
                layout=self.report_sudo.name,
                address=address,
            )
            self.warnings[sentence] = None
        return html

    def _resolve(self, address):
        """Return what `address` stands for, as a data URI or a style sheet, or None."""
        if address not in self.addresses:
            self.addresses[address] = self.env["ir.binary"]._data_uri(address)
        return self.addresses[address]
