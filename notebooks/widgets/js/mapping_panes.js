// What stands below the columns: one line with its samples, suggestions, changes, the plan.
import { button, make, number, part, several } from "./dom.js";

const blank = () => make("em", { text: "(blank)" });
const cell = (value) => (value ? part("td", value) : make("td", {}, value === null ? make("em", { text: "not read" }) : blank()));

export function problems(list) {
  return list.map((each) => make("div", { class: `map-problem${each.refused ? " is-refused" : ""}`, text: `${each.refused ? "⚠ " : ""}${each.said}` }));
}

function select(label, options, value, onchange) {
  const made = make("select", { "aria-label": label, onchange: () => onchange(made.value) },
    ...options.map(([name, title]) => make("option", { value: name, text: title, selected: name === value })));
  return make("label", { text: label }, made);
}

function tick(label, isOn, onchange) {
  const box = make("input", { type: "checkbox", onchange: () => onchange(box.checked) });
  box.checked = isOn;
  return make("label", { class: "is-tick" }, box, part("span", label));
}

function field(label, value, onchange, settings = {}) {
  const box = make(settings.isLong ? "textarea" : "input", { type: settings.isLong ? undefined : "text", "aria-label": label, value: value ?? "", placeholder: settings.placeholder, rows: settings.isLong ? 2 : undefined });
  box.onchange = () => onchange(box.value);
  return make("label", { text: label }, box);
}

export function linePane(line, { view, choices, rows, change, match, remove }) {
  const entry = line.entry;
  const isMade = choices.made.includes(entry.type);
  const set = (key) => (value) => change(line.name, key, value);
  const title = (side) => [entry[side] ?? []].flat().map((name) => view.fields[side].find((each) => each.name === name)?.title ?? name).join(" + ");
  const form = make("div", { class: "map-form" });
  if (!isMade) {
    const types = choices.types.filter(([name]) => name !== "name" || [entry.highlevel].flat().length > 1 || entry.type === "name");
    const policies = choices.policies.filter(([, , suits]) => !suits || suits.includes(entry.type));
    form.append(
      select("Transform", types, entry.type, set("type")),
      select("Direction", choices.directions, entry.direction, set("direction")),
      select("When both sides changed", policies, entry.on_conflict, set("on_conflict")),
    );
    if (["choice", "multi_choice"].includes(entry.type)) form.append(tick("Take options nobody listed", Boolean(entry.open), set("open")));
    if (["choice", "multi_choice"].includes(entry.type)) form.append(spellings(entry, view, set("options")));
    if (["tags", "multi_choice"].includes(entry.type)) form.append(field("In one text, parted by", entry.separator, set("separator"), { placeholder: "not in one text" }));
    if (entry.type === "phone") form.append(field("Country of short numbers", entry.region, set("region"), { placeholder: "the location's" }));
    if (!["tags", "multi_choice"].includes(entry.type)) form.append(tick("Pair records by it (match key)", line.is_match, (isOn) => match(line.name, isOn)));
  }
  if (entry.type === "template") form.append(field("Text made of fields", entry.template, set("template"), { isLong: true }));
  const heading = isMade
    ? `${title("highlevel") || title("timetonic")}: ${line.chip}`
    : `${title("highlevel")} ↔ ${title("timetonic")}`;
  return [
    make("h4", {}, part("span", heading), make("small", { text: line.name }), button("Remove line", () => remove(line.name))),
    ...problems(line.problems),
    form,
    ...samplesTable(rows),
  ];
}

// One option a line; where the systems spell it differently: `neutral = HighLevel's | TimeTonic's`.
function spellings(entry, view, set) {
  const line = ([value, each]) => (each ? `${value} = ${each.highlevel ?? value} | ${each.timetonic ?? value}` : value);
  const written = Object.entries(entry.options ?? {}).map(line).join("\n");
  const known = ["highlevel", "timetonic"].flatMap((side) => [entry[side] ?? []].flat().flatMap((name) => view.fields[side].find((each) => each.name === name)?.options ?? []));
  const box = field("Options, one a line: name = HighLevel's | TimeTonic's", written, (typed) => set(readSpellings(typed)), { isLong: true, placeholder: known.length ? [...new Set(known)].join("\n") : "gold = Gold plan | GOLD" });
  return box;
}

export function readSpellings(typed) {
  const found = {};
  for (const line of typed.split("\n").map((each) => each.trim()).filter(Boolean)) {
    const [value, rest] = line.split("=").map((each) => each.trim());
    const [highlevel, timetonic] = (rest ?? "").split("|").map((each) => each.trim());
    const differs = { ...(highlevel && highlevel !== value ? { highlevel } : {}), ...(timetonic && timetonic !== value ? { timetonic } : {}) };
    found[value] = Object.keys(differs).length ? differs : null;
  }
  return Object.keys(found).length ? found : null;
}

function samplesTable(trial) {
  if (!trial) return [part("p", "Trying it on your records…")];
  if (!trial.tried) return [part("p", "There is no record to try it on yet: sync first.")];
  const table = make("table", { "aria-label": "What it makes of your records" });
  table.append(make("tr", {}, ...["#", "Record", "From", "Value", "Would be written", "Stands there now", ""].map((each) => part("th", each))));
  for (const [count, who, side, given, result, stands, problem] of trial.rows) {
    table.append(make("tr", { class: problem ? "is-bad" : "" }, part("td", number(count)), part("td", who), part("td", side),
      cell(given), problem ? part("td", "nothing") : cell(result), cell(stands), part("td", problem ? `⚠ ${problem}` : "")));
  }
  const isKnown = trial.rows.some((row) => row[3] !== null);
  const failed = !isKnown ? "No value of it has been read yet. Read samples with Changes ▸ Read fields again." : trial.failures ? `⚠ ${several(trial.failures, "record")} of ${number(trial.tried)} would fail: these values are left as they are.` : `Tried on ${several(trial.tried, "record")}: all can be read and written.`;
  return [part("p", failed), table];
}

