"""README and docs/ say what is so: messages, links, commands, menus and settings."""

import configparser
import importlib.util
import re
import subprocess
import unittest
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from odoo.addons.lrm_credentials.report.fields import LAYOUT_FIELDS, MERGE_FIELDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MENU = re.compile(r"(?:LRM|Reports|Configuration) > [^.,;:)*|`]+")


def messages():
    """Return the module dev/messages.py."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "dev/messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page):
    """Return the anchors of a page, as GitHub and others make them of headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def blocks(language):
    """Return [(page, text)] of the blocks in a language."""
    return [
        (page.name, text)
        for page in PAGES
        for found, text in BLOCK.findall(page.read_text())
        if found == language
    ]


class TestMessages(unittest.TestCase):
    def test_every_message_is_explained(self):
        module = messages()
        explained = module.explained()
        self.assertEqual([m for m, n in Counter(explained).items() if n > 1], [])
        collected = module.collect()
        self.assertEqual(
            sorted(collected.keys() - set(explained)),
            [],
            "docs/troubleshooting.md lacks these messages",
        )
        self.assertEqual(
            sorted(set(explained) - collected.keys()),
            [],
            "docs/troubleshooting.md explains what no code says any more",
        )


class TestFields(unittest.TestCase):
    def test_page_lists_what_documents_have(self):
        text = (ROOT / "docs" / "integrators.md").read_text()
        section = text.partition("## Fields of a document")[2].partition("\n## ")[0]
        listed = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
        self.assertEqual(listed, [*MERGE_FIELDS, *LAYOUT_FIELDS])


class TestPages(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            for link in LINK.findall(page.read_text()):
                if link.startswith(("http://", "https://", "mailto:")):
                    continue
                path, _, anchor = unquote(link).partition("#")
                target = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, link=link):
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_commands_of_make_exist(self):
        makefile = (ROOT / "Makefile").read_text()
        targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        for page in PAGES:
            command = re.compile(r"(?:`|^)(?:\w+=\S+ )*make ([a-z-]+)", re.MULTILINE)
            named = set(command.findall(page.read_text()))
            self.assertLessEqual(named, targets, page.name)

    def test_blocks_parse(self):
        for page, text in blocks("ini"):
            with self.subTest(page=page, block=text):
                configparser.ConfigParser().read_string(text)
        for page, text in blocks("python"):
            compile(text, page, "exec")
        for page, text in blocks("xml"):
            with self.subTest(page=page, block=text):
                etree.fromstring(f"<blocks>{text}</blocks>")
        for page, text in [*blocks("sh"), *blocks("shell")]:
            with self.subTest(page=page, block=text):
                subprocess.run(["bash", "-n"], input=text, text=True, check=True)

    def test_menus_exist(self):
        views = ROOT / "lrm_credentials" / "views"
        menus = etree.parse(str(views / "lrm_credentials_menus.xml"))
        known = set()
        for item in menus.iter("menuitem"):
            path = [i.get("name") for i in [item, *item.iterancestors("menuitem")]]
            known |= {" > ".join(reversed(path[:n])) for n in range(1, len(path) + 1)}
        for page in PAGES:
            text = " ".join(page.read_text().split())
            for named in MENU.findall(text):
                with self.subTest(page=page.name, menu=named):
                    self.assertTrue(
                        any(
                            named.strip() == menu or named.startswith((menu + " ",))
                            for menu in known
                        )
                    )

    def test_pictures_are_small_and_shown(self):
        shown = "".join(page.read_text() for page in PAGES)
        shown += (ROOT / "lrm_credentials/static/description/index.html").read_text()
        pictures = [*ROOT.glob("docs/**/*.png")]
        pictures += (ROOT / "lrm_credentials/static/description").glob("*.png")
        for picture in pictures:
            with self.subTest(picture=picture.name):
                self.assertLess(picture.stat().st_size, 150_000)
                self.assertTrue(picture.stem == "icon" or picture.name in shown)
