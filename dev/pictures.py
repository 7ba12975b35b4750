"""Makes pictures small and puts them where they belong; see dev/pictures."""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
ADDON = ROOT / "lrm_credentials" / "static" / "description"
DOCS = ROOT / "docs" / "images"
# Also shown in Odoo's Apps, so they come with the addon.
OF_ADDON = {"register", "preview", "issue", "credential", "verification", "banner"}


def main(folder):
    for path in sorted(Path(folder).glob("*.png")):
        target = (ADDON if path.stem in OF_ADDON else DOCS) / path.name
        target.parent.mkdir(exist_ok=True)
        # Screens have few colours: a palette is a third of the size and looks the same.
        picture = Image.open(path).convert("RGB")
        picture = picture.quantize(256, dither=Image.Dither.NONE)
        picture.save(target, optimize=True)
        size = target.stat().st_size // 1024
        print(f"{target.relative_to(ROOT)} {size} KB")


main(sys.argv[1])
