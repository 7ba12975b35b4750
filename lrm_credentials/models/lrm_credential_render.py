import secrets
from functools import partial

from markupsafe import Markup

from odoo import models
from odoo.tools.misc import format_date, split_every

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..report.html import find_outside, join_pages, shape_arabic, split_page
from ..report.pdf import finish, split
from ..report.wkhtmltopdf import ProgramError, RenderError, html_to_pdf

STYLE_BUNDLE = "lrm_credentials.assets_document"
CHUNK = 100  # credentials that one wkhtmltopdf process makes
TIMEOUT = 10, 0.15  # seconds: for a process, and for each credential in it
LINE_LETTERS = 52  # of a unit's title in one line of the units table


class LrmCredential(models.Model):
    """From documents to PDF files. Nothing here writes to the database.

    Each credential becomes HTML on its own, so that an error in it stays its own. Those
    of one layout are then printed together by one process, and told apart by markers.
    """

    _inherit = "lrm.credential"

    def _render(self, documents, is_preview=False):
        """Make the PDF of each credential.

        :param documents: {credential id: what `_document()` returned}
        :param is_preview: print the PREVIEW mark across each page
        :return: {credential id: PDF bytes, or a RenderError that says why not}
        """
        results = {}
        for (report, language), credentials in self.grouped(
            lambda c: (c.template_id.report_id, documents[c.id]["language"])
        ).items():
            pages = credentials.with_context(lang=language)._render_html(
                report, documents, is_preview
            )
            by_head = {}
            for key, page in pages.items():
                if isinstance(page, RenderError):
                    results[key] = page
                else:
                    by_head.setdefault(page[0], {})[key] = page[1]
            for head, bodies in by_head.items():
                for keys in split_every(CHUNK, bodies):
                    chunk = {key: bodies[key] for key in keys}
                    results |= self._print(report, head, chunk, documents)
        return results

    def _render_html(self, report, documents, is_preview):
        """Return {credential id: (head, body), or a RenderError}, for one layout."""
        try:
            values = self._rendering_values(documents, is_preview)
        except RenderError as error:
            return dict.fromkeys(self.ids, error)
        return {
            credential.id: credential._render_page(report, values)
            for credential in self
        }

    def _render_page(self, report, values):
        """Return (head, body) of one credential's HTML, or a RenderError."""
        self.ensure_one()
        report_sudo = report.sudo()  # as Odoo's own print routes read it
        renderer = self.env["ir.actions.report"]
        try:
            with self.env.cr.savepoint(flush=False):  # a layout may run a failing query
                html = renderer._render_template(
                    report_sudo.report_name,
                    {**values, "docs": self, "doc_ids": self.ids},
                ).decode()
            self._check_html(html)
            return split_page(shape_arabic(html))
        except RenderError as error:
            return error
        except Exception as error:  # a layout may fail in any way its author can
            cause = error.__cause__ or error
            return RenderError(self.env._("The layout could not be printed: %s", cause))

    def _check_html(self, html):
        """Refuse a page that shows the USI or would have something fetched.

        USI: Compliance Standards 2025, s12.
        """
        usi = self.partner_id.lrm_usi
        if usi and usi in html:
            raise RenderError(
                self.env._(
                    "The layout would print the learner's USI. Change the layout."
                )
            )
        if address := find_outside(html):
            raise RenderError(
                self.env._(
                    "The layout refers to %s. Documents must carry their images "
                    "themselves: nothing is fetched.",
                    address[:100],
                )
            )

    def _print(self, report, head, bodies, documents):
        """Return {credential id: PDF bytes or RenderError} of HTML `bodies`.

        When the process fails, or the pages cannot be told apart, each half is tried by
        itself, until the guilty credential stands alone.
        """
        try:
            return self._print_together(report, head, bodies, documents)
        except ProgramError as error:
            return dict.fromkeys(bodies, error)
        except Exception as error:  # libraries fail on broken files in many ways
            if len(bodies) == 1:
                return dict.fromkeys(bodies, RenderError(str(error)))
            keys, half = list(bodies), len(bodies) // 2
            return {
                key: result
                for part in (keys[:half], keys[half:])
                for key, result in self._print(
                    report, head, {key: bodies[key] for key in part}, documents
                ).items()
            }

    def _print_together(self, report, head, bodies, documents):
        """Return {credential id: PDF bytes} of HTML `bodies`, made by one process.

        :raise RenderError: when the process fails
        :raise ValueError: when the pages cannot be told apart
        """
        # Unguessable, so that no layout or name can pass for a marker.
        nonce = secrets.token_hex(16)
        markers = [f"http://{nonce}.invalid/{key}" for key in bodies]
        report_sudo = report.sudo()  # paper is configuration
        content = html_to_pdf(
            join_pages(head, bodies.values(), markers),
            _wkhtml().bin,
            report_sudo._build_wkhtmltopdf_args(
                report_sudo.get_paperformat(), landscape=None
            ),
            timeout=TIMEOUT[0] + TIMEOUT[1] * len(bodies),
        )
        return {
            key: self._finish(pages, documents[key])
            for key, pages in zip(bodies, split(content, markers), strict=True)
        }

    def _finish(self, pages, document):
        """Return PDF `pages` as the file (bytes) of `document`."""
        return finish(
            pages,
            title=f"{document['title']} – {document['learner']['name']}",
            number=document["number"],
            language=document["language"],
        )

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
            "is_preview": is_preview,
            "date": partial(format_date, self.env, date_format="d MMMM yyyy"),
            "scale": _scale,
            "paginate": _paginate,
            "languages": _languages,
        }

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


def _scale(text, limit):
    """Return how large `text` may be, in steps from 1 down, to fit `limit` letters."""
    steps = (1, 0.9, 0.8, 0.7, 0.6, 0.5)
    return next((step for step in steps if len(text) * step <= limit), 0.5)


def _paginate(units, first, following, foot):
    """Return `units` as a list of pages, at least one.

    :param first: how many lines fit on the first page
    :param following: how many lines fit on each page after it
    :param foot: how many fewer fit on the last page, which is signed
    """
    pages, room = [[]], first
    for unit in units:
        lines = _lines(unit)
        if lines > room and pages[-1]:
            pages.append([])
            room = following
        pages[-1].append(unit)
        room -= lines
    if room < foot and pages[-1]:  # the last rows move on, to leave room for the foot
        capacity = (following if pages[1:] else first) - foot
        kept = 0
        while kept < len(pages[-1]) - 1 and capacity >= _lines(pages[-1][kept]):
            capacity -= _lines(pages[-1][kept])
            kept += 1
        pages[-1:] = [pages[-1][:kept], pages[-1][kept:]] if kept else pages[-1:]
    return pages


def _lines(unit):
    """Return how many lines a unit's title takes in the units table."""
    return 1 + len(unit["name"]) // LINE_LETTERS


def _languages(units):
    """Return {language: codes of the units} of those not delivered in English."""
    named = [unit for unit in units if unit["language"]]
    return {
        language: ", ".join(u["code"] for u in named if u["language"] == language)
        for language in dict.fromkeys(unit["language"] for unit in named)
    }
