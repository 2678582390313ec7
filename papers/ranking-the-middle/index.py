"""The worked index of "Ranking the Middle": every number, table and chart of the paper, from input.csv.

    python index.py           writes results.csv and the figures, prints the tables
    python index.py --input   draws the synthetic input anew (the same numbers every time)

The numbers need Python alone. `shares.png` also needs Pillow and `spacings.pdf` WeasyPrint; without them
those two files are left as they are. Nothing depends on the clock, and every random draw has a fixed seed.
"""

from __future__ import annotations

import csv
import math
import random
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist, fmean, pstdev

HERE = Path(__file__).parent
STATES = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ilex", "Juniper",
    "Katsura", "Larch", "Maple", "Nutmeg", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Teak",
)  # fmt: skip
# indicator: (median, elasticity to latent size, noise); the last three answer less to size and more to policy
INDICATORS = {
    "output": (400.0, 1.3, 0.35),
    "population": (30.0, 1.2, 0.55),
    "forces": (120.0, 1.1, 0.60),
    "missions": (90.0, 0.35, 0.55),
    "trade": (60.0, 1.0, 0.45),
    "research": (9.0, 1.5, 0.50),
}
EQUAL = (1 / 6,) * 6
MATERIAL = (0.25, 0.25, 0.25, 1 / 12, 1 / 12, 1 / 12)
DRAWS = 10_000
Matrix = list[list[float]]


# --- input ---


def draw_input() -> None:
    """Write input.csv: a latent size per state (normal quantiles) and six noisy indicators of it."""
    chance = random.Random(20241016)
    sizes = [NormalDist().inv_cdf((i + 0.5) / len(STATES)) for i in range(len(STATES))]
    chance.shuffle(sizes)
    with (HERE / "input.csv").open("w", newline="", encoding="utf-8") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(["state", *INDICATORS])
        for state, size in zip(STATES, sizes, strict=True):
            drawn = [
                median * math.exp(slope * (size + noise * chance.gauss(0, 1)))
                for median, slope, noise in INDICATORS.values()
            ]
            out.writerow([state, *(f"{value:.1f}" for value in drawn)])


