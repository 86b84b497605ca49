"""What was measured, as text."""

import numpy as np

from bench.measure import Row

_HEAD = (
    f"{'':22}{'png s':>8}{'x stock':>9}{'bare s':>8}{'whole/bare':>11}"
    f"{'recordio s':>11}{'start s':>8}{'cached':>7}{'MB':>6}"
)


def show(rows: list[Row], peaks: dict[str, float]) -> None:
    """Every table."""
    print(f"\nwhole requests\n{_HEAD}")
    for row in rows:
        _show_requests(row)
    print(f"\nstages, ms\n{'':22}{'decode':>8}{'queue':>8}{'predict':>9}{'encode':>8}{'http':>8}")
    for row in rows:
        _show_stages(row)
    if any(ours.loads for row in rows for ours in row.ours.values()):
        print(f"\nclients at once\n{'':30}{'p50 s':>8}{'p90 s':>8}{'p99 s':>8}{'images/s':>10}")
        for row in rows:
            _show_loads(row)
    for network, fits in exponents(rows).items():
        told = ", ".join(f"{name} {exponent:.2f}" for name, exponent in fits.items())
        print(f"{network}: time grows with pixels to the power of {told}")
    for precision, gflops in peaks.items():
        print(f"matrix product in {precision}: {gflops:.0f} GFLOP/s")


def exponents(rows: list[Row]) -> dict[str, dict[str, float]]:
    """By network and engine, the slope of log seconds against log pixels, where sizes differ."""
    found: dict[str, dict[str, float]] = {}
    for network in dict.fromkeys(row.network for row in rows):
        own = [row for row in rows if row.network == network]
        points = {"stock": [(row.size, row.stock.png.seconds) for row in own if row.stock]}
        for name in own[0].ours:
            points[name] = [(row.size, row.ours[name].png.seconds) for row in own]
        found[network] = {
            name: _slope(measured) for name, measured in points.items() if len(measured) > 1
        }
    return {network: fits for network, fits in found.items() if fits}


def _slope(points: list[tuple[tuple[int, int], float]]) -> float:
    pixels = [height * width for (height, width), _ in points]
    seconds = [taken for _, taken in points]
    return float(np.polyfit(np.log(pixels), np.log(seconds), 1)[0])


def title(row: Row) -> str:
    """Network and size."""
    height, width = row.size
    return f"{row.network}, {height}x{width}"


def _show_requests(row: Row) -> None:
    print(title(row))
    stock_s = row.stock.png.seconds if row.stock else None
    if row.stock:
        print(f"{'  stock':<22}{stock_s:8.3f}{1:9.2f}{'':45}{row.stock.mb:6.0f}")
    for precision, ours in row.ours.items():
        whole = ours.png.seconds
        ratio = f"{stock_s / whole:.2f}" if stock_s else "-"
        print(
            f"{'  ' + precision:<22}{whole:8.3f}{ratio:>9}{ours.bare_s:8.3f}"
            f"{whole / ours.bare_s:11.3f}{ours.recordio.seconds:11.3f}{ours.first_start_s:8.1f}"
            f"{ours.cached_start_s:7.1f}{ours.mb:6.0f}"
        )


def _show_stages(row: Row) -> None:
    print(title(row))
    for precision, ours in row.ours.items():
        stages = {name: 1000 * taken for name, taken in ours.png.stages_s.items()}
        http = 1000 * ours.png.seconds - sum(stages.values())
        cells = (
            f"{stages[name]:{width}.1f}"
            for name, width in (("decode", 8), ("queue", 8), ("predict", 9), ("encode", 8))
        )
        print(f"{'  ' + precision:<22}{''.join(cells)}{http:8.1f}")


def _show_loads(row: Row) -> None:
    print(title(row))
    loads = [("stock", row.stock.loads)] if row.stock else []
    loads += [(precision, ours.loads) for precision, ours in row.ours.items()]
    for name, measured in loads:
        for each in measured:
            label = f"  {name}, {each.clients} client{'s' * (each.clients > 1)}"
            print(
                f"{label:<30}{each.p50_s:8.3f}{each.p90_s:8.3f}{each.p99_s:8.3f}"
                f"{each.images_per_s:10.2f}"
            )
