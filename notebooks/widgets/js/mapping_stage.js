// Two columns of fields in one scroll, and the lines between them in one SVG.
import { make } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";
const SIDES = ["highlevel", "timetonic"];
const LABELS = { highlevel: "HighLevel", timetonic: "TimeTonic" };
const ARROWS = { both: "⇄", to_timetonic: "→", to_highlevel: "←" };
const MOVED_PX = 4;
const EDGE_PX = 36;

export const ends = (entry, side) => (entry[side] === undefined ? [] : [entry[side]].flat());

export class Stage {
  // calls: connect(highlevel, timetonic), select(line name | null), remove(line name), accept(pair), tell(sentence), pick(field | null)
  constructor(height, calls) {
    this.calls = calls;
    this.examples = {};
    this.failures = {};
    this.nodes = { highlevel: new Map(), timetonic: new Map() };
    this.picked = null;
    this.selected = null;
    this.heads = make("div", { class: "map-heads" });
    this.rows = make("div", { class: "map-rows" });
    this.svg = document.createElementNS(NS, "svg");
    this.root = make("div", { class: "map-stage", style: `height:${height}px` }, this.heads, this.rows);
    this.hint = make("div", { class: "map-hint", hidden: true });
    this.root.append(this.hint);
    this.searches = Object.fromEntries(SIDES.map((side) => [side, this.makeSearch(side)]));
    this.titles = Object.fromEntries(SIDES.map((side) => [side, make("span")]));
    const [left, right] = SIDES.map((side) =>
      make("div", { class: "map-head" }, make("b", { text: LABELS[side] }), this.titles[side], this.searches[side]));
    this.heads.append(left, make("span"), right);
    this.watcher = new ResizeObserver(() => this.drawLines());
    this.watcher.observe(this.root);
  }

  makeSearch(side) {
    return make("input", {
      class: "htg-search", type: "search", placeholder: "Search fields", "aria-label": `Search ${LABELS[side]} fields`,
      oninput: () => this.drawFields(),
    });
  }

  // The order of fields stays until another kind is shown, so that nothing jumps while lines are drawn.
  show(view, { isNew }) {
    this.view = view;
    this.byEnd = { highlevel: new Map(), timetonic: new Map() };
    for (const line of view.lines) for (const side of SIDES) for (const end of ends(line.entry, side)) this.byEnd[side].set(end, line);
    if (isNew || !this.order) this.order = arrange(view);
    if (isNew) for (const side of SIDES) this.searches[side].value = "";
    if (!view.lines.some((line) => line.name === this.selected)) this.selected = null;
    this.titles.highlevel.textContent = `${view.title.toLowerCase()} · ${this.byEnd.highlevel.size} of ${view.fields.highlevel.length} mapped`;
    const tables = view.tables.includes(view.table) ? view.tables : [view.table, ...view.tables];
    const table = make("select", { class: "map-table", "aria-label": "Table of the book", onchange: () => this.calls.table(table.value) },
      ...tables.map((each) => make("option", { value: each, text: view.tables.includes(each) ? `table ${each}` : `⚠ no table ${each}`, selected: each === view.table })));
    this.titles.timetonic.replaceChildren(table, ` · ${this.byEnd.timetonic.size} of ${view.fields.timetonic.length} mapped`);
    this.drawFields();
  }

  drawFields() {
    const focused = document.activeElement?.closest?.(".map-field");
    const back = focused && this.root.contains(focused) ? [focused.dataset.side, focused.dataset.name] : null;
    const columns = SIDES.map((side) => this.column(side));
    this.rows.replaceChildren(this.svg, columns[0], make("div"), columns[1]);
    if (back) this.nodes[back[0]].get(back[1])?.focus({ preventScroll: true });
    this.drawLines();
  }

  column(side) {
    const wanted = this.searches[side].value.trim().toLowerCase();
    const fields = new Map(this.view.fields[side].map((each) => [each.name, each]));
    const column = make("div", { class: `map-col is-${side}`, role: "group", "aria-label": `${LABELS[side]} fields` });
    this.nodes[side].clear();
    for (const name of this.order[side]) {
      if (name === null) {
        if (!wanted) column.append(make("div", { class: "map-gap" }));
        continue;
      }
      if (name === "") {
        if (!wanted) column.append(make("div", { class: "map-title", text: "More fields" }));
        continue;
      }
      const field = fields.get(name);
      if (!field || (wanted && !`${field.title} ${field.name} ${field.word}`.toLowerCase().includes(wanted))) continue;
      const node = this.field(side, field);
      this.nodes[side].set(name, node);
      column.append(node);
    }
    if (!this.nodes[side].size) column.append(make("div", { class: "map-title", text: wanted ? "No field is called so" : "No fields" }));
    return column;
  }

