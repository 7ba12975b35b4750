"""What is wrong with a file as a whole, in a sentence that says what to do."""


def file_problem(env, error):
    """Return the sentence (str) for a `HistoryError`."""
    detail = error.detail
    sentences = {
        "not_a_workbook": env._(
            "The workbook cannot be read. Save it as an Excel workbook (.xlsx) and "
            "choose that file."
        ),
        "macros": env._(
            "The workbook has macros. Save it without them, as an Excel file (.xlsx)."
        ),
        "too_large": env._("The workbook is too large. Divide it."),
        "too_many_rows": env._(
            "The workbook has more than %s rows. Divide it.", detail
        ),
        "missing_columns": env._(
            "The workbook lacks these columns: %s. The first row must have the "
            "headings of the template.",
            detail,
        ),
        "double_column": env._(
            "The workbook has the column %s twice. Remove one.", detail
        ),
        "no_rows": env._("The first sheet of the workbook has no rows. Fill them in."),
        "not_an_archive": env._(
            "The file with the PDFs is no ZIP file. Choose another one."
        ),
        "encrypted_archive": env._("The ZIP file has a password. Make one without."),
        "too_many_files": env._(
            "The ZIP file has more than %s files. Divide it.", detail
        ),
        "archive_too_large": env._(
            "The files in the ZIP are larger than %s MB together. Divide it.", detail
        ),
        "double_file": env._(
            "The ZIP file has two files named %s. Rename one.", detail
        ),
        "pdf_too_large": env._(
            "This PDF is larger than %s MB. Make it smaller.", detail
        ),
        "damaged_file": env._("This file is damaged. Replace it in the ZIP."),
        "not_a_pdf": env._("This is no PDF file. Replace it in the ZIP."),
        "encrypted_pdf": env._(
            "This PDF is encrypted. Save it without a password or restrictions."
        ),
    }
    return sentences[error.code]
