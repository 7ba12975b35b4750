from . import html, images, pdf, register, wkhtmltopdf, workbook
