from . import html, images, pdf, wkhtmltopdf, workbook
