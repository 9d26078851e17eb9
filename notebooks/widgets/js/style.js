// Scoped under .htg: Jupyter's own button and input rules are strong.
export const STYLE = `
.htg{--ink:#1f2733;--soft:#5b6675;--line:#dfe4ea;--ground:#fff;--raised:#f6f8fa;--accent:#2563eb;
 --changed:#fff4cc;--changed-ink:#7a5200;--bad:#fde8e8;--bad-ink:#a61b1b;--differs:#e8f0fe;
 color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:10px;overflow:hidden;
 font:13px/1.45 Inter,system-ui,-apple-system,"Segoe UI",sans-serif;position:relative}
.htg[data-ag-theme-mode=dark]{--ink:#e6e9ee;--soft:#9aa5b4;--line:#343b46;--ground:#1b1f26;--raised:#242a33;
 --accent:#7aa7ff;--changed:#4a3b0a;--changed-ink:#ffd97a;--bad:#4d1f22;--bad-ink:#ffb3b3;--differs:#22324d;color-scheme:dark}
.htg *{box-sizing:border-box}
.htg-bar{display:flex;gap:8px 12px;align-items:center;flex-wrap:wrap;padding:10px 14px;border-bottom:1px solid var(--line)}
.htg-bar .htg-gap{flex:1}
.htg input.htg-search{width:270px;padding:7px 11px;border:1px solid var(--line);border-radius:7px;font:inherit;
 color:inherit;background:var(--raised)}
.htg input.htg-search:focus-visible,.htg button:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.htg button.htg-button{font:inherit;color:inherit;background:var(--raised);border:1px solid var(--line);
 border-radius:7px;padding:6px 11px;cursor:pointer;height:auto}
.htg button.htg-button:disabled{opacity:.45;cursor:default}
.htg button.htg-button[data-some=yes]{background:var(--changed);color:var(--changed-ink);font-weight:600}
.htg-facets{display:flex;flex-wrap:wrap;gap:8px 20px;padding:9px 14px;border-bottom:1px solid var(--line);
 max-height:132px;overflow:auto;background:var(--raised)}
.htg-facet{display:flex;flex-wrap:wrap;gap:5px;align-items:center}
.htg-facet b{font-weight:600;font-size:12px;color:var(--soft);margin-right:2px}
.htg button.htg-chip{font:inherit;font-size:12px;color:inherit;background:var(--ground);border:1px solid var(--line);
 border-radius:999px;padding:2px 9px;cursor:pointer;height:auto;line-height:1.5}
.htg button.htg-chip i{font-style:normal;color:var(--soft);margin-left:5px;font-variant-numeric:tabular-nums}
.htg button.htg-chip[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
.htg[data-ag-theme-mode=dark] button.htg-chip[aria-pressed=true]{color:#0d1524}
.htg button.htg-chip[aria-pressed=true] i{color:inherit}
.htg-foot{display:flex;gap:14px;padding:7px 14px;border-top:1px solid var(--line);color:var(--soft);font-size:12px;
 min-height:33px;white-space:nowrap}
.htg-foot span:first-child{overflow:hidden;text-overflow:ellipsis;flex:1}
.htg .htg-changed{background:var(--changed)}
.htg .htg-bad{background:var(--bad)}
.htg .htg-differs{background:var(--differs)}
.htg-cell{display:flex;gap:6px;align-items:center;overflow:hidden;height:100%}
.htg-cell span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.htg-cell s{color:var(--soft);font-size:11px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;flex:0 999 auto;min-width:26px}
.htg-cell.is-changed span,.htg-cell.is-bad span{flex:0 0 auto;max-width:calc(100% - 52px)}
.htg-cell em{font-style:normal;font-weight:700;flex:none}
.htg-cell.is-bad em,.htg-cell.is-bad span{color:var(--bad-ink)}
.htg-cell.is-changed em{color:var(--changed-ink)}
.htg-cell.is-list span.htg-tag{border:1px solid var(--line);border-radius:5px;padding:0 6px;font-size:12px;line-height:19px;background:var(--raised)}
.htg .is-fixed .htg-cell span{color:var(--soft)}
.htg .ag-header-cell:not(:hover):not(:focus-within) .ag-header-cell-filter-button:not(.ag-filter-active){opacity:0}
.htg-tray{border-top:1px solid var(--line);max-height:190px;overflow:auto;padding:6px 14px 10px}
.htg-tray table{border-collapse:collapse;width:100%}
.htg-tray td,.htg-tray th{padding:4px 10px 4px 0;text-align:left;border-bottom:1px solid var(--line);font-size:12.5px}
.htg-tray th{color:var(--soft);font-weight:600}
.htg-say{padding:8px 14px;background:var(--bad);color:var(--bad-ink)}
.htg-say[data-mild=yes]{background:var(--raised);color:var(--ink)}
.htg [hidden]{display:none!important}
`;
