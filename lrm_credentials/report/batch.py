"""Print many documents with one process and tell them apart again: no database."""

import secrets
from typing import NamedTuple

from .background import lay_under
from .html import join_pages
from .pdf import finish, split
from .wkhtmltopdf import ProgramError, RenderError, html_to_pdf

TIMEOUT = 10, 0.15  # seconds: for a process, and for each document in it


class Page(NamedTuple):
    """What one document needs to become a file."""

    body: str
    title: str
    number: str
    language: str
    background: bytes | None = None  # from `background.prepare`


class Batch(NamedTuple):
    """Documents that share a head and a paper format: {key: Page}."""

    head: str
    pages: dict
    program: str
    arguments: list


def print_batches(batches):
    """Return {key: PDF bytes, or the RenderError that says why not} of all `batches`.

    Pure and slow: made to run beside the thread that talks to the database.

    :raise ProgramError: when wkhtmltopdf does not start
    :raise OSError: when there is no room for temporary files
    """
    return {
        key: result for batch in batches for key, result in print_batch(batch).items()
    }


def print_batch(batch):
    """Return the same of one batch.

    When the process fails, or the pages cannot be told apart, each half is tried by
    itself, until the guilty document stands alone.
    """
    try:
        return _print_together(batch)
    except (ProgramError, OSError):
        raise
    except Exception as error:  # libraries fail on broken files in many ways
        keys = list(batch.pages)
        if len(keys) == 1:
            return {keys[0]: RenderError(str(error))}
        half = len(keys) // 2
        parts = [
            batch._replace(pages={key: batch.pages[key] for key in part})
            for part in (keys[:half], keys[half:])
        ]
        return print_batches(parts)


def _print_together(batch):
    """Return {key: PDF bytes} of a batch, made by one process.

    :raise RenderError: when the process fails
    :raise ValueError: when the pages cannot be told apart
    """
    # Unguessable, so that no layout or name can pass for a marker.
    nonce = secrets.token_hex(16)
    markers = [f"http://{nonce}.invalid/{key}" for key in batch.pages]
    content = html_to_pdf(
        join_pages(batch.head, [page.body for page in batch.pages.values()], markers),
        batch.program,
        batch.arguments,
        timeout=TIMEOUT[0] + TIMEOUT[1] * len(batch.pages),
    )
    documents = split(content, markers)
    lay_under(documents, [page.background for page in batch.pages.values()])
    return {
        key: finish(document, page.title, page.number, page.language)
        for (key, page), document in zip(batch.pages.items(), documents, strict=True)
    }
