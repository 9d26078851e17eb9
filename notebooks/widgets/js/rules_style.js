export const RULES_STYLE = `
.htg .rul-body{display:grid;grid-template-columns:minmax(260px,30%) 1fr}
.htg .rul-list{border-right:1px solid var(--line);overflow:auto;padding:10px 12px;background:var(--raised)}
.htg .rul-edit{overflow:auto;padding:12px 16px 16px}
.htg .rul-list h4,.htg .rul-edit h4{margin:14px 0 6px;font-size:12.5px;font-weight:600;color:var(--soft)}
.htg .rul-list h4:first-child,.htg .rul-edit h4:first-child{margin-top:0}
.htg ul.rul-items{list-style:none;margin:0;padding:0;display:flex;flex-direction:column;gap:6px}
.htg li.rul-item{display:grid;grid-template-columns:auto 1fr auto;gap:2px 8px;align-items:center;border:1px solid var(--line);border-radius:9px;
 background:var(--ground);padding:7px 9px;position:relative;margin:0}
.htg li.rul-item.is-chosen{border-color:var(--accent);box-shadow:inset 3px 0 0 var(--accent)}
.htg li.rul-item.is-bad{border-color:var(--bad-ink);border-style:dashed}
.htg li.rul-item.is-lifted{opacity:.55;box-shadow:0 4px 14px rgba(0,0,0,.25)}
.htg li.rul-item.is-off b{color:var(--soft);font-weight:400}
.htg button.rul-grip{font:inherit;color:var(--soft);background:none;border:0;padding:2px 4px;cursor:grab;height:auto;touch-action:none;min-width:0}
.htg button.rul-open{font:inherit;color:inherit;background:none;border:0;text-align:left;padding:0;cursor:pointer;height:auto;overflow:hidden}
.htg button.rul-open b{display:block;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.htg button.rul-open span{display:block;color:var(--soft);font-size:12px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.htg button.rul-switch{font:inherit;font-size:12px;border:1px solid var(--line);border-radius:999px;background:var(--raised);color:var(--soft);
 padding:1px 10px;cursor:pointer;height:auto;min-width:44px}
.htg button.rul-switch[aria-checked=true]{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
.htg[data-ag-theme-mode=dark] button.rul-switch[aria-checked=true]{color:#0d1524}
.htg .rul-recipe{border:1px solid var(--line);border-radius:9px;background:var(--ground);padding:7px 9px;margin-bottom:6px;display:grid;grid-template-columns:1fr auto auto;gap:4px 8px;align-items:center}
.htg .rul-recipe span{color:var(--soft);font-size:12px;grid-column:1/4}
.htg .rul-top{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:end;margin-bottom:6px}
.htg .rul-top label,.htg .rul-blanks label{display:flex;flex-direction:column;gap:3px;font-size:12px;color:var(--soft)}
.htg .rul-edit input[type=text],.htg .rul-edit input[type=number],.htg .rul-edit select,.htg .rul-edit textarea{font:inherit;color:var(--ink);background:var(--raised);
 border:1px solid var(--line);border-radius:7px;padding:5px 8px;min-width:130px}
.htg .rul-edit textarea{min-width:300px;min-height:34px}
.htg .rul-top input[type=text]{min-width:280px;font-weight:600}
.htg .rul-section{border:1px solid var(--line);border-radius:10px;padding:10px 12px;margin:10px 0}
.htg .rul-section>header{display:flex;gap:10px;align-items:center;margin-bottom:7px;font-weight:600}
.htg .rul-section>header small{font-weight:400;color:var(--soft)}
.htg .rul-section.is-bad{border-color:var(--bad-ink)}
.htg li.rul-card{grid-template-columns:auto minmax(110px,auto) 1fr auto;align-items:start}
.htg li.rul-card>b{padding:5px 0;font-weight:600}
.htg .rul-blanks{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:end}
.htg .rul-blanks label.is-tick{flex-direction:row;gap:6px;align-items:center;padding:5px 0;color:var(--ink);font-size:13px}
.htg .rul-add{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
.htg .rul-bad{grid-column:1/-1;color:var(--bad-ink);font-weight:600;font-size:12.5px}
.htg .rul-touched{margin-top:8px}
.htg .rul-touched ul{columns:2;margin:4px 0 0;padding-left:18px;color:var(--soft);font-size:12.5px}
.htg .rul-foot{display:flex;flex-wrap:wrap;gap:10px;align-items:center;padding:9px 14px;border-top:1px solid var(--line)}
.htg .rul-foot span{flex:1;min-width:200px}
.htg .rul-foot span.is-bad{color:var(--bad-ink);font-weight:600}
.htg .rul-empty{color:var(--soft);padding:30px 10px;text-align:center}
`;
