from . import html, images, lrm_register_print, pdf, register, wkhtmltopdf, workbook
