// A plan before it is carried out, and a report after: counts per direction, brakes, what stands against it.
import { button, make, number, several } from "./dom.js";

const VERBS = ["create", "update", "delete"];

export function drawPlan(place, plan, { onApprove }) {
  const total = sum(plan.writes);
  const calls = Object.values(plan.calls).reduce((one, other) => one + other, 0);
  place.replaceChildren(
    make("div", { class: "htg-figures" },
      figure(number(total), total === 1 ? "write" : "writes"),
      figure(number(plan.conflicts), plan.conflicts === 1 ? "conflict" : "conflicts"),
      figure(number(sum(plan.held)), "held back"),
      figure(number(calls), "calls, about")),
    total || plan.held.length ? counts(plan.writes) : make("p", { text: "Nothing to write: both sides agree." }),
    ...brake(plan, onApprove),
    ...findings(plan),
  );
}

export function drawReport(place, report, { onApprove, onUndo, onLog, onDecide }) {
  const calls = Object.values(report.calls).reduce((one, other) => one + other, 0);
  const failed = report.failures.length;
  const words = failed ? `${several(failed, "reason")} why something failed` : "no failure";
  place.replaceChildren(
    make("p", {}, make("b", { text: `${failed ? "✕" : "✓"} ${report.verb} done` }), ` in ${report.took_s} s: ${several(report.writes, "write")}, ${words}.`),
    make("div", { class: "htg-figures" },
      figure(number(report.writes), "writes"), figure(number(report.conflicts), "conflicts"),
      figure(number(report.held), "held back"), figure(number(calls), "calls")),
    report.rows.length ? tallies(report.rows) : make("p", { text: "Nothing had to be written." }),
    ...brake({ ...report, held: report.held ? [{}] : [] }, onApprove),
    ...list("Failed; tried again by the next run, or at once by Retry in Activity", report.failures),
    ...list("Left alone for now", report.resting),
    make("div", { class: "htg-actions" }, report.conflicts ? button(`Decide ${several(report.conflicts, "conflict")}`, onDecide, { class: "htg-button is-first" }) : null,
      report.writes ? button("Undo this run", onUndo) : null, button("See its lines", onLog)),
  );
}

function brake(plan, onApprove) {
  if (!plan.held.length) return [];
  const what = make("div", { class: "htg-brake", role: "alert" });
  what.append(make("b", { text: "▲ Held back until you say so" }), ...plan.brakes.map((each) => make("p", { text: each })));
  const held = plan.held[0].kind ? [counts(plan.held)] : [];
  const go = button(`Let it pass, once`, () => onApprove(plan.approval));
  return [what, ...held, make("div", { class: "htg-actions" }, go)];
}

function findings(plan) {
  if (!plan.found) return [];
  const more = plan.found - plan.findings.length;
  return list(`${several(plan.found, "record")} to look at; nothing is written for them`, [...plan.findings, ...(more ? [`and ${number(more)} more`] : [])]);
}

function list(title, lines) {
  if (!lines.length) return [];
  return [make("h3", { text: title }), make("ul", { class: "htg-lines" }, ...lines.map((each) => make("li", { text: each })))];
}

function counts(rows) {
  return table(["What", "Where", "Create", "Update", "Delete"], rows.map((row) => [row.kind, `→ ${row.side}`, ...VERBS.map((verb) => number(row[verb]))]));
}

function tallies(rows) {
  const lines = rows.map(({ kind, side, ...rest }) => [kind, `→ ${side}`, Object.entries(rest).map(([name, count]) => `${number(count)} ${name}`).join(", ")]);
  return table(["What", "Where", "Done"], lines);
}

export function table(titles, rows) {
  const head = make("tr", {}, ...titles.map((each) => make("th", { text: each })));
  const lines = rows.map((row) => make("tr", {}, ...row.map((cell) => (cell instanceof Node ? make("td", {}, cell) : make("td", { text: cell })))));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines));
}

function figure(value, word) {
  return make("div", { class: "htg-figure" }, make("b", { text: value }), make("span", { text: word }));
}

function sum(rows) {
  return rows.reduce((total, row) => total + VERBS.reduce((one, verb) => one + row[verb], 0), 0);
}
