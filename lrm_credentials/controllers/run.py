import tempfile

from odoo import http
from odoo.http import request


class RunController(http.Controller):
    @http.route(
        "/lrm_credentials/run/<int:run_id>/documents.zip",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def documents(self, run_id):
        """Send all documents of a run as a ZIP archive, with the rights of the user."""
        run = request.env["lrm.credential.run"].search([("id", "=", run_id)])
        if not run:
            raise request.not_found()
        run.check_access("read")
        # On disk, not in memory: thousands of files may be hundreds of megabytes.
        stream = tempfile.TemporaryFile(prefix="lrm.")
        run._write_zip(stream)
        size = stream.tell()
        stream.seek(0)
        response = request.make_response(
            stream,
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Length", size),
                (
                    "Content-Disposition",
                    http.content_disposition(f"{run.kind}-{run_id}.zip"),
                ),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        response.direct_passthrough = True
        return response
