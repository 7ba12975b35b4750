from . import images, pdf, wkhtmltopdf, workbook
