// The activity log with its filters, and the runs over time.
import { table } from "./console_plan.js";
import { button, make, several, text } from "./dom.js";
import { draw } from "./tree.js";

const SIGNS = { done: "✓", skipped: "–", failed: "✕", unknown: "?" };

export function drawLog(place, { ask, onRetry }) {
  const run = make("input", { class: "htg-field", placeholder: "Run", "aria-label": "Only this run" });
  const record = make("input", { class: "htg-field", placeholder: "Record's id on either side", "aria-label": "Only this record" });
  const failed = make("input", { type: "checkbox" });
  const lines = make("div");
  const note = make("span", { class: "htg-sub", role: "status" });
  const look = async () => {
    const answer = await ask({ run: run.value.trim(), record: record.value.trim(), failed_only: failed.checked });
    if (!answer) return;
    note.textContent = `${several(answer.lines.length, "line")}${answer.has_more ? ", the newest ones" : ""}`;
    lines.replaceChildren(answer.lines.length ? drawLines(answer.lines) : make("p", { class: "htg-empty", text: "Nothing has been written that fits." }));
  };
  for (const each of [run, record, failed]) each.onchange = look;
  place.look = look;
  place.run = run;
  place.replaceChildren(
    make("div", { class: "htg-actions htg-log-bar" }, run, record, make("label", { class: "is-inline" }, failed, " only what did not work"), note,
      make("span", { class: "htg-gap" }), button("Retry failures", onRetry)),
    lines,
  );
  look();
}

drawLog.only = (place, run) => {
  if (!place.run) return;
  place.run.value = run;
  place.look();
};

drawLog.again = (place) => place.look?.();

function drawLines(lines) {
  const drawn = table(["When (UTC)", "Whose", "What", "Where", "Outcome", "Fields", "Run"], lines.map((line) => [
    line.at, line.who, line.what, line.side || "links only", outcome(line), fields(line), line.run,
  ]));
  for (const row of drawn.tBodies[0].rows) for (const place of [0, 2, 3, 6]) row.cells[place].className = "is-whole";
  return drawn;
}

function outcome(line) {
  const words = `${SIGNS[line.state] ?? "?"} ${line.state}${line.reason ? `: ${line.reason}` : ""}`;
  return line.reference ? `${words} (${line.reference})` : words;
}

function fields(line) {
  const whole = make("details", {}, make("summary", { text: line.fields.map((each) => each.field).join(", ") || "–" }));
  for (const each of line.fields) {
    whole.append(make("p", {}, `${each.field}: `, make("s", { text: text(each.before) || "(blank)" }), ` → ${text(each.after) || "(blank)"}`));
  }
  return whole;
}

export function drawRuns(place, { lines, tree }, { onUndo, onLog }) {
  if (!lines.length) {
    place.replaceChildren(make("p", { class: "htg-empty", text: "Nothing ran yet." }));
    return;
  }
  const rows = lines.map((line) => {
    const counts = Object.entries(line.counts).map(([name, count]) => `${count} ${name}`).join(", ");
    const acts = make("div", { class: "htg-actions" }, button("Lines", () => onLog(line.id), { class: "htg-button is-small" }),
      counts ? button("Undo", () => onUndo(line.id), { class: "htg-button is-small" }) : null);
    return [line.began, line.verb, line.ended, line.took_s === null ? "" : `${Math.round(line.took_s * 10) / 10} s`, counts || "nothing written", acts];
  });
  place.replaceChildren(
    make("div", { class: "pic htg-beats" }, draw(tree)),
    table(["Began (UTC)", "What", "Ended", "Took", "Counts", ""], rows),
  );
}
