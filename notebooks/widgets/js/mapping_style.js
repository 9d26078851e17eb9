export const MAPPING_STYLE = `
.htg .map-tabs{display:flex;gap:4px}
.htg button.map-tab{font:inherit;color:var(--soft);background:none;border:0;border-bottom:2px solid transparent;border-radius:0;
 padding:6px 8px;cursor:pointer;height:auto}
.htg button.map-tab[aria-selected=true]{color:var(--ink);border-color:var(--accent);font-weight:600}
.htg button.map-tab i{font-style:normal;margin-left:5px;font-variant-numeric:tabular-nums}
.htg button.map-tab i.is-bad{color:var(--bad-ink);font-weight:700}
.htg .map-loud{display:flex;gap:10px;align-items:baseline;padding:8px 14px;background:var(--bad);color:var(--bad-ink);font-weight:600}
.htg .map-loud.is-mild{background:var(--changed);color:var(--changed-ink)}
.htg .map-loud button.htg-button{margin-left:auto}
.htg .map-stage{overflow:auto;position:relative;border-bottom:1px solid var(--line)}
.htg .map-heads,.htg .map-rows{display:grid;grid-template-columns:minmax(230px,36%) minmax(150px,1fr) minmax(230px,36%)}
.htg .map-heads{position:sticky;top:0;z-index:4;background:var(--ground);border-bottom:1px solid var(--line);padding:8px 14px}
.htg .map-head{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center}
.htg .map-head b{font-size:14px}
.htg .map-head span{color:var(--soft)}
.htg .map-head input.htg-search{width:100%;padding:5px 9px}
.htg select.map-table{font:inherit;color:var(--soft);background:var(--ground);border:1px solid var(--line);border-radius:6px;padding:1px 4px}
.htg .map-rows{position:relative;padding:8px 14px 14px}
.htg .map-rows svg{position:absolute;left:0;top:0;width:100%;height:100%;pointer-events:none;overflow:visible}
.htg .map-col{display:flex;flex-direction:column;gap:5px;position:relative}
.htg .map-gap{height:40px}
.htg .map-title{height:24px;padding-top:6px;color:var(--soft);font-size:12px;font-weight:600}
.htg button.map-field{font:inherit;color:inherit;text-align:left;display:grid;grid-template-columns:1fr auto;gap:0 8px;width:100%;
 height:40px;padding:2px 12px;border:1px solid var(--line);border-radius:8px;background:var(--raised);cursor:grab;touch-action:none;
 position:relative;line-height:1.3;align-items:center;user-select:none}
.htg button.map-field b{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.htg button.map-field i{font-style:normal;font-size:11.5px;color:var(--soft);white-space:nowrap}
.htg button.map-field span{grid-column:1/3;font-size:12px;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-height:15px}
.htg button.map-field i.is-required{color:var(--bad-ink);font-weight:700}
.htg button.map-field::after{content:"";position:absolute;top:15px;width:9px;height:9px;border-radius:50%;background:var(--ground);border:2px solid var(--line)}
.htg .map-col.is-highlevel button.map-field::after{right:-6px}
.htg .map-col.is-timetonic button.map-field::after{left:-6px}
.htg button.map-field.is-mapped{background:var(--ground)}
.htg button.map-field.is-mapped::after{background:var(--accent);border-color:var(--accent)}
.htg button.map-field[aria-pressed=true]{outline:2px solid var(--accent);outline-offset:1px}
.htg button.map-field.is-over{outline:2px solid var(--accent);background:var(--differs)}
.htg button.map-field.is-over.is-misfit{outline:2px dashed var(--bad-ink);background:var(--bad)}
.htg button.map-field.is-odd{opacity:.62;cursor:default}
.htg .map-line{fill:none;stroke:var(--soft);stroke-width:1.8;opacity:.75}
.htg .map-line.is-changed{stroke:var(--accent);stroke-width:2.4;opacity:1}
.htg .map-line.is-bad{stroke:var(--bad-ink);stroke-dasharray:6 5;stroke-width:2.2;opacity:1}
.htg .map-line.is-selected{stroke:var(--accent);stroke-width:3.4;opacity:1}
.htg .map-line.is-selected.is-bad{stroke:var(--bad-ink)}
.htg .map-line.is-likely{stroke:var(--accent);stroke-dasharray:2 5;opacity:.8}
.htg .map-line.is-ghost{stroke:var(--accent);stroke-width:2.6;opacity:1}
.htg .map-line.is-ghost.is-misfit{stroke:var(--bad-ink);stroke-dasharray:6 5}
.htg button.map-chip{font:inherit;font-size:12.5px;line-height:1.4;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:999px;
 padding:1px 10px;position:absolute;transform:translate(-50%,-50%);cursor:pointer;white-space:nowrap;height:auto;z-index:2;min-width:0}
.htg button.map-field,.htg button.map-chip{scroll-margin:84px 0 14px}
.htg button.map-chip.is-changed{border-color:var(--accent);background:var(--differs)}
.htg button.map-chip.is-bad{border-color:var(--bad-ink);border-style:dashed;color:var(--bad-ink);background:var(--bad);font-weight:600}
.htg button.map-chip.is-selected{border-color:var(--accent);box-shadow:0 0 0 2px var(--accent)}
.htg .map-hint{position:fixed;z-index:30;pointer-events:none;background:var(--ink);color:var(--ground);padding:5px 10px;border-radius:7px;
 font-size:12.5px;max-width:320px}
.htg .map-hint.is-misfit{background:var(--bad-ink);color:var(--ground)}
.htg .map-panes{display:flex;gap:4px;padding:4px 10px 0;border-bottom:1px solid var(--line);background:var(--raised)}
.htg .map-pane{padding:10px 14px 12px;min-height:190px;max-height:330px;overflow:auto}
.htg .map-pane h4{margin:0 0 8px;font-size:14px;font-weight:600;display:flex;gap:10px;align-items:center;flex-wrap:wrap}
.htg .map-pane h4 button{font-weight:400;font-size:13px}
.htg .map-pane h4 button.is-main{font-weight:600}
.htg .map-pane h4 small{font-weight:400;color:var(--soft);font-size:12.5px}
.htg .map-pane p{margin:6px 0}
.htg .map-form{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:end;margin-bottom:10px}
.htg .map-form label{display:flex;flex-direction:column;gap:3px;font-size:12px;color:var(--soft)}
.htg .map-form label.is-tick{flex-direction:row;align-items:center;gap:6px;color:var(--ink);font-size:13px;padding-bottom:6px}
.htg .map-form select,.htg .map-form input[type=text],.htg .map-form textarea{font:inherit;color:var(--ink);background:var(--raised);border:1px solid var(--line);
 border-radius:7px;padding:5px 8px;min-width:150px}
.htg .map-form textarea{min-width:340px;min-height:34px}
.htg select:focus-visible,.htg textarea:focus-visible,.htg input:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.htg .map-pane table{border-collapse:collapse;width:100%;font-size:12.5px}
.htg .map-pane th{color:var(--soft);font-weight:600;text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid var(--line);position:static}
.htg .map-pane td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);text-align:left;max-width:300px;overflow:hidden;text-overflow:ellipsis;vertical-align:top}
.htg .map-pane td.is-number,.htg .map-pane th.is-number{text-align:right;font-variant-numeric:tabular-nums}
.htg .map-pane tr.is-bad td{color:var(--bad-ink)}
.htg .map-pane tr.is-changed td:first-child{font-weight:600}
.htg .map-pane td em{color:var(--soft);font-style:normal}
.htg .map-problem{padding:5px 10px;border-radius:7px;background:var(--changed);color:var(--changed-ink);margin:4px 0}
.htg .map-problem.is-refused{background:var(--bad);color:var(--bad-ink)}
.htg .map-live{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.htg button.htg-button.is-main{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
.htg[data-ag-theme-mode=dark] button.htg-button.is-main{color:#0d1524}
.htg button.htg-button.is-main:disabled{opacity:.45}
.htg .map-off{padding:34px 14px;text-align:center;color:var(--soft)}
`;
