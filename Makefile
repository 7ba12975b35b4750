# The front door. What each target does is in dev/; everything it makes is in .dev/ and out/.
export PORT ?= 8069
export SERVE ?= 1
export ODOO_SRC N T

.PHONY: help demo test lint format pot pictures bench bench-register chaos clean

help: ## Shows this list.
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 21

demo: ## Issues sample credentials into out/, then serves Odoo on PORT (8069); SERVE=0 stops after the first part.
	@dev/demo

test: ## Runs all tests on both builds of wkhtmltopdf; T=tests/test_x.py or T=expression picks some.
	@dev/test

lint: ## Checks style and known mistakes, changing nothing.
	@dev/lint

format: ## Rewrites files in the agreed style.
	@dev/format

pot: ## Brings the translation template and the translations in step with the addon.
	@dev/pot

pictures: ## Takes the pictures of README, docs/ and Odoo's Apps page anew, from the demo data.
	@dev/pictures

bench: ## Measures request, preview and issue of 1 to 5,000 credentials, beside stock Odoo; N=200 is the quick one.
	@dev/bench

bench-register: ## Measures the Credentials Register with 200,000 credentials in it, and the check of its ledger.
	@dev/bench-register

chaos: ## Breaks a server, its database and its disk in the middle of an issue; nothing may be lost or doubled.
	@dev/chaos

clean: ## Stops the private PostgreSQL server and removes .dev/ and out/.
	@dev/pg remove
	@rm -rf .dev out
