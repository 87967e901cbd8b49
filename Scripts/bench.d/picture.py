"""A bar chart of a run, as SVG: how many times better than the reference every server is."""

import math
from xml.sax.saxutils import escape

from measuring import REFERENCE
from report import number

COLOURS = {"static": "#0a7d5a", "ordinary": "#5bbf9a", "dinit": "#8a6fb0", "s6": "#b59fd0", "runit": "#d8c9ea"}
TITLES = {"static": "svinstall, static", "ordinary": "svinstall, ordinary"}
LEFT, WIDTH, RIGHT, BAR, GAP, TOP = 270, 440, 110, 11, 9, 62
# the scale is logarithmic, from a tenth of the reference to ten thousand times it
LEAST, MOST = 0.1, 10_000


def svg(results, servers, machine):
    """The picture's text; figures without a reference are not in it."""
    rows = [(result, bars) for result in results if result.figure.drawn and (bars := _bars(result, servers))]
    shown = [name for name in COLOURS if any(name == bar[0] for _, bars in rows for bar in bars)]
    parts, y = [], TOP
    for result, bars in rows:
        middle = y + len(bars) * BAR / 2 + 4
        parts.append(_text(LEFT - 8, middle, result.figure.name, "end"))
        for name, factor, label in bars:
            begin, end = sorted((_x(1), _x(factor)))
            parts.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(end - begin, 1):.1f}" height="{BAR - 1}" '
                         f'fill="{COLOURS[name]}"/>')
            parts.append(_text(max(end, _x(1)) + 4, y + BAR - 2, label, size=9))
            y += BAR
        y += GAP
    lines = []
    for power in range(round(math.log10(LEAST)), round(math.log10(MOST)) + 1):
        x = _x(10 ** power)
        lines.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{y}" '
                     f'stroke="{"#333" if power == 0 else "#ddd"}"/>')
        lines.append(_text(x, TOP - 12, "supervisord" if power == 0 else f"×{10 ** power:g}", "middle", 10))
    legend, x = [], LEFT
    for name in shown:
        title = TITLES.get(name, name)
        legend.append(f'<rect x="{x}" y="{y + 8}" width="10" height="10" fill="{COLOURS[name]}"/>')
        legend.append(_text(x + 14, y + 17, title, size=11))
        x += 30 + 7 * len(title)
    width, height = LEFT + WIDTH + RIGHT, y + 46
    head = _text(LEFT, 24, "Times better than supervisord 4.3.0 (bars to the left: worse)", size=14)
    foot = _text(8, y + 38, machine, size=10)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
            f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
            + "\n".join([head, *lines, *parts, *legend, foot]) + "\n</svg>\n")


def _bars(result, servers):
    """(server's name, how many times better, the figure in words) of everybody but the reference."""
    values = {server.name: result.value(server) for server in servers}
    base = values.get(REFERENCE)
    if not base:
        return []
    return [(name, values[name] / base if result.figure.more else base / values[name],
             f"{number(values[name])} {result.figure.unit}")
            for name in COLOURS if values.get(name)]


def _x(factor):
    """Where a factor stands on the scale."""
    share = math.log10(min(max(factor, LEAST), MOST) / LEAST) / math.log10(MOST / LEAST)
    return LEFT + share * WIDTH


def _text(x, y, words, anchor="start", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#222">{escape(words)}</text>'