  field(side, field) {
    const line = this.byEnd[side].get(field.name);
    const needs = field.required && !line ? "required" : "";
    const access = { read: "read only", create: "new records only" }[field.access] ?? "";
    const example = this.examples[side]?.[field.name];
    const node = make(
      "button",
      {
        class: `map-field${line ? " is-mapped" : ""}${field.type ? "" : " is-odd"}`, type: "button",
        "data-side": side, "data-name": field.name,
        "aria-pressed": String(this.picked?.side === side && this.picked.name === field.name),
        "aria-label": `${LABELS[side]} ${field.title}, ${field.shown}${access ? `, ${access}` : ""}${needs ? ", required and not mapped" : ""}, ${line ? `mapped as ${line.name}` : "not mapped"}`,
        title: `${field.name} · ${field.word}${example ? ` · for example ${example}` : ""}`,
      },
      make("b", { text: field.title }),
      make("i", { class: needs ? "is-required" : "", text: needs ? "⚠ required" : [access, field.shown].filter(Boolean).join(" · ") }),
      make("span", { text: example || (example === "" ? "blank in all samples" : "") }),
    );
    node.onpointerdown = (event) => this.press(event, node);
    node.onkeydown = (event) => this.key(event, node);
    node.onclick = (event) => event.detail === 0 && this.choose(node, { byKey: true });
    return node;
  }

  // -- lines

  drawLines() {
    if (!this.view) return;
    this.svg.replaceChildren();
    for (const chip of this.rows.querySelectorAll(".map-chip")) chip.remove();
    // All places are read before anything is drawn: the browser lays out once, not once a line.
    this.spots = new Map(SIDES.flatMap((side) => [...this.nodes[side].values()]).map((node) => [node, this.spot(node)]));
    for (const [highlevel, timetonic, score, reasons] of this.view.likely) this.drawLikely(highlevel, timetonic, score, reasons);
    for (const line of this.view.lines) this.drawLine(line);
    this.spots = null;
  }

  drawLine(line) {
    const [froms, tos] = SIDES.map((side) => ends(line.entry, side).map((name) => this.nodes[side].get(name)));
    const failing = this.failures[line.name];
    const refused = line.problems.some((each) => each.refused);
    const isBad = Boolean(failing || refused);
    const marks = `${line.is_changed ? " is-changed" : ""}${isBad ? " is-bad" : ""}${line.name === this.selected ? " is-selected" : ""}`;
    let middle = null;
    for (const from of froms) for (const to of tos) if (from && to) middle = this.path(from, to, `map-line${marks}`);
    if (froms.length && froms[0] && froms.length > 1 && tos[0]) middle = this.middleOf(froms, tos[0]);
    if (!middle && (froms.length === 0 || tos.length === 0)) middle = this.beside(froms[0], tos[0]);
    if (!middle) return;
    const arrow = froms.length && tos.length ? `${ARROWS[line.entry.direction]} ` : "ƒ ";
    const sign = failing ? `⚠ ${failing.failures} of ${failing.tried} fail · ` : isBad ? "⚠ " : "";
    const key = line.is_match ? " 🔑" : "";
    const said = failing?.worst ?? line.problems.map((each) => each.said).join(" ");
    this.chip(middle, `${sign}${arrow}${line.chip}${key}`, {
      class: `map-chip${marks}`, title: said || `${line.name}: ${line.chip}`, "data-line": line.name,
      "aria-label": `Line ${line.name}, ${line.chip}${line.is_match ? ", match key" : ""}${line.is_changed ? ", changed" : ""}${said ? `. ${said}` : ""}`,
      onclick: () => this.select(line.name),
      onkeydown: (event) => (event.key === "Delete" || event.key === "Backspace") && this.calls.remove(line.name),
    });
  }

