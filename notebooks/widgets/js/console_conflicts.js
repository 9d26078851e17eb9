// Conflicts side by side: a pick for each field, the same pick for all of its kind, one button that writes them.
import { button, make, number, several, text } from "./dom.js";

const SIDES = [["highlevel", "HighLevel"], ["timetonic", "TimeTonic"]];

export function drawConflicts(place, { groups, total }, { onSettle }) {
  const picks = new Map(); // conflict id -> {choice, value}
  const all = groups.flatMap((group) => group.fields.map((each) => ({ ...each, kind: group.kind })));
  if (!total) {
    place.replaceChildren(make("p", { class: "htg-empty", text: "✓ Nothing waits for a decision." }));
    return;
  }
  const settle = button("", () => onSettle([...picks].map(([id, pick]) => ({ id, ...pick }))), { class: "htg-button is-first" });
  const renew = () => {
    settle.textContent = picks.size ? `Settle ${several(picks.size, "field")}` : "Pick a value first";
    settle.disabled = picks.size === 0;
    for (const row of place.querySelectorAll("[data-conflict]")) {
      const pick = picks.get(row.dataset.conflict);
      for (const one of row.querySelectorAll("[data-choice]")) one.setAttribute("aria-pressed", String(pick?.choice === one.dataset.choice));
    }
  };
  const choose = (field, pick) => {
    picks.set(field.id, pick);
    renew();
  };
  const chooseAlike = (field, choice) => {
    for (const each of all) if (each.field === field.field && each.kind === field.kind) picks.set(each.id, { choice });
    renew();
  };
  const more = total - all.length;
  place.replaceChildren(
    make("div", { class: "htg-actions" }, make("b", { text: `${several(total, "field")} in ${several(groups.length, "record")}` }),
      make("span", { class: "htg-sub", text: "The other value stays in the activity log; a choice is void if a value changed since." }),
      make("span", { class: "htg-gap" }), settle),
    ...groups.map((group) => drawGroup(group, { choose, chooseAlike })),
    ...(more > 0 ? [make("p", { class: "htg-sub", text: `and ${number(more)} more fields, shown when these are settled` })] : []),
  );
  renew();
}

function drawGroup(group, { choose, chooseAlike }) {
  const rows = group.fields.map((field) => drawField(field, { choose, chooseAlike }));
  const head = make("tr", {}, ...["Field", "Was", ...SIDES.map(([, label]) => label), "Another value", ""].map((each) => make("th", { text: each })));
  return make("section", { class: "htg-conflict" },
    make("h3", { text: `${group.name || group.kind} · since ${group.since} UTC` }),
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

function drawField(field, { choose, chooseAlike }) {
  const sides = SIDES.map(([side]) => make("td", {}, button(text(field[side]) || "(blank)", () => choose(field, { choice: side }), {
    class: "htg-button htg-pick", "data-choice": side, "aria-pressed": "false",
  })));
  const other = make("input", { class: "htg-field", "aria-label": `Another value for ${field.field}`, "data-choice": "value", "aria-pressed": "false" });
  other.oninput = () => choose(field, { choice: "value", value: other.value });
  const alike = make("select", { class: "htg-field", "aria-label": `The same for all conflicts of ${field.field}` },
    make("option", { value: "", text: `${number(field.similar)} more like it…` }),
    ...SIDES.map(([side, label]) => make("option", { value: side, text: `all from ${label}` })));
  alike.onchange = () => { if (alike.value) chooseAlike(field, alike.value); };
  return make("tr", { "data-conflict": field.id },
    make("td", { text: field.field.replaceAll("_", " ") }), make("td", { class: "htg-value", text: text(field.base) || "(blank)" }),
    ...sides, make("td", {}, other), make("td", {}, field.similar ? alike : null));
}
