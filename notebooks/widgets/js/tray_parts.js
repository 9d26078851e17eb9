// Plans, batches and what was left undone, as parts of the tray.
import { button, make, number, several, text } from "./dom.js";

const STATES = {
  staged: ["○ kept, not sent", ""], applying: ["… being applied", "warn"], stopped: ["‖ stopped", "warn"],
  partly: ["◐ partly done", "warn"], done: ["✓ done", "good"], reverted: ["↩ taken back", ""],
};
const VERBS = { create: "make", update: "change", delete: "delete" };
const MANY = { contact: "contacts", task: "tasks", note: "notes" };

export const none = (sentence) => [make("div", { class: "htg-empty", text: sentence })];

function table(heads, rows) {
  const head = heads.map(([title, kind]) => make("th", { text: title, scope: "col", class: kind ?? "" }));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
}

function figure(value, title) {
  return make("div", { class: "htg-figure" }, make("b", { text: value }), make("span", { text: title }));
}

export function drawPlan(plan, { onApprove }) {
  const calls = Object.entries(plan.calls);
  const minutes = plan.minutes < 1 ? "under 1" : number(Math.round(plan.minutes));
  const left = plan.left_today === null ? "" : `, ${number(plan.left_today)} calls left`;
  const figures = make(
    "div", { class: "htg-figures" },
    figure(number(plan.to_do), `changes of ${several(plan.contacts, "contact")}`),
    figure(number(calls.reduce((sum, [, count]) => sum + count, 0)), `API calls: ${calls.map(([side, count]) => `${side} ${number(count)}`).join(", ")}`),
    figure(minutes, "minutes, about"),
    figure(plan.share_of_day < 0.001 ? "under 0.1 %" : `${(100 * plan.share_of_day).toFixed(1)} %`, `of HighLevel's day${left}`),
  );
  const brakes = plan.brakes.map((each) => make("div", { class: "htg-brake", text: `A brake holds this: ${each}` }));
  const approve = onApprove ? make("div", { class: "htg-actions" }, button("Approve and apply", onApprove, { class: "htg-button is-first" })) : null;
  const rows = plan.operations.map((each) => make(
    "tr", {}, make("td", { text: each.side }), make("td", { text: `${VERBS[each.verb] ?? each.verb} ${MANY[each.kind] ?? each.kind}` }),
    make("td", { class: "is-number", text: number(each.count) }),
  ));
  const operations = rows.length ? table([["System"], ["What"], ["Writes", "is-number"]], rows) : null;
  const done = plan.done ? make("p", { class: "htg-sub", text: `${several(plan.done, "change")} stand${plan.done === 1 ? "s" : ""} so already.` }) : null;
  const rest = plan.left_total ? [make("h3", { text: `Will be left alone: ${number(plan.left_total)}` }), drawLines(plan.left)] : [];
  return [figures, ...brakes, approve, operations, done, ...rest].filter(Boolean);
}

// Changes that are not done, and why; `now` is what somebody else wrote meanwhile.
export function drawLines(lines) {
  const rows = lines.map((each) => {
    const now = text(each.now) ? ` It says “${text(each.now)}” now.` : "";
    return make(
      "tr", {}, make("td", { text: text(each.name) }), make("td", { text: each.what }),
      make("td", {}, each.old === null && each.new === null ? "" : `${text(each.old) || "(blank)"} → ${text(each.new) || "(blank)"}`),
      make("td", {}, make("span", { class: "htg-badge", "data-tone": each.state === "failed" || each.state === "refused" ? "bad" : "warn", text: each.state }), ` ${each.reason}${now}`),
    );
  });
  return table([["Contact"], ["What"], ["Old → new"], ["Why not"]], rows);
}

export function drawReverted({ batch, kept, kept_total: total }) {
  if (!total) return [];
  const rows = kept.map((each) => make(
    "tr", {}, make("td", { text: text(each.name) }), make("td", { text: each.what }), make("td", { text: each.side }), make("td", { text: each.reason }),
  ));
  return [
    make("h3", { text: `Of “${batch.name || batch.id}” not taken back, because somebody else changed it since: ${number(total)}` }),
    table([["Contact"], ["What"], ["Where"], ["Why"]], rows),
  ];
}

export function drawBatches(batches, acts) {
  if (!batches.length) return none("No batch yet. What you apply is kept here, with a way back.");
  return [table([["When (UTC)"], ["Batch"], ["State"], ["Changes", "is-number"], [""]], batches.flatMap((each) => batchRows(each, acts)))];
}

function batchRows(batch, acts) {
  const [word, tone] = STATES[batch.state] ?? [batch.state, ""];
  const more = make("tr", { hidden: true }, make("td", { colspan: "5" }));
  const open = async () => {
    if (!more.hidden) {
      more.hidden = true;
      return;
    }
    const found = await acts.onLines(batch.id);
    if (!found) return;
    const rest = found.left_total > found.left.length ? [make("p", { class: "htg-sub", text: `and ${number(found.left_total - found.left.length)} more` })] : [];
    more.firstChild.replaceChildren(...(found.left_total ? [drawLines(found.left), ...rest] : none("Every change of it is done.")));
    more.hidden = false;
  };
  const act = (title, verb) => button(title, () => acts.onAct(verb, batch.id), { class: "htg-button is-small", disabled: acts.isBusy });
  const doable = [
    batch.can_resume ? act(batch.can_forget ? "Apply" : "Resume", "resume") : null,
    batch.can_retry ? act("Retry failed", "retry") : null,
    batch.can_revert ? act("Revert batch", "revert") : null,
    button("Details", open, { class: "htg-button is-small" }),
    button("Save recipe", () => acts.onRecipe(batch.id), { class: "htg-button is-small" }),
    batch.can_forget ? button("Forget", () => acts.onForget(batch.id), { class: "htg-button is-small" }) : null,
  ].filter(Boolean);
  const counts = Object.entries(batch.counts).map(([state, count]) => `${number(count)} ${state}`).join(", ");
  const row = make(
    "tr", { "data-batch": batch.id }, make("td", { text: text(batch.at) }),
    make("td", {}, make("span", { text: batch.name || batch.id }), make("span", { class: "htg-from", text: batch.said || counts })),
    make("td", {}, make("span", { class: "htg-badge", "data-tone": tone, text: word })),
    make("td", { class: "is-number", text: number(batch.items) }), make("td", {}, make("div", { class: "htg-actions" }, ...doable)),
  );
  return [row, more];
}
