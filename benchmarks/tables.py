"""The report as Markdown: goals, all figures, loading and memory."""

import dataclasses

import goals
from engines import ENGINES


@dataclasses.dataclass(frozen=True)
class Standing:
    """Who is first in a row: of Transom's entry points and of the others; None where there is none."""

    ours: str
    peer: str
    ratio: float  # the peer's time by Transom's: above 1 Transom is faster

    @staticmethod
    def of(row):
        medians = {name: figures["median_ms"] for name, figures in row["engines"].items() if "median_ms" in figures}
        ours = min((name for name in medians if ENGINES[name].transom), key=medians.get, default=None)
        peer = min((name for name in medians if not ENGINES[name].transom), key=medians.get, default=None)
        return Standing(ours, peer, medians[peer] / medians[ours] if ours and peer else None)


def table(*columns):
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]


def share(result, row, figures):
    """Of what the machine was measured to do: one token is bound by reading, more by arithmetic."""
    batch, sequence, _ = row["batch_sequence_past"]
    unit, key = ("GB/s", "gbps") if batch * sequence == 1 else ("GFLOP/s", "gflops")
    return f"{figures[key]:.1f} {unit}", f"{100 * figures[key] / result['peaks'][key]:.0f}%" if result["peaks"] else "-"


def goal_table(results):
    lines = table("model", "point", "Transom", "median ms", "of the machine", "best other", "median ms", "times faster", "goal")
    for result in results:
        for row in result["rows"]:
            standing = Standing.of(row)
            if standing.ratio is None:
                continue
            ours, peer = row["engines"][standing.ours], row["engines"][standing.peer]
            goal = goals.goal(result["model"], result["weights"], row["batch_sequence_past"])
            reached = f"{goal}: {'reached' if standing.ratio >= goal else 'missed'}" if goal else "-"
            lines.append(
                f"| {title(result)} | {row['point']} | {standing.ours} | {ours['median_ms']:.2f} | {share(result, row, ours)[1]} "
                f"| {standing.peer} | {peer['median_ms']:.2f} | {standing.ratio:.2f} | {reached} |"
            )
    return lines


def row_table(results):
    lines = table(
        "model", "point", "engine", "median ms", "min ms", "rate", "of the machine", "difference", "of the best other"
    )
    for result in results:
        for row in result["rows"]:
            best = Standing.of(row).peer
            for name, figures in row["engines"].items():
                start = f"| {title(result)} | {row['point']} | {name} "
                if "failed" in figures:
                    lines.append(start + f"| failed: {figures['failed'].replace('|', '/')} | | | | | |")
                    continue
                rate, part = share(result, row, figures)
                ratio = f"{row['engines'][best]['median_ms'] / figures['median_ms']:.2f}" if best else "-"
                lines.append(
                    start + f"| {figures['median_ms']:.2f} | {figures['min_ms']:.2f} | {rate} | {part} "
                    f"| {figures['difference']:.1e} | {ratio} |"
                )
    return lines


def load_table(results):
    lines = table(
        "model", "engine", "version", "weights", "load ms", "first result ms", "resident MB", "weights + workspace MB"
    )
    for result in results:
        for name, facts in result["engines"].items():
            if "resident_mb" not in facts:
                lines.append(f"| {title(result)} | {name} | failed: {facts.get('failed', 'at every point')} | | | | | |")
                continue
            needed = f"{facts['needed_mb']:.0f}" if facts["needed_mb"] else "-"
            lines.append(
                f"| {title(result)} | {name} | {facts['version']} | {facts['form']} | {facts['load_ms']:.0f} "
                f"| {facts['load_ms'] + facts['first_ms']:.0f} | {facts['resident_mb'] - facts['python_mb']:.0f} | {needed} |"
            )
    return lines


def title(result):
    return result["model"] + (", bf16" if result["weights"] == "bf16" else "")


def tables(results):
    parts = [goal_table(results), row_table(results), load_table(results)]
    return "\n\n".join("\n".join(lines) for lines in parts)


def wrong(results):
    """What makes the run a failure: results too far apart, and Transom's own failures."""
    lines = []
    for result in results:
        for row in result["rows"]:
            for name, figures in row["engines"].items():
                place = f"{title(result)} {row['point']} {name}"
                if "failed" in figures and ENGINES[name].transom:
                    lines.append(f"{place} failed: {figures['failed']}")
                elif figures.get("difference", 0) > figures.get("tolerance", 0):
                    lines.append(f"{place} differs by {figures['difference']:.1e}, more than {figures['tolerance']}")
    return lines