  drawLikely(highlevel, timetonic, score, reasons) {
    const [from, to] = [this.nodes.highlevel.get(highlevel), this.nodes.timetonic.get(timetonic)];
    if (!from || !to) return;
    const middle = this.path(from, to, "map-line is-likely");
    this.chip(middle, `+ ${Math.round(score * 100)} %`, {
      class: "map-chip", title: `Probably the same: ${reasons.join(", ")}. Click to accept.`,
      "aria-label": `Suggestion ${highlevel} to ${timetonic}, ${reasons.join(", ")}. Enter accepts.`,
      onclick: () => this.calls.accept([highlevel, timetonic]),
    });
  }

  chip(at, text, settings) {
    this.rows.append(make("button", { type: "button", text, style: `left:${at[0]}px;top:${at[1]}px`, ...settings }));
  }

  spot(node) {
    if (this.spots?.has(node)) return this.spots.get(node);
    const base = this.rows.getBoundingClientRect();
    const at = node.getBoundingClientRect();
    return { left: at.left - base.left, right: at.right - base.left, y: at.top - base.top + at.height / 2 };
  }

  path(from, to, name) {
    const [a, b] = [this.spot(from), this.spot(to)];
    this.svg.append(draw(curve(a.right + 5, a.y, b.left - 5, b.y), name));
    return [(a.right + b.left) / 2, (a.y + b.y) / 2];
  }

  middleOf(froms, to) {
    const spots = froms.filter(Boolean).map((each) => this.spot(each));
    const b = this.spot(to);
    const y = spots.reduce((sum, each) => sum + each.y, 0) / spots.length;
    return [(spots[0].right + b.left) / 2, (y + b.y) / 2];
  }

  // A value that is made, not carried, has one end only.
  beside(from, to) {
    const node = from ?? to;
    if (!node) return null;
    const at = this.spot(node);
    return from ? [at.right + 48, at.y] : [at.left - 48, at.y];
  }

  // -- choosing

  select(name) {
    this.selected = name;
    this.drawLines();
    this.calls.select(name);
  }

  choose(node, { byKey = false } = {}) {
    const { side, name } = node.dataset;
    if (this.picked && this.picked.side !== side) return this.finish(side, name);
    const line = this.byEnd[side].get(name);
    if (line) this.select(line.name);
    if (line && !byKey) return this.pick(null);
    this.pick({ side, name });
    const across = LABELS[side === "highlevel" ? "timetonic" : "highlevel"];
    const mapped = line ? `, mapped as ${line.name}` : "";
    this.calls.tell(`Picked ${this.title(side, name)}${mapped}. Enter or click on a ${across} field draws a line; Escape cancels.`);
  }

  pick(picked) {
    this.picked = picked;
    for (const side of SIDES) {
      for (const [name, node] of this.nodes[side]) node.setAttribute("aria-pressed", String(picked?.side === side && picked.name === name));
    }
    this.calls.pick(picked);
  }

  finish(side, name) {
    const other = this.picked;
    this.pick(null);
    this.calls.connect(side === "highlevel" ? name : other.name, side === "timetonic" ? name : other.name);
  }

  title(side, name) {
    return this.view.fields[side].find((each) => each.name === name)?.title ?? name;
  }

  key(event, node) {
    const { side, name } = node.dataset;
    const line = this.byEnd[side].get(name);
    if (event.key === "Escape" && this.picked) {
      this.pick(null);
      this.calls.tell("Cancelled.");
    } else if ((event.key === "Delete" || event.key === "Backspace") && line) this.calls.remove(line.name);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(node, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") this.cross(node, event.key === "ArrowRight" ? "timetonic" : "highlevel");
    else return;
    event.preventDefault();
  }

  step(node, by) {
    const all = [...this.nodes[node.dataset.side].values()];
    all[all.indexOf(node) + by]?.focus();
  }

  cross(node, side) {
    if (node.dataset.side === side) return;
    const line = this.byEnd[node.dataset.side].get(node.dataset.name);
    const partner = line && this.nodes[side].get(ends(line.entry, side)[0]);
    const y = this.spot(node).y;
    const nearest = [...this.nodes[side].values()].sort((a, b) => Math.abs(this.spot(a).y - y) - Math.abs(this.spot(b).y - y))[0];
    (partner ?? nearest)?.focus();
  }

  // -- dragging

  press(event, node) {
    if (event.button !== 0) return;
    const start = [event.clientX, event.clientY];
    let ghost = null;
    let over = null;
    const move = (now) => {
      if (!ghost && Math.hypot(now.clientX - start[0], now.clientY - start[1]) < MOVED_PX) return;
      ghost ??= draw("", "map-line is-ghost");
      this.svg.append(ghost);
      over = this.hover(over, this.under(now, node.dataset.side), node);
      this.follow(now, node, ghost, over);
    };
    const end = (isDropped) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", drop);
      window.removeEventListener("pointercancel", cancel);
      window.removeEventListener("keydown", escape, true);
      ghost?.remove();
      this.hover(over, null, node);
      this.hint.hidden = true;
      if (!isDropped) return;
      if (!ghost) this.choose(node);
      else if (over) {
        this.picked = { side: node.dataset.side, name: node.dataset.name };
        this.finish(over.dataset.side, over.dataset.name);
      }
    };
    const drop = () => end(true);
    const cancel = () => end(false);
    const escape = (pressed) => pressed.key === "Escape" && end(false);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", escape, true);
  }

