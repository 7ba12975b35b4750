from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_date

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..report.pdf import finish
from ..report.wkhtmltopdf import RenderError, html_to_pdf

STYLE_BUNDLE = "lrm_credentials.assets_document"
LINE_LETTERS = 62  # of a unit's title in one line of the units table


class LrmCredential(models.Model):
    """From documents to PDF files. Nothing here writes to the database."""

    _inherit = "lrm.credential"

    def _render(self, documents, is_preview=False):
        """Make the PDF of each credential.

        :param documents: {credential id: what `_document()` returned}
        :param is_preview: print the PREVIEW mark across each page
        :return: {credential id: PDF bytes, or a RenderError that says why not}
        """
        return {
            credential.id: credential._render_one(documents[credential.id], is_preview)
            for credential in self
        }

    def _render_one(self, document, is_preview):
        self.ensure_one()
        try:
            html = self._render_html({self.id: document}, is_preview)
            self._check_html(html)
            report_sudo = self.template_id.report_id.sudo()  # paper is configuration
            content = html_to_pdf(
                html,
                _wkhtml().bin,
                report_sudo._build_wkhtmltopdf_args(
                    report_sudo.get_paperformat(), landscape=None
                ),
            )
            return finish(
                content,
                title=f"{document['title']} – {document['learner']['name']}",
                number=document["number"],
                language=document["language"],
            )
        except RenderError as error:
            return error
        except Exception as error:  # a layout may fail in any way its author can
            return RenderError(
                self.env._(
                    "The layout could not be printed: %s", error.__cause__ or error
                )
            )

    def _render_html(self, documents, is_preview):
        """Return the self-contained HTML (str) of `self`, which share a layout."""
        language = next(iter(documents.values()))["language"]
        credentials = self.with_context(lang=language)
        report_sudo = self.template_id.report_id.sudo()  # as Odoo's print routes do
        html = (
            self.env["ir.actions.report"]
            .with_context(lang=language)
            ._render_template(
                report_sudo.report_name,
                credentials._rendering_values(documents, is_preview),
            )
        )
        return html.decode()

    def _rendering_values(self, documents, is_preview):
        """Return what a layout can use beside the records `docs`.

        `documents` holds what is printed, by credential id; `artwork` the images that
        it names by digest, as data URIs; `style` the whole style sheet.
        """
        return {
            "doc_ids": self.ids,
            "doc_model": self._name,
            "docs": self,
            "documents": documents,
            "artwork": self._artwork_uris(),
            "style": self._document_style(),
            "mark": self._document_mark(is_preview),
            "date": lambda value: value
            and format_date(self.env, value, date_format="d MMMM yyyy"),
            "scale": _scale,
            "paginate": _paginate,
            "languages": _languages,
        }

    def _document_mark(self, is_preview):
        """Return the word printed across the pages: of a preview, of a sample."""
        if is_preview:
            return self.env._("PREVIEW")
        return any(self.mapped("is_test")) and self.env._("SAMPLE")

    def _artwork_uris(self):
        """Return {digest: data URI} of all images that the documents refer to."""
        uris = {}
        for company in self.company_id.sudo():  # users may not read all of a company
            uris |= company._lrm_artwork_uris()
        for officer in self.issuing_officer_id:
            uris |= officer._signature_uri()
        return uris

    def _document_style(self):
        """Return the compiled style sheet of the layouts."""
        bundle = self.env["ir.qweb"]._get_asset_bundle(STYLE_BUNDLE, js=False)
        style = bundle.css().sudo().raw.decode()  # assets are Odoo's own attachments
        if "css_error_message" in style:  # Odoo would print it on the page
            raise RenderError(self.env._("The style sheet of the layouts is broken."))
        return Markup(style)

    def _check_html(self, html):
        """Refuse a page that shows the USI (Compliance Standards 2025, s12)."""
        usi = self.partner_id.lrm_usi
        if usi and usi in html:
            raise RenderError(
                self.env._(
                    "The layout would print the learner's USI. Change the layout."
                )
            )


def _scale(text, limit):
    """Return how large `text` may be, in steps from 1 down, to fit `limit` letters."""
    steps = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
    return next((step for step in steps if len(text) * step <= limit), 0.5)


def _paginate(units, first, following):
    """Return `units` as a list of pages, at least one.

    :param first: how many lines fit on the first page
    :param following: how many lines fit on each page after it
    """
    pages, room = [[]], first
    for unit in units:
        lines = 1 + len(unit["name"]) // LINE_LETTERS
        if lines > room and pages[-1]:
            pages.append([])
            room = following
        pages[-1].append(unit)
        room -= lines
    return pages


def _languages(units):
    """Return {language: codes of the units} of those not delivered in English."""
    named = [unit for unit in units if unit["language"]]
    return {
        language: ", ".join(u["code"] for u in named if u["language"] == language)
        for language in dict.fromkeys(unit["language"] for unit in named)
    }
