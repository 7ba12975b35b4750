"""Run wkhtmltopdf on self-contained HTML.

Odoo's own runner fetches styles and images over HTTP and waits a second per process.
This one needs no server: the HTML carries everything, fonts come from the addon's own
files, and nothing outside is ever fetched. Patched and unpatched Qt work alike.
"""

import os
import subprocess
import tempfile
from pathlib import Path

FONTS = Path(__file__).parent.parent / "static" / "fonts"
# After Odoo's own arguments: scripts off and their delay gone; the proxy is a closed
# port, so that whatever a layout refers to outside fails instead of being fetched.
ARGUMENTS = [
    "--javascript-delay",
    "1",
    "--disable-javascript",
    "--proxy",
    "http://127.0.0.1:9",
]
FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <!-- For letters that the Latin fonts lack: Qt asks here, not in the style sheet. -->
  <alias binding="strong">
    <family>Cormorant Garamond</family>
    <accept><family>EB Garamond</family><family>Amiri</family></accept>
  </alias>
  <alias binding="strong">
    <family>EB Garamond</family>
    <accept><family>Amiri</family></accept>
  </alias>
</fontconfig>
"""


class RenderError(Exception):
    """A document could not be made; the message says why."""


class ProgramError(RenderError):
    """wkhtmltopdf itself does not start: no document can be made."""


def html_to_pdf(html, binary, arguments, timeout):
    """Return the PDF (bytes) of a self-contained HTML document.

    :param html: the document (str)
    :param binary: path of the wkhtmltopdf program
    :param arguments: list of str, as Odoo's `_build_wkhtmltopdf_args` returns them
    :param timeout: seconds after which the process is ended
    :raise ProgramError: when the program cannot be started
    :raise RenderError: on failure, or when the HTML refers to something outside
    """
    with tempfile.TemporaryDirectory(prefix="lrm.") as folder:
        source, target = Path(folder, "document.html"), Path(folder, "document.pdf")
        source.write_text(html, encoding="utf-8")
        command = [binary, *arguments, *ARGUMENTS, str(source), str(target)]
        try:
            process = subprocess.run(
                command,
                capture_output=True,
                check=False,
                encoding="utf-8",
                env=font_environment(folder),
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise RenderError(f"wkhtmltopdf took more than {timeout} s") from None
        except OSError as error:
            raise ProgramError(f"wkhtmltopdf could not be started: {error}") from None
        if process.returncode or not target.exists():
            detail = process.stderr.strip()[-500:] or f"exit code {process.returncode}"
            raise RenderError(f"wkhtmltopdf failed: {detail}")
        content = target.read_bytes()
        if not content.startswith(b"%PDF-"):
            raise RenderError("wkhtmltopdf made something that is no PDF")
        return content


def font_environment(folder):
    """Return the environment of the process: the addon's fonts, nothing personal."""
    cache = Path(tempfile.gettempdir(), f"lrm-fonts-{os.getuid()}")
    configuration = Path(folder, "fonts.conf")
    configuration.write_text(FONT_CONFIGURATION.format(fonts=FONTS, cache=cache))
    return {
        "FONTCONFIG_FILE": str(configuration),
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": folder,
    }
