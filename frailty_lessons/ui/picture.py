"""A picture in two parts: what stays, drawn once, and what moves, drawn for each state as a small piece of SVG."""

import io
import re
import threading

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

from frailty_lessons.ui.theme import SETTINGS

MOVES = '<g class="fl-moves"></g>'

# Matplotlib's settings belong to all threads, and a kernel may have several that want a picture.
DRAWING = threading.RLock()


class Picture:
    """The picture of one explorer.

    `still` is the SVG of what stays, with an empty `<g class="fl-moves">` in which the pieces that
    `moving` returns are placed.

    Parameters
    ----------
    size
        Width and height in inches, at 72 points an inch.
    prepare
        Called once with the axes: limits, labels, and everything that no control changes.
    name
        Makes the ids inside the SVG differ from those of other pictures on a page.
    """

    def __init__(self, size, prepare, name: str):
        self._settings = {**SETTINGS, "svg.hashsalt": name}
        with DRAWING, matplotlib.rc_context(self._settings):
            self._figure = Figure(figsize=size, dpi=72, layout="constrained")
            FigureCanvasSVG(self._figure)
            self._axes = self._figure.add_subplot()
            prepare(self._axes)
            self._axes.autoscale(False)
            out = io.StringIO()
            self._figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
            self._figure.set_layout_engine("none")
        svg = _tidy(out.getvalue())
        svg = svg[svg.index("<svg") :].replace("</svg>", MOVES + "</svg>")
        width, height = (72 * side for side in size)
        self.still = re.sub(
            r"<svg[^>]*>", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" class="fl-svg">', svg, count=1
        )

    def moving(self, draw) -> str:
        """The SVG of what `draw(axes)` adds to the axes, which are left as they were."""
        out = io.StringIO()
        with DRAWING, matplotlib.rc_context(self._settings):
            before = set(self._axes.get_children())
            try:
                draw(self._axes)
                added = [artist for artist in self._axes.get_children() if artist not in before]
                width, height = 72 * self._figure.get_size_inches()
                renderer = RendererSVG(width, height, out, image_dpi=72)
                for artist in sorted(added, key=lambda artist: artist.get_zorder()):
                    artist.draw(renderer)
                renderer.finalize()
            finally:
                for artist in self._axes.get_children():
                    if artist not in before:
                        artist.remove()
        svg = _tidy(out.getvalue())
        return svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")].strip()


def _tidy(svg: str) -> str:
    """Matplotlib's SVG made smaller, and safe beside other pictures: no page-wide style, no ids on groups."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*</defs>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg).replace("xlink:href", "href")
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"-?\d+\.\d{2,}", _short, tag[0]), svg)
    svg = re.sub(r"font: ((?:\w+ )*?)(\d[\d.]*)px [^;\"]*", lambda font: f"font-size:{font[2]}px" + (";font-weight:700" if "700" in font[1] or "bold" in font[1] else ""), svg)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    return re.sub(r"> <", "><", svg)


def _short(number) -> str:
    """A coordinate to a tenth of a point. Numbers in a picture's text are never shortened."""
    return f"{float(number[0]):.1f}".removesuffix(".0")
