"""Collects the messages that the addons can show when something is wrong.

python dev/messages.py         lists them
python dev/messages.py --new   lists those that docs/troubleshooting.md lacks
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ADDONS = ("lrm_credentials", "lrm_credentials_queue_job")
PAGE = ROOT / "docs" / "troubleshooting.md"
# A row of the page begins with the message, as it is in the program.
ROW = re.compile(r"^\| `(.+?)` \|", re.MULTILINE)
SENTENCE = re.compile(r" .*(\.|[.:] (%s|%\(\w+\)s))$", re.DOTALL)
# Words of workbooks and printed reports, and errors that nobody is shown.
NO_MESSAGES = {
    "lrm_credentials/history/template.py",
    "lrm_credentials/ledger.py",
    "lrm_credentials/models/ir_binary.py",
    "lrm_credentials/report/register_content.py",
    "lrm_credentials/report/register_paper.py",
}


def text_of(node):
    """Return what a string in the program says, with {…} for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else f"%({name_of(part)})s"
            for part in node.values
        )
    return None


def name_of(part):
    """Return a name for what an f-string fills in."""
    names = [node.id for node in ast.walk(part) if isinstance(node, ast.Name)]
    return names[-1] if names else "value"


class Collector(ast.NodeVisitor):
    """All sentences of a file that may be shown, but for explanations of checks."""

    def __init__(self):
        self.messages = set()

    def visit_Call(self, node):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "Check":  # what is checked, not what was found
            return
        is_error = name.endswith("Error")
        if is_error or name in ("_", "Constraint"):
            told = node.args[-1:] if name == "Constraint" else node.args[:1]
            text = (told and text_of(told[0])) or ""
            if SENTENCE.search(text) or is_error and " " in text:
                self.messages.add(text)
        self.generic_visit(node)


def collect():
    """Return {message: path of a file it is in} of all that our addons can show."""
    messages = {}
    for addon in ADDONS:
        for path in sorted((ROOT / addon).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name not in NO_MESSAGES:
                collector = Collector()
                collector.visit(ast.parse(path.read_text()))
                messages |= dict.fromkeys(collector.messages, name)
    return messages


def explained():
    """Return the messages that the page explains."""
    return ROW.findall(PAGE.read_text())


def main():
    known = set(explained()) if "--new" in sys.argv else set()
    for message, path in sorted(collect().items(), key=lambda item: item[1]):
        if message not in known:
            print(f"{path}: {message}")


if __name__ == "__main__":
    main()
