from odoo import http
from odoo.http import request

from ..models.lrm_credential_verify import PATH

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
BUNDLE = "lrm_credentials.assets_verify"
SHOWN = 100  # letters of what a visitor typed that are looked at


class VerifyController(http.Controller):
    """The public pages where anybody who holds a document can check it."""

    @http.route(
        f"{PATH}/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def page(self, token, **_unused):
        """Show what the QR code of a document leads to.

        Only misses count: who holds a document may look at it as often as they like.
        """
        self._set_language()
        credential = request.env["lrm.credential"]._verify_token(token)
        if credential:
            return self._render(
                "verify_page", {"page": credential._verification_page()}
            )
        if not self._is_allowed():
            return self._render_limit()
        return self._render("verify_unknown", {}, status=404)

    @http.route(PATH, type="http", auth="public", methods=["GET"], readonly=True)
    def form(self, **_unused):
        """Show the form for those who can read a document but not its code."""
        self._set_language()
        return self._render("verify_form", {"is_answered": False, "answer": None})

    @http.route(PATH, type="http", auth="public", methods=["POST"])
    def check(self, number="", family_name="", **_unused):
        """Answer the form. Each attempt counts, before anything is looked up."""
        self._set_language()
        if not self._is_allowed():
            return self._render_limit()
        number, family_name = _text(number), _text(family_name)
        credential = request.env["lrm.credential"]._verify_name(number, family_name)
        answer = credential and credential._verification_answer()
        return self._render("verify_form", {"is_answered": True, "answer": answer})

    def _set_language(self):
        """Use the visitor's language, or the one most like it that Odoo has."""
        routing = request.env["ir.http"]
        if request.env.user._is_public() and (
            language := routing.get_nearest_lang(request.best_lang)
        ):
            request.update_context(lang=language)

    def _is_allowed(self):
        """Count an attempt; tell whether the visitor's address may have another."""
        # Behind a proxy, and only with `proxy_mode`, this is what the proxy says.
        address = request.httprequest.remote_addr or ""
        return request.env["lrm.verification.attempt"]._allow(address)

    def _render_limit(self):
        """Return the page that asks a visitor to come back later."""
        wait = request.env["lrm.verification.attempt"]._wait()
        return self._render(
            "verify_limit", {}, status=429, headers={"Retry-After": wait}
        )

    def _render(self, template, values, status=200, headers=None):
        """Return a page that is not kept, indexed or framed, and loads only ours."""
        env = request.env
        language = env["res.lang"]._get_data(code=env.lang)
        links = env["ir.qweb"]._get_asset_links(BUNDLE, debug=request.session.debug)
        layout = {
            "language": language.code or "en_US",
            "direction": language.direction or "ltr",
            # Not by `t-call-assets`, which adds a handler that the policy forbids.
            "styles": [link for link in links if link.endswith(".css")],
            "scripts": [link for link in links if link.endswith(".js")],
        }
        return request.render(
            f"lrm_credentials.{template}",
            layout | values,
            status=status,
            headers={**HEADERS, **(headers or {})},
        )


def _text(value):
    """Return what was typed, cut to size; nothing for an uploaded file."""
    return value[:SHOWN] if isinstance(value, str) else ""
