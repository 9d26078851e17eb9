// What stands around the grid: bar, chips, list of staged cells, foot.
import { button, make, number, part, text } from "./dom.js";

export function frame(page) {
  const { root, notice, busy } = page;
  const search = make("input", {
    class: "htg-search", type: "search", placeholder: "Name, e-mail, phone, company", "aria-label": "Search contacts",
  });
  const count = make("span", { class: "htg-count", role: "status" });
  const clear = button("Clear filters", null, { class: "htg-button htg-clear", hidden: true });
  const undo = button("Undo typing", null, { class: "htg-button htg-undo", disabled: true });
  const staged = button("Nothing staged", null, { class: "htg-button htg-staged", "aria-expanded": "false" });
  const facets = make("div", { class: "htg-facets", "aria-label": "Filters" });
  const grid = make("div", { class: "htg-grid" });
  const tray = make("div", { class: "htg-tray", hidden: true });
  const summary = make("span");
  const keys = make("span", { text: "/ searches" });
  const bar = make("div", { class: "htg-bar" }, search, count, clear, busy, make("span", { class: "htg-gap" }), undo, staged);
  root.append(
    bar, notice, facets, grid, tray, make("div", { class: "htg-foot" }, summary, keys),
  );
  return { root, bar, search, count, clear, undo, staged, facets, grid, tray, keys, foot: summary };
}

export function drawFacets(place, facets, { titles, chosen, onToggle }) {
  const telling = Object.entries(facets).filter(
    ([field, chips]) => chips.some(([value]) => value !== null) || chosen(field, null),
  );
  const groups = telling.map(([field, chips]) => {
    const group = part("div");
    group.className = "htg-facet";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", titles[field]);
    group.append(part("b", titles[field]));
    for (const [value, count] of chips) {
      const isChosen = chosen(field, value);
      if (count === 0 && !isChosen) continue;
      const chip = part("button", value === null ? "blank" : text(value));
      chip.className = "htg-chip";
      chip.setAttribute("aria-pressed", String(isChosen));
      chip.append(part("i", number(count)));
      chip.onclick = () => onToggle(field, value);
      group.append(chip);
    }
    return group;
  });
  place.replaceChildren(...groups);
}

export function drawStaged(place, cells, { titles, total, onDrop }) {
  const table = part("table");
  const head = part("tr");
  head.append(...["Contact", "Column", "Was", "Will be", ""].map((each) => part("th", each)));
  table.append(head);
  for (const cell of cells) {
    const line = part("tr");
    const drop = part("button", "Drop");
    drop.className = "htg-button";
    drop.onclick = () => onDrop([[cell.id, cell.field]]);
    const after = part("td", cell.problem ? `⚠ ${text(cell.new)}: ${cell.problem}` : text(cell.new) || "(blank)");
    const last = part("td");
    last.append(drop);
    line.append(part("td", cell.name), part("td", titles[cell.field]), part("td", text(cell.old) || "(blank)"), after, last);
    table.append(line);
  }
  const all = part("button", "Drop all");
  all.className = "htg-button";
  all.onclick = () => onDrop(null);
  const more = total > cells.length ? [part("p", `and ${number(total - cells.length)} more`)] : [];
  place.replaceChildren(table, ...more, ...(total ? [all] : [part("p", "Nothing is staged.")]));
}

export function summaryText(found, title) {
  const ends = found.low === null ? "" : `; ${text(found.low)} to ${text(found.high)}`;
  const top = found.top.map((chip) => `${text(chip.value)} ${number(chip.count)}`).join(", ");
  const distinct = `${number(found.distinct)} different`;
  return `${title}: ${number(found.filled)} filled, ${number(found.blank)} blank, ${distinct}${ends}${top ? ` · most often ${top}` : ""}`;
}

export function stagedText(count, problems) {
  if (count === 0) return "Nothing staged";
  const changes = `${number(count)} staged change${count === 1 ? "" : "s"}`;
  return problems ? `${changes}, ${number(problems)} with a problem` : changes;
}
