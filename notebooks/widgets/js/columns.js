// Columns and cells.
import { part, text } from "./dom.js";

const SIGNS = {
  "in step": "✓",
  waiting: "◷",
  conflict: "≠",
  parked: "‖",
  "one side only": "◐",
};
const MOST_TAGS = 4;

export function current(row, field) {
  const mark = row?.staged?.[field];
  return mark ? mark.new : row?.v?.[field];
}

export function columnDefs(columns, onEdit) {
  return columns.map((column) => ({
    colId: column.field,
    headerName: column.title,
    headerTooltip: [column.sides.join(" and "), column.hint, column.objection].filter(Boolean).join(". "),
    pinned: column.is_pinned ? "left" : null,
    width: Math.max(column.width_px, 8 * column.title.length + 46),
    editable: column.is_editable,
    sortable: true,
    cellClass: column.hint || column.objection ? "is-fixed" : "",
    valueGetter: (cell) => text(current(cell.data, column.field)),
    valueSetter: (cell) => {
      onEdit(cell.data, column.field, cell.newValue ?? "");
      return false; // drawn anew when Python has read it
    },
    cellRenderer: (cell) => draw(cell.data, column),
    tooltipValueGetter: (cell) => hint(cell.data, column),
    cellClassRules: {
      "htg-bad": (cell) => Boolean(cell.data?.staged?.[column.field]?.problem),
      "htg-changed": (cell) => cell.data?.staged?.[column.field]?.problem === "",
      "htg-differs": (cell) => Boolean(cell.data?.differs?.[column.field]) && !cell.data.staged?.[column.field],
    },
    ...editor(column),
    ...filter(column),
  }));
}

function editor(column) {
  if (column.choices.length === 0 || column.is_open || column.type === "list") return {};
  return { cellEditor: "agSelectCellEditor", cellEditorParams: { values: ["", ...column.choices] } };
}

function filter(column) {
  const common = { maxNumConditions: 1, buttons: ["reset"], debounceMs: 300 };
  if (column.type === "sync") return { filter: false };
  if (column.type === "number") {
    const filterOptions = ["equals", "inRange", "greaterThanOrEqual", "lessThanOrEqual", "blank", "notBlank"];
    return { filter: "agNumberColumnFilter", filterParams: { ...common, filterOptions } };
  }
  return {
    filter: "agTextColumnFilter",
    filterParams: { ...common, filterOptions: ["contains", "equals", "blank", "notBlank"] },
  };
}

export function readFilter(model) {
  switch (model.type) {
    case "blank": return { test: "blank" };
    case "notBlank": return { test: "filled" };
    case "contains": return { test: "holds", values: [model.filter] };
    case "inRange": return { test: "between", values: [model.filter, model.filterTo] };
    case "greaterThanOrEqual": return { test: "between", values: [model.filter, null] };
    case "lessThanOrEqual": return { test: "between", values: [null, model.filter] };
    default: return { test: "equals", values: [model.filter] };
  }
}

// The other way round, for a filter that another panel asks for.
export function writeFilter({ test, values = [] }) {
  const [first, last] = values;
  switch (test) {
    case "blank": return { type: "blank" };
    case "filled": return { type: "notBlank" };
    case "holds": return { type: "contains", filter: first };
    case "between":
      if (first === null) return { type: "lessThanOrEqual", filter: last };
      if (last === null) return { type: "greaterThanOrEqual", filter: first };
      return { type: "inRange", filter: first, filterTo: last };
    default: return { type: "equals", filter: first };
  }
}

function draw(row, column) {
  const cell = document.createElement("div");
  cell.className = "htg-cell";
  if (!row) {
    cell.append(part("span", "…"));
    return cell;
  }
  const mark = row.staged?.[column.field];
  const value = current(row, column.field);
  if (column.type === "sync") {
    cell.append(part("em", SIGNS[value] ?? "?"), part("span", value));
    return cell;
  }
  if (mark) {
    // Colour is never the only sign: a letter says what the colour says.
    cell.classList.add(mark.problem ? "is-bad" : "is-changed");
    cell.append(part("em", mark.problem ? "⚠" : "✎"));
  } else if (row.differs?.[column.field]) cell.append(part("em", "⇄"));
  if (column.type === "list" && Array.isArray(value)) tags(cell, value);
  else cell.append(part("span", text(value) || (mark ? "(blank)" : "")));
  if (mark && text(mark.old)) cell.append(part("s", text(mark.old)));
  return cell;
}

function tags(cell, values) {
  cell.classList.add("is-list");
  for (const value of values.slice(0, MOST_TAGS)) {
    const tag = part("span", value);
    tag.className = "htg-tag";
    cell.append(tag);
  }
  if (values.length > MOST_TAGS) cell.append(part("span", `+${values.length - MOST_TAGS}`));
}

function hint(row, column) {
  const mark = row?.staged?.[column.field];
  if (mark?.problem) return `${mark.problem}. It was ${text(mark.old) || "blank"}.`;
  if (mark) return `Not sent yet. It was ${text(mark.old) || "blank"}.`;
  const differs = row?.differs?.[column.field];
  if (differs) return Object.entries(differs).map(([side, value]) => `${side}: ${text(value) || "blank"}`).join("; ");
  if (column.type === "sync") return row?.reason || null;
  const whole = text(row?.v?.[column.field]);
  return whole.length > 24 ? whole : null;
}
