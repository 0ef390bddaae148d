"""Draw the README's picture: the comment on examples/digits_sweep.csv, as a pull request shows it.

    make picture          # needs Chromium; CHROMIUM names another browser

The page is plain Markdown in a frame: no script, no network. It is cut below the recommendations.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image

from hparam_ci.pipeline import inspect
from hparam_ci.report.render import comment

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "comment.png"
EXAMPLE = "digits_sweep.csv"
WIDTH, HEIGHT = 860, 1345
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 12px; font: 14px/1.5 "Liberation Sans", Arial, sans-serif; color: #1f2328; background: #fff }}
main {{ border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden }}
header {{ padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; color: #59636e }}
article {{ padding: 4px 16px 12px }}
h2 {{ font-size: 20px; border-bottom: 1px solid #d1d9e0b3; padding-bottom: 5px; margin: 12px 0 }}
h3 {{ font-size: 16px; margin: 18px 0 10px }}
table {{ border-collapse: collapse; margin: 0 0 12px }}
td, th {{ border: 1px solid #d1d9e0; padding: 4px 11px }}
tr:nth-child(2n) td {{ background: #f6f8fa }}
code {{ font: 12px "Liberation Mono", monospace; background: #818b981f; padding: 2px 5px; border-radius: 6px }}
details {{ margin: 10px 0 }}
p, ol, ul {{ margin: 0 0 10px }}
sub {{ font-size: 75% }}
</style><main><header><b>github-actions</b> bot commented</header><article>{body}</article></main>"""


def main() -> int:
    """Draw; 1 where there is no browser."""
    browser = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if browser is None:
        print("Chromium is needed; CHROMIUM can name another browser.")
        return 1
    text = comment(inspect([EXAMPLE], root=ROOT / "examples"), footer="hparam-inspector").text
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(PAGE.format(body=parser.render(text)), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--hide-scrollbars"]
        options += ["--force-device-scale-factor=1", f"--user-data-dir={folder}/profile"]
        options += [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE}", page.as_uri()]
        subprocess.run([browser, *options], check=True, capture_output=True)  # noqa: S603
    with Image.open(PICTURE) as drawn:
        few = drawn.convert("RGB").quantize(255, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(PICTURE, optimize=True)
    print(f"wrote {PICTURE.relative_to(ROOT)}, {PICTURE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
