"""What was measured: rows, met or missed, with the machine and the versions that they hold for."""

import datetime
import json
import os
import platform
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MB = 1e6


class Table:
    """The rows of one run, by the suite that they come from."""

    def __init__(self):
        self.rows = []
        self.suite = None

    def begin(self, suite, title):
        self.suite = (suite, title)
        print(f"{title}:", file=sys.stderr)

    def add(self, what, ours, unit, theirs=None, target=None, met=None, detail=""):
        """`theirs` is what is used instead, in the same unit; `target` is what an issue or the README promises."""
        suite, title = self.suite
        self.rows.append({
            "suite": suite, "title": title, "what": what, "ours": round(ours, 6),
            "theirs": None if theirs is None else round(theirs, 6), "unit": unit, "target": target, "met": met,
            "detail": detail})
        print(f"  {what}: {number(ours)} {unit}" + ("" if theirs is None else f" (theirs {number(theirs)})")
              + ("" if met is not False else "  MISSED"), file=sys.stderr)

    def faster(self, what, ours, theirs, factor, detail="", unit="s"):
        self.add(what, ours, unit, theirs, f"≥ {factor:g} × faster", theirs / ours >= factor, detail)

    def at_most(self, what, value, unit, limit, theirs=None, detail=""):
        self.add(what, value, unit, theirs, f"≤ {number(limit)} {unit}", value <= limit, detail)

    def at_least(self, what, value, unit, limit, theirs=None, detail=""):
        self.add(what, value, unit, theirs, f"≥ {number(limit)} {unit}", value >= limit, detail)

    def missed(self):
        return [row["what"] for row in self.rows if row["met"] is False]

    def text(self):
        lines, title = [], None
        for row in self.rows:
            if row["title"] != title:
                title = row["title"]
                lines += ["", f"## {title}", "", "| what | ours | theirs | ratio | target | met |",
                          "|---|---|---|---|---|---|"]
            lines.append(line(row))
        return "\n".join(lines).lstrip("\n")

    def write(self, facts):
        """Leaves `Benchmarks/results.md` and `.json`."""
        folder = os.path.join(ROOT, "Benchmarks")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "results.json"), "w") as file:
            json.dump({**facts, "rows": self.rows}, file, indent=2, ensure_ascii=False)
            file.write("\n")
        missed = self.missed()
        with open(os.path.join(folder, "results.md"), "w") as file:
            file.write("# What `make bench` measured\n\n")
            file.write("".join(f"- {name}: {value}\n" for name, value in facts.items()))
            file.write(f"- targets missed: {len(missed)} of {sum(row['met'] is not None for row in self.rows)}\n")
            file.write(f"\nA ratio above 1 means that ours is faster, or smaller.\n\n{self.text()}\n")


def number(value):
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def line(row):
    detail = f" ({row['detail']})" if row["detail"] else ""
    theirs = ratio = ""
    if row["theirs"] is not None:
        theirs = f"{number(row['theirs'])} {row['unit']}"
        rate = row["unit"].endswith("/s")
        ratio = f"{row['ours'] / row['theirs'] if rate else row['theirs'] / row['ours']:.2f}"
    met = {True: "yes", False: "**no**", None: ""}[row["met"]]
    what = f"{row['what']}{detail}".replace("|", r"\|")
    return f"| {what} | {number(row['ours'])} {row['unit']} | {theirs} | {ratio} | {row['target'] or ''} | {met} |"


def facts(stowage, cluster):
    """What the numbers hold for."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": first_line("git", "describe", "--always", "--dirty"), "machine": machine(), "cluster": cluster,
        "stowage": first_line(stowage, "--version"), "swift": first_line("swift", "--version"),
        "terraform": first_line("terraform", "version"), "kubectl": first_line("kubectl", "version", "--client"),
        "python": platform.python_version(),
        "load when it began": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def first_line(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
        return result.stdout.strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return "none"


def machine():
    with open("/proc/cpuinfo") as cpu:
        model = next((line.split(":")[1].strip() for line in cpu if line.startswith("model name")), "unknown")
    with open("/proc/meminfo") as memory:
        total = int(next(memory).split()[1]) // 1024
    return f"{os.cpu_count()} × {model}, {total} MB, Linux {platform.release()}"