export function pickedPane(picked, { title, compute }) {
  const label = picked.side === "highlevel" ? "HighLevel" : "TimeTonic";
  const box = make("textarea", { rows: 2, "aria-label": "Text made of fields", placeholder: "{{ name }} ({{ company }})" });
  return [
    make("h4", {}, part("span", `${label} ${title}`), make("small", { text: picked.name })),
    part("p", "Drag it onto a field of the other side, or pick that one with a click or Enter. Escape lets go."),
    make("div", { class: "map-form" }, make("label", { text: "Or fill it with a text made of other fields" }, box),
      button("Fill it so", () => box.value.trim() && compute(picked, box.value))),
  ];
}

export function likelyPane(view, { accept, suggest, title }) {
  const found = view.likely;
  if (!found.length) {
    return [make("h4", {}, part("span", "Suggestions")), part("p", view.suggested === 0 ? "No more fields look alike." : "Fields that look alike, by name, by type and by what stands in them."),
      button("Look for fields that belong together", suggest)];
  }
  const table = make("table");
  table.append(make("tr", {}, ...["HighLevel", "TimeTonic", "Likeness", "Why", ""].map((each) => part("th", each))));
  for (const [highlevel, timetonic, score, reasons] of found) {
    table.append(make("tr", {}, part("td", title("highlevel", highlevel)), part("td", title("timetonic", timetonic)),
      part("td", `${Math.round(score * 100)} %`), part("td", reasons.join(", ")), make("td", {}, button("Accept", () => accept([[highlevel, timetonic]])))));
  }
  return [make("h4", {}, part("span", several(found.length, "suggestion")), button(`Accept all ${number(found.length)}`, () => accept(found.map((each) => each.slice(0, 2))))), table];
}

export function changesPane(view, { save, plan, back, reload }) {
  const foot = make("div", { class: "map-form" },
    button("Save to hightonic.yaml", save, { class: "htg-button is-main", disabled: !view.can_save }),
    button("Plan: what would a sync do?", plan, { disabled: !view.can_save }),
    button("Take the last save back", back), button("Read fields again", reload));
  const list = view.changes.length ? view.changes.map((each) => part("p", each)) : [part("p", "Nothing is changed. What you draw is kept here until you save; nothing is written to HighLevel or TimeTonic.")];
  return [make("h4", {}, part("span", view.changes.length ? several(view.changes.length, "change") : "Changes")), ...problems(view.problems), ...list, ...(view.consequence ? [make("div", { class: "map-problem", text: `⚠ ${view.consequence}` })] : []), foot];
}

export function planPane(state, { plan, stop, save, canSave, consequence }) {
  if (state.running) {
    const done = state.progress ? `${state.progress.what}: ${number(state.progress.done)}${state.progress.total ? ` of ${number(state.progress.total)}` : ""}` : "Reading both systems through your draft";
    return [make("h4", {}, part("span", "Planning")), make("p", { role: "status", text: `${done}…` }), button("Stop", stop)];
  }
  if (!state.plan) {
    return [make("h4", {}, part("span", "Plan")), part("p", "Reads both systems through your draft and counts what the next sync would write. Nothing is written, nothing is remembered."),
      button("Make the plan", plan, { disabled: !canSave })];
  }
  return planned(state, { plan, save, canSave, consequence });
}

function planned({ plan: made, isOld }, { plan, save, canSave, consequence }) {
  const calls = Object.entries(made.calls).map(([side, count]) => `${side} ${several(count, "call")}`).join(", ");
  const facts = [
    made.records ? `${several(made.records, "record")} would be written${made.held ? `, ${number(made.held)} of them only after an approval` : ""} (${calls}).` : "A sync under this mapping would write nothing.",
    ...made.created, ...made.deleted, ...(made.joined ? [`${several(made.joined, "pair")} found by match keys`] : []), ...made.left_out,
  ];
  const table = make("table");
  table.append(make("tr", {}, ...["Field", "", "→ HighLevel", "→ TimeTonic", "Emptied", "For a person to decide"].map((each, index) => make("th", { class: index > 1 ? "is-number" : "", text: each }))));
  for (const each of made.fields) {
    const counts = [each.highlevel, each.timetonic, each.blanked, each.conflicts];
    table.append(make("tr", { class: each.is_changed ? "is-changed" : "" }, part("td", `${each.kind}: ${each.field}`), part("td", each.is_changed ? "by your change" : "anyway"),
      ...counts.map((count) => make("td", { class: "is-number", text: count ? number(count) : "–" }))));
  }
  return [
    make("h4", {}, part("span", isOld ? "Plan of an earlier draft" : "What the next sync would do"), button("Plan again", plan, { disabled: !canSave }),
      button("Save to hightonic.yaml", save, { class: "htg-button is-main", disabled: !canSave })),
    ...(consequence ? [make("div", { class: "map-problem", text: `⚠ ${consequence}` })] : []),
    ...made.brakes.map((each) => make("div", { class: "map-problem", text: `⚠ A brake would hold this for approval: ${each}` })),
    ...facts.map((each) => part("p", each)),
    ...(made.fields.length ? [table] : []),
  ];
}