  under(event, side) {
    const found = this.root.getRootNode().elementFromPoint(event.clientX, event.clientY)?.closest?.(".map-field");
    return found && this.root.contains(found) && found.dataset.side !== side ? found : null;
  }

  hover(before, now, from) {
    if (before && before !== now) before.classList.remove("is-over", "is-misfit");
    if (now) {
      now.classList.add("is-over");
      now.classList.toggle("is-misfit", Boolean(this.misfit(from, now)));
    }
    return now;
  }

  misfit(one, other) {
    const [from, to] = one.dataset.side === "highlevel" ? [one, other] : [other, one];
    const find = (node) => this.view.fields[node.dataset.side].find((each) => each.name === node.dataset.name);
    return this.view.misfits[`${find(from).type}|${find(to).type}`] ?? "";
  }

  follow(event, node, ghost, over) {
    const base = this.rows.getBoundingClientRect();
    const a = this.spot(node);
    const [x, y] = [event.clientX - base.left, event.clientY - base.top];
    const isLeft = node.dataset.side === "highlevel";
    ghost.setAttribute("d", isLeft ? curve(a.right + 5, a.y, x, y) : curve(x, y, a.left - 5, a.y));
    const warning = over ? this.misfit(node, over) : "";
    ghost.classList.toggle("is-misfit", Boolean(warning));
    const target = over ? `${this.title(node.dataset.side, node.dataset.name)} ↔ ${this.title(over.dataset.side, over.dataset.name)}` : "Drop on a field of the other side";
    this.hint.textContent = warning ? `⚠ ${warning}` : target;
    this.hint.classList.toggle("is-misfit", Boolean(warning));
    this.hint.hidden = false;
    this.hint.style.left = `${event.clientX + 14}px`;
    this.hint.style.top = `${event.clientY + 14}px`;
    const box = this.root.getBoundingClientRect();
    if (event.clientY > box.bottom - EDGE_PX) this.root.scrollTop += 12;
    else if (event.clientY < box.top + this.heads.offsetHeight + EDGE_PX) this.root.scrollTop -= 12;
  }

  close() {
    this.watcher.disconnect();
  }
}

// Fields that are mapped stand opposite each other; the others follow. null is an empty place, "" the heading.
function arrange(view) {
  const order = { highlevel: [], timetonic: [] };
  const seen = { highlevel: new Set(), timetonic: new Set() };
  for (const line of view.lines) {
    const mine = SIDES.map((side) => ends(line.entry, side).filter((name) => view.fields[side].some((each) => each.name === name)));
    const height = Math.max(mine[0].length, mine[1].length);
    SIDES.forEach((side, index) => {
      for (let row = 0; row < height; row += 1) order[side].push(mine[index][row] ?? null);
      for (const name of mine[index]) seen[side].add(name);
    });
  }
  for (const side of SIDES) {
    const left = view.fields[side].filter((each) => !seen[side].has(each.name));
    const rank = (each) => (each.required ? 0 : each.access === "read" || !each.type ? 2 : 1);
    left.sort((one, other) => rank(one) - rank(other));
    if (left.length) order[side].push("", ...left.map((each) => each.name));
  }
  return order;
}

const curve = (x1, y1, x2, y2) => {
  const bend = Math.max(40, Math.abs(x2 - x1) * 0.45);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
};

function draw(shape, name) {
  const made = document.createElementNS(NS, "path");
  made.setAttribute("class", name);
  made.setAttribute("d", shape);
  return made;
}
