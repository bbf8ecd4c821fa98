"""Free /28s over time as a line: where a subnet comes from, beside the forecast of where it goes."""

from __future__ import annotations

from datetime import datetime

from functions.capacity.steering.samples import History
from functions.report.audit.trends import trend_of

WIDTH, HEIGHT, EDGE = 280, 56, 3
ENOUGH = 3  # samples; a line between two says nothing


def trend_line(history: History, free_now: int, now: datetime) -> str:
    """An SVG with a title in words, `now` at its right edge; empty where there are too few samples.

    It goes down to none free, so that the line's height is what is left.
    """
    trend = trend_of(history, free_now, now)
    if trend is None or len(trend.points) <= ENOUGH:
        return ""
    points = trend.points
    first, most = points[0][0], trend.most or 1
    span = (now - first).total_seconds() or 1.0
    steps = [((at - first).total_seconds() / span, free / most) for at, free in points]
    line = " ".join(f"{_x(across):.1f},{_y(up):.1f}" for across, up in steps)
    said = f"Free /28s: {trend}"
    return (
        f'<figure class="trend"><svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<title>{said}</title><path class="axis" d="M{EDGE} {HEIGHT - EDGE}H{WIDTH - EDGE}"/>'
        f'<polyline points="{line}"/><circle cx="{_x(1):.1f}" cy="{_y(steps[-1][1]):.1f}" r="3"/></svg>'
        f"<figcaption>{said}</figcaption></figure>"
    )


def _x(across: float) -> float:
    return EDGE + across * (WIDTH - 2 * EDGE)


def _y(up: float) -> float:
    return HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE)
