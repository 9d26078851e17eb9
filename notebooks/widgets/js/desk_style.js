// What the panels around the grid wear beside `style.js`.
import { make } from "./dom.js";

const DESK_STYLE = `
.htg-desk{display:flex;flex-direction:column;overflow:hidden}
.htg-desk h2{font-size:15px;font-weight:650;margin:0;line-height:1.3;overflow:hidden;text-overflow:ellipsis}
.htg-desk h3{font-size:12px;font-weight:650;margin:0;color:var(--soft)}
.htg-head{display:flex;gap:10px;align-items:flex-start;padding:12px 14px 8px}
.htg-head>div{flex:1;min-width:0}
.htg-sub{color:var(--soft);font-size:12px}
.htg-badge{display:inline-flex;gap:4px;align-items:center;border:1px solid var(--line);border-radius:999px;padding:0 8px;font-size:11.5px;
 background:var(--raised);color:var(--ink);line-height:19px;white-space:nowrap}
.htg-badge[data-tone=bad]{background:var(--bad);color:var(--bad-ink);border-color:transparent}
.htg-badge[data-tone=warn]{background:var(--changed);color:var(--changed-ink);border-color:transparent}
.htg-badge[data-tone=good]{background:var(--good,#e5f5ea);color:var(--good-ink,#17663a);border-color:transparent}
.htg[data-ag-theme-mode=dark]{--good:#173a27;--good-ink:#8fe0b0}
.htg-tabs{display:flex;gap:2px;padding:0 10px;border-bottom:1px solid var(--line);flex-wrap:wrap;flex:none}
.htg button.htg-tab{font:inherit;color:var(--soft);background:none;border:0;border-bottom:2px solid transparent;border-radius:0;
 padding:7px 7px 6px;cursor:pointer;white-space:nowrap;height:auto;margin:0}
.htg button.htg-tab[aria-selected=true]{color:var(--ink);border-bottom-color:var(--accent);font-weight:600}
.htg button.htg-tab:hover{color:var(--ink)}
.htg button.htg-tab i{font-style:normal;font-size:11px;font-weight:600;margin-left:5px;background:var(--raised);border:1px solid var(--line);
 border-radius:999px;padding:0 6px;font-variant-numeric:tabular-nums;color:var(--ink)}
.htg button.htg-tab i[data-bad=yes]{background:var(--bad);color:var(--bad-ink);border-color:transparent}
.htg-tab-body{overflow:auto;flex:1;min-height:0;padding:10px 14px 14px}
.htg-tab-body:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.htg-desk table{border-collapse:collapse;width:100%;font-size:12.5px}
.htg-desk th{color:var(--soft);font-weight:600;text-align:left;font-size:12px;position:sticky;top:-10px;background:var(--ground);z-index:1}
.htg-desk td,.htg-desk th{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top;text-align:left;color:inherit}
.htg-desk th{color:var(--soft)}
.htg-desk tr{background:none!important}
.htg-desk td.is-number,.htg-desk th.is-number{text-align:right;font-variant-numeric:tabular-nums}
.htg-desk .htg-value{overflow-wrap:anywhere}
.htg-desk .htg-blank{color:var(--soft);font-style:italic}
.htg-desk td.is-apart{background:var(--differs)}
.htg-desk table.is-fields td:first-child{width:32%}
.htg-from{display:block;color:var(--soft);font-size:11.5px}
.htg-empty{color:var(--soft);padding:22px 6px;text-align:center}
.htg-lines{list-style:none;margin:0;padding:0}
.htg-lines>li{padding:8px 0;border-bottom:1px solid var(--line);display:block}
.htg-lines p{margin:2px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.htg-lines .htg-line-head{display:flex;gap:8px;align-items:baseline;justify-content:space-between;flex-wrap:wrap}
.htg-lines s{color:var(--soft)}
.htg a.htg-link{color:var(--accent);text-decoration:none}
.htg a.htg-link:hover{text-decoration:underline}
.htg button.htg-button.is-first{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
.htg[data-ag-theme-mode=dark] button.htg-button.is-first{color:#0d1524}
.htg button.htg-button.is-small{padding:2px 8px;font-size:12px}
.htg select.htg-shower{width:auto;max-width:160px}
.htg-segment{background:var(--raised)}
.htg-segment input.htg-field{width:200px;background:var(--ground)}
.htg-segment label{margin:0;font-size:12.5px}
.htg-form{display:flex;flex-direction:column;gap:9px;padding:12px 14px;overflow:auto;flex:1;min-height:0}
.htg-form label{display:flex;flex-direction:column;gap:3px;font-size:12px;color:var(--soft);margin:0}
.htg-form label.is-inline{flex-direction:row;gap:7px;align-items:center;color:var(--ink)}
.htg input.htg-field,.htg select.htg-field,.htg textarea.htg-field{font:inherit;color:var(--ink);background:var(--raised);border:1px solid var(--line);
 border-radius:7px;padding:6px 9px;width:100%;margin:0;height:auto;box-shadow:none}
.htg textarea.htg-field{min-height:64px;resize:vertical}
.htg .htg-field:focus-visible{outline:2px solid var(--accent);outline-offset:0}
.htg-scope{padding:9px 14px;border-bottom:1px solid var(--line);background:var(--raised)}
.htg-scope b{font-size:15px;font-variant-numeric:tabular-nums}
.htg-actions{display:flex;gap:8px;align-items:center;flex-wrap:wrap}
.htg-strip{display:flex;gap:10px;align-items:center;padding:9px 14px;border-top:1px solid var(--line);background:var(--raised);flex:none;flex-wrap:wrap}
.htg-strip .htg-gap{flex:1}
.htg-progress{flex:1;min-width:140px;height:8px;border-radius:999px;background:var(--line);overflow:hidden}
.htg-progress i{display:block;height:100%;background:var(--accent);width:0;transition:width .1s linear}
.htg-figures{display:flex;gap:10px;flex-wrap:wrap;margin:0 0 10px}
.htg-figure{border:1px solid var(--line);border-radius:9px;padding:8px 12px;min-width:112px;background:var(--raised)}
.htg-figure b{display:block;font-size:18px;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.25}
.htg-figure span{color:var(--soft);font-size:12px}
.htg-brake{border-left:3px solid var(--bad-ink);background:var(--bad);color:var(--bad-ink);padding:7px 10px;border-radius:0 7px 7px 0;margin:6px 0}
.htg-drop{border:1.5px dashed var(--line);border-radius:9px;padding:16px 10px;text-align:center;color:var(--soft)}
.htg-drop[data-over=yes]{border-color:var(--accent);color:var(--ink)}
`;

// The style alone, for the grid's own panel.
export function wear(page) {
  page.root.append(make("style", { text: DESK_STYLE }));
}

export function dress(page) {
  wear(page);
  page.root.classList.add("htg-desk");
}
