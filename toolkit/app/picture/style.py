"""How pictures look: one sheet for the notebook's page and for a page that is mailed."""

from __future__ import annotations

from typing import Final

_LIGHT: Final = (
    "--ink:#1f2733;--soft:#5b6675;--line:#dfe4ea;--ground:#fff;--raised:#f6f8fa;"
    "--one:#2563eb;--two:#0f9d8a;--good:#1a7f4b;--warn:#9a6200;--bad:#b42318;"
)
_DARK: Final = (
    "--ink:#e6e9ee;--soft:#9aa5b4;--line:#343b46;--ground:#1b1f26;--raised:#242a33;"
    "--one:#7aa7ff;--two:#4fd1bd;--good:#5bd08f;--warn:#ffce6a;--bad:#ff9b93;color-scheme:dark;"
)
_RULES: Final = """
.pic{color:var(--ink);background:var(--ground);font:14px/1.45 Inter,system-ui,-apple-system,"Segoe UI",sans-serif;padding:18px}
.pic h2{font-size:20px;margin:0 0 2px;color:var(--ink)}.pic h3{font-size:14px;margin:0 0 10px;font-weight:650;color:var(--ink)}
.pic p{margin:6px 0 0}.pic .pic-note,.pic .pic-label{color:var(--soft);font-size:12.5px}
.pic-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:14px 0}
.pic-tile{display:flex;flex-direction:column;border:1px solid var(--line);border-radius:10px;padding:12px 14px;background:var(--raised)}
.pic-value{font-size:23px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.3}
.pic-good{color:var(--good)}.pic-warn{color:var(--warn)}.pic-bad{color:var(--bad)}
.pic-cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:12px}
.pic-card{border:1px solid var(--line);border-radius:10px;padding:14px;break-inside:avoid;min-width:0}
.pic-wide{grid-column:1/-1}
.pic-drawing{width:100%;height:auto;display:block;overflow:visible;max-width:640px}
.pic-wide .pic-drawing{max-width:none}
.pic text{fill:var(--ink);font-size:12.5px}.pic text.pic-tick{fill:var(--soft);font-size:10.5px}.pic text.pic-big{font-size:17px;font-weight:650}
.pic text.pic-number{font-variant-numeric:tabular-nums;font-weight:600}.pic text.pic-soft{fill:var(--soft)}
.pic-fill0{fill:var(--one);background:var(--one)}.pic-fill1{fill:var(--two);background:var(--two)}
.pic-fill-plain{fill:var(--soft);background:var(--soft)}.pic-fill-good{fill:var(--good);background:var(--good)}
.pic-fill-warn{fill:var(--warn);background:var(--warn)}.pic-fill-bad{fill:var(--bad);background:var(--bad)}
.pic-line{fill:none;stroke-width:2;stroke:var(--one)}.pic-line1{stroke:var(--two);stroke-dasharray:5 3}
.pic-axis{stroke:var(--soft)}.pic-rule{stroke:var(--line);stroke-dasharray:3 3}.pic text.pic-sign{font-size:10px;font-weight:700}
.pic-hit{fill:transparent}.pic-box{fill:var(--raised);stroke:var(--line)}
.pic-pick{cursor:pointer}.pic-pick:hover .pic-hit,.pic-pick:focus-visible .pic-hit{fill:var(--raised)}
.pic-pick:focus-visible{outline:2px solid var(--one)}
.pic-legend{display:flex;gap:16px;color:var(--soft);font-size:12px}.pic-key{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.pic-metered{display:grid;gap:4px;margin-bottom:12px}.pic-meter{height:9px;border-radius:5px;background:var(--line);overflow:hidden}
.pic-meter i{display:block;height:100%}
@media print{.pic{padding:0}.pic-card,.pic-tile{break-inside:avoid}}
"""


def sheet(*, dark: str) -> str:
    """The style sheet.

    Args:
        dark: Selector under which the page is dark; empty follows the reader's preference.
    """
    night = f"{dark} .pic{{{_DARK}}}"
    if not dark:
        night = (
            f"@media (prefers-color-scheme:dark){{.pic{{{_DARK}}}body{{background:#12151a}}}}"
        )
    return f".pic{{{_LIGHT}}}{night}{_RULES}"