def read_input() -> Matrix:
    with (HERE / "input.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(row["state"] for row in rows) == STATES
    return [[float(row[name]) for name in INDICATORS] for row in rows]


# --- normalisation, aggregation, ranks ---


def by_column(matrix: Matrix, change: Callable[[list[float]], list[float]]) -> Matrix:
    columns = [change(list(column)) for column in zip(*matrix, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def min_max(column: list[float]) -> list[float]:
    low, high = min(column), max(column)
    return [(value - low) / (high - low) for value in column]


def z_score(column: list[float]) -> list[float]:
    mean, deviation = fmean(column), pstdev(column)
    return [(value - mean) / deviation for value in column]


def rank_score(column: list[float]) -> list[float]:
    """1 for the largest, 0 for the smallest (a Borda count, divided by its maximum)."""
    return [(sum(other < value for other in column)) / (len(column) - 1) for value in column]


def logged(column: list[float]) -> list[float]:
    return [math.log(value) for value in column]


def arithmetic(matrix: Matrix, weights: Sequence[float]) -> list[float]:
    return [sum(w * u for w, u in zip(weights, row, strict=True)) for row in matrix]


def geometric(matrix: Matrix, weights: Sequence[float], floor: float = 0.05) -> list[float]:
    """The weighted geometric mean of values moved from [0, 1] to [floor, 1]."""
    lifted = [[math.log(floor + (1 - floor) * u) for u in row] for row in matrix]
    return [math.exp(total) for total in arithmetic(lifted, weights)]


def copeland(matrix: Matrix, weights: Sequence[float]) -> list[float]:
    """How many others a state beats on indicators with more than half of the weight; a tie counts half."""
    scores = []
    for row in matrix:
        total = -0.5  # a state ties with itself
        for other in matrix:
            margin = sum(w * ((a > b) - (a < b)) for w, a, b in zip(weights, row, other, strict=True))
            total += 0.5 if abs(margin) < 1e-12 else float(margin > 0)
        scores.append(total)
    return scores


def ranks(scores: Sequence[float]) -> list[int]:
    """1 is the highest score; equal scores share the better rank."""
    return [1 + sum(other > score for other in scores) for score in scores]


# --- stability ---


def draw_weights(chance: random.Random, count: int) -> list[float]:
    """A point drawn uniformly from the simplex: normalised exponential variates."""
    drawn = [chance.expovariate(1.0) for _ in range(count)]
    return [value / sum(drawn) for value in drawn]


def rank_shares(matrix: Matrix) -> Matrix:
    """For each state, the share of weight vectors at which it takes rank 1, 2, …"""
    chance = random.Random(17)
    counts = [[0] * len(matrix) for _ in matrix]
    for _ in range(DRAWS):
        drawn = ranks(arithmetic(matrix, draw_weights(chance, len(matrix[0]))))
        for state, rank in enumerate(drawn):
            counts[state][rank - 1] += 1
    return [[count / DRAWS for count in row] for row in counts]


def interval(shares: Sequence[float], tail: float = 0.05) -> tuple[int, int]:
    """The ranks between which the central 1 − 2·tail of the weight vectors put a state."""
    total, low, high = 0.0, 0, 0
    for rank, share in enumerate(shares, 1):
        if not low and total + share > tail:
            low = rank
        if not high and total + share >= 1 - tail:
            high = rank
        total += share
    return low, high


def stability(shares: Sequence[float], rank: int) -> float:
    """The share of weight vectors that leave a state within one rank of `rank`."""
    return sum(shares[max(0, rank - 2) : rank + 1])


def reversal_distance(first: Sequence[float], second: Sequence[float], weights: Sequence[float]) -> float:
    """How far the weights must move (sum of absolute changes) before `second` can overtake `first`."""
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    if min(gaps) >= 0:
        return math.inf  # dominance: no weights do it
    lead = sum(w * gap for w, gap in zip(weights, gaps, strict=True))
    moved = 0.0
    for j in sorted(range(len(gaps)), key=lambda j: -gaps[j]):  # take weight from the best gaps first
        gain = gaps[j] - min(gaps)
        if gain > 0 and weights[j] * gain >= lead:
            return 2 * (moved + lead / gain)
        moved, lead = moved + weights[j], lead - weights[j] * gain
    return math.inf


def kendall(first: Sequence[float], second: Sequence[float]) -> float:
    """Kendall's tau-b of two rankings."""
    pairs = [(i, k) for i in range(len(first)) for k in range(i)]
    signs = [(_sign(first[i] - first[k]), _sign(second[i] - second[k])) for i, k in pairs]
    both = sum(a * b for a, b in signs)
    return both / math.sqrt(sum(a * a for a, _ in signs) * sum(b * b for _, b in signs))


def _sign(value: float) -> int:
    return (value > 1e-12) - (value < -1e-12)


# --- figures ---

INK, BLUE, ORANGE, GREY, PALE = "#22262b", "#1f5a96", "#c25a12", "#8a9199", "#dfe5ec"
FONT = "'Noto Sans', 'Source Sans 3', 'DejaVu Sans', sans-serif"


class Svg:
    """A drawing, element by element; y grows downwards."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = GREY, width: float = 1, dash: str = ""
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
            f' stroke="{colour}" stroke-width="{width}"{dashed}/>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        stroke: str = "none",
        radius: float = 0,
    ) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}"'
            f' fill="{fill}" stroke="{stroke}"/>'
        )

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        size: int = 13,
        colour: str = INK,
        weight: str = "400",
    ) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
            f' font-weight="{weight}" fill="{colour}">{words}</text>'
        )

    def __str__(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}"'
            f' viewBox="0 0 {self.width} {self.height}" font-family="{FONT}">'
        )
        return "\n".join([head, *self.parts, "</svg>\n"])


def draw_choices() -> Svg:
    """The choices between raw data and a ranking, a column each; the baseline's path is in colour."""
    steps = [
        ("Scale", ("logarithms", "as they are")),
        ("Normalisation", ("min–max", "z-scores", "ranks")),
        ("Weights", ("equal", "material")),
        ("Aggregation", ("arithmetic", "geometric", "majority")),
    ]
    wide, tall, gap, top = 124, 34, 44, 52
    svg = Svg(len(steps) * (wide + gap) - gap + 2, top + 3 * 54 + 4)

    def left(column: int) -> float:
        return 1 + column * (wide + gap)

    def middle(column: int, row: int) -> float:
        count = len(steps[column][1])
        return top + 81 + (row - (count - 1) / 2) * 54

    for column in range(len(steps) - 1):
        for a in range(len(steps[column][1])):
            for b in range(len(steps[column + 1][1])):
                chosen = a == b == 0
                colour, width = (ORANGE, 2.5) if chosen else ("#c3cad2", 1)
                svg.line(
                    left(column) + wide,
                    middle(column, a),
                    left(column + 1),
                    middle(column + 1, b),
                    colour,
                    width,
                )
    for column, (title, names) in enumerate(steps):
        svg.text(left(column) + wide / 2, 22, title, "middle", weight="600")
        for row, name in enumerate(names):
            y = middle(column, row)
            fill, stroke = ("#fbe9dc", ORANGE) if row == 0 else ("#f1f4f7", "#c3cad2")
            svg.box(left(column), y - tall / 2, wide, tall, fill, stroke, 6)
            svg.text(left(column) + wide / 2, y + 4.5, name, "middle")
    return svg


def draw_intervals(order: Sequence[int], base: Sequence[int], shares: Matrix) -> Svg:
    """One row per state, in the baseline's order: the central 90 % of its ranks, and its baseline rank."""
    left, top, step, scale = 110, 44, 21, 26
    n = len(order)
    svg = Svg(left + scale * n + 20, top + step * n + 44)
    for rank in (1, 5, 10, 15, 20):
        x = left + scale * (rank - 0.5)
        svg.line(x, top - 6, x, top + step * n, PALE)
        svg.text(x, top - 14, str(rank), "middle", colour=GREY)
    for row, state in enumerate(order):
        y = top + step * (row + 0.5)
        low, high = interval(shares[state])
        svg.text(left - 12, y + 4.5, STATES[state], "end")
        svg.line(left + scale * (low - 0.8), y, left + scale * (high - 0.2), y, "#9dbbdb", 9)
        svg.dot(left + scale * (base[state] - 0.5), y, 5, ORANGE)
    y = top + step * n + 26
    svg.line(left, y - 4, left + 30, y - 4, "#9dbbdb", 9)
    svg.text(left + 38, y, "ranks at 90% of all weights")
    svg.dot(left + 262, y - 4, 5, ORANGE)
    svg.text(left + 274, y, "rank at equal weights")
    return svg


def draw_bars(values: Sequence[float], labels: Sequence[str], title: str, top_value: float, tick: float) -> Svg:
    """Vertical bars, one for each pair of neighbours."""
    left, top, height, step = 52, 40, 210, 24
    svg = Svg(left + step * len(values) + 16, top + height + 52)
    svg.text(left - 36, 20, title, weight="600")
    for number in range(round(top_value / tick) + 1):
        y = top + height * (1 - number * tick / top_value)
        svg.line(left, y, left + step * len(values), y, PALE if number else GREY)
        svg.text(left - 8, y + 4.5, f"{number * tick:.2g}", "end", colour=GREY)
    for number, value in enumerate(values):
        x = left + step * number + 4
        tall = height * min(value, top_value) / top_value
        svg.box(x, top + height - tall, step - 8, tall, ORANGE if math.isinf(value) else BLUE)
        svg.text(x + step / 2 - 4, top + height + 18, labels[number], "middle", 11)
    svg.text(
        left + step * len(values) / 2,
        top + height + 40,
        "better-ranked state of the pair",
        "middle",
        colour=GREY,
    )
    return svg


def draw_shares(order: Sequence[int], shares: Matrix, path: Path) -> None:
    """A heat map as PNG: rows are states in the baseline's order, columns are ranks."""
    from PIL import Image, ImageDraw, ImageFont

    cell, left, top = 56, 190, 84
    n = len(order)
    image = Image.new("RGB", (left + cell * n + 30, top + cell * n + 30), "white")
    pen = ImageDraw.Draw(image)
    words, digits = ImageFont.load_default(size=28), ImageFont.load_default(size=21)
    for row, state in enumerate(order):
        pen.text((left - 18, top + cell * (row + 0.5)), STATES[state], fill=INK, font=words, anchor="rm")
        pen.text((left + cell * (row + 0.5), top - 30), str(row + 1), fill=INK, font=words, anchor="mm")
        for rank, share in enumerate(shares[state]):
            depth = math.sqrt(share)
            colour = tuple(round(250 + (end - 250) * depth) for end in (18, 62, 112))
            x, y = left + cell * rank, top + cell * row
            pen.rectangle((x, y, x + cell - 3, y + cell - 3), fill=colour)
            if share >= 0.095:
                centre, colour_of_text = (x + cell / 2 - 1, y + cell / 2 - 1), "white" if depth > 0.5 else INK
                pen.text(centre, f"{share * 100:.0f}", fill=colour_of_text, font=digits, anchor="mm")
    image.save(path, optimize=True, dpi=(300, 300))


def save_pdf(svg: Svg, path: Path) -> None:
    from weasyprint import HTML

    style = f"@page{{size:{svg.width}px {svg.height}px;margin:0}}body{{margin:0}}svg{{display:block}}"
    HTML(string=f"<style>{style}</style>{svg}").write_pdf(path)


# --- the whole ---


def main() -> None:
    raw = read_input()
    logs = by_column(raw, logged)
    unit = by_column(logs, min_max)
    scores = arithmetic(unit, EQUAL)
    base = ranks(scores)
    order = sorted(range(len(STATES)), key=lambda i: base[i])
    shares = rank_shares(unit)
    variants = {
        "z-scores": arithmetic(by_column(logs, z_score), EQUAL),
        "ranks (Borda)": arithmetic(by_column(logs, rank_score), EQUAL),
        "no logarithms": arithmetic(by_column(raw, min_max), EQUAL),
        "geometric mean": geometric(unit, EQUAL),
        "material weights": arithmetic(unit, MATERIAL),
        "majority (Copeland)": copeland(unit, EQUAL),
    }
    pairs = list(pairwise(order))
    distances = [reversal_distance(unit[a], unit[b], EQUAL) for a, b in pairs]
    spacings = [scores[a] - scores[b] for a, b in pairs]

    write_results(order, scores, base, shares, variants)
    print_tables(order, raw, scores, base, shares, variants, distances)

    (HERE / "choices.svg").write_text(str(draw_choices()), encoding="utf-8")
    (HERE / "intervals.svg").write_text(str(draw_intervals(order, base, shares)), encoding="utf-8")
    labels = [STATES[a][:3] for a, _ in pairs]
    (HERE / "reversals.svg").write_text(
        str(draw_bars(distances, labels, "Reversal distance", 1.0, 0.25)), encoding="utf-8"
    )
    try:
        draw_shares(order, shares, HERE / "shares.png")
        save_pdf(draw_bars(spacings, labels, "Lead in score", 0.2, 0.05), HERE / "spacings.pdf")
    except ImportError as error:
        print(f"left as it is: {error}", file=sys.stderr)


def write_results(
    order: Sequence[int],
    scores: Sequence[float],
    base: Sequence[int],
    shares: Matrix,
    variants: dict[str, list[float]],
) -> None:
    """results.csv: a state a line, with its ranks under every variant."""
    with (HERE / "results.csv").open("w", newline="", encoding="utf-8") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(["state", "score", "rank", "p05", "p95", "stability", *variants])
        for i in order:
            low, high = interval(shares[i])
            kept = stability(shares[i], base[i])
            others = [ranks(found)[i] for found in variants.values()]
            out.writerow([STATES[i], f"{scores[i]:.4f}", base[i], low, high, f"{kept:.3f}", *others])


def print_tables(
    order: Sequence[int], raw: Matrix, scores: Sequence[float], base: Sequence[int], shares: Matrix,
    variants: dict[str, list[float]], distances: Sequence[float],
) -> None:  # fmt: skip
    print("state | rank | score | p05–p95 | stability | reversal distance to the next | raw")
    for place, i in enumerate(order):
        low, high = interval(shares[i])
        ahead = f"{distances[place]:.3f}" if place < len(distances) else "–"
        kept = stability(shares[i], base[i])
        print(f"{STATES[i]:8} {base[i]:3} {scores[i]:.3f} {low:3}–{high:<3} {kept:.3f} {ahead:>6} {raw[i]}")

    thirds = {"top five": order[:5], "middle ten": order[5:15], "bottom five": order[15:]}
    for name, members in thirds.items():
        widths = [interval(shares[i])[1] - interval(shares[i])[0] + 1 for i in members]
        kept_by = [stability(shares[i], base[i]) for i in members]
        print(
            f"{name}: mean width {fmean(widths):.1f}, stability {fmean(kept_by):.2f}"
            f" ({min(kept_by):.2f} to {max(kept_by):.2f})"
        )
    for name, found in variants.items():
        parts = [f"tau {kendall(scores, found):.2f}"]
        parts += [
            f"{group} {kendall([scores[i] for i in m], [found[i] for i in m]):.2f}" for group, m in thirds.items()
        ]
        shifts = [abs(ranks(found)[i] - base[i]) for i in range(len(base))]
        worst = [STATES[i] for i in range(len(base)) if shifts[i] == max(shifts)]
        largest = f"largest {max(shifts)} ({', '.join(worst)})"
        print(f"{name}: {', '.join(parts)}; mean shift {fmean(shifts):.1f}, {largest}")
    unit = by_column(by_column(raw, logged), min_max)
    dominant = sum(all(a >= b for a, b in zip(x, y, strict=True)) for x in unit for y in unit if x != y)
    print(f"dominance holds in {dominant} of {math.comb(len(raw), 2)} pairs")


if __name__ == "__main__":
    if "--input" in sys.argv[1:]:
        draw_input()
    main()
