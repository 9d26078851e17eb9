// The automation builder's page half: rules as a list, one of them as cards. Python keeps the draft and judges it.
import { button, make, number, part, several } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { MAPPING_STYLE } from "./mapping_style.js";
import { panel } from "./page.js";
import { begin, blanks, line, readIf, readThen, readWhen, summary, writeIf, writeThen, writeWhen } from "./rules_cards.js";
import { RULES_STYLE } from "./rules_style.js";
import { grip, moved } from "./sortable.js";

const POLL_MS = 5000;
const PARTS = {
  when: { title: "When any of these happens", add: "Add a trigger", kinds: "triggers", read: readWhen, write: writeWhen },
  then: { title: "Then do, in this order", add: "Add an action", kinds: "actions", read: readThen, write: writeThen },
};

export default panel(async (page) => {
  const builder = new Builder(page);
  await builder.open();
  return () => builder.close();
});

class Words {
  constructor(opened) {
    Object.assign(this, { triggers: opened.triggers, actions: opened.actions, conditions: [{ word: "field", title: "A field", blanks: [] }, ...opened.conditions], tests: opened.tests, fields: opened.fields });
  }

  find(kinds, word) {
    return this[kinds].find((each) => each.word === word);
  }

  title(kinds, word) {
    return this.find(kinds, word)?.title ?? (word === "" ? "as written" : String(word).replaceAll("_", " "));
  }

  field(name) {
    return this.fields.find((each) => each.name === name);
  }

  conditionFields() {
    return this.fields.map((each) => [each.name, `${each.name.replaceAll("_", " ")}${each.derived ? " (worked out)" : ""}`]);
  }

  settable() {
    return this.fields.filter((each) => each.settable && each.shape !== "texts").map((each) => [each.name, each.name.replaceAll("_", " ")]);
  }

  names() {
    return undefined;
  }
}

class Builder {
  constructor(page) {
    this.page = page;
    this.chosen = 0;
    this.touched = null;
    this.list = make("div", { class: "rul-list", style: `height:${page.height}px` });
    this.edit = make("div", { class: "rul-edit", style: `height:${page.height}px` });
    this.live = make("div", { class: "map-live", role: "status", "aria-live": "polite" });
    this.verdict = make("span", { role: "status" });
    this.saveButton = button("Save to hightonic.yaml", () => this.save(), { class: "htg-button is-main", disabled: true });
    this.moved = make("div", { class: "map-loud is-mild", role: "status", hidden: true },
      part("span", "hightonic.yaml was changed by somebody else. Your draft is kept, but cannot be saved over it."),
      button("Load the file again, drop my draft", () => this.reload("reload")));
    const style = document.createElement("style");
    style.textContent = MAPPING_STYLE + RULES_STYLE;
    page.root.append(style,
      make("div", { class: "htg-bar" }, make("b", { text: "Automations" }), page.busy, make("span", { class: "htg-gap" }), button("New rule", () => this.add())),
      page.notice, this.moved, make("div", { class: "rul-body" }, this.list, this.edit),
      make("div", { class: "rul-foot" }, this.verdict, button("Take the last save back", () => this.reload("back")), this.saveButton), this.live);
    page.on("settings", () => this.refresh());
  }

  async open() {
    const opened = await this.page.ask("open");
    if (!opened) return;
    this.learn(opened);
    this.timer = setInterval(() => document.hidden || this.look(), POLL_MS);
  }

  learn(opened) {
    this.words = new Words(opened);
    this.cards = opened.cards;
    this.take(opened);
  }

  async refresh() {
    const opened = await this.page.ask("refresh");
    if (opened) this.learn(opened);
  }

  async look() {
    const told = await this.page.ask("poll");
    if (!told) return;
    this.moved.hidden = !told.has_changed;
    if (told.is_news) this.refresh();
  }

  take(state) {
    this.rules = state.rules;
    this.recipes = state.recipes;
    this.kept = { ...this.kept, ...state.recipes };
    this.parked = state.parked;
    this.fired = state.fired;
    this.chosen = Math.min(this.chosen, Math.max(0, this.rules.length - 1));
    this.judge(state);
    this.draw();
  }

  judge({ problem, changed, can_save: canSave, consequence }) {
    this.problem = problem;
    this.saveButton.disabled = !canSave;
    this.verdict.className = problem ? "is-bad" : "";
    this.verdict.textContent = problem ? `⚠ ${problem.said}` : changed ? `Changed, and can be saved. Nothing works by it yet.${consequence ? ` ⚠ ${consequence}.` : ""}` : "As saved.";
  }

  // Every change goes to Python at once: the draft outlives the page. What is shown follows at once as well,
  // a moment later: the focus is on its way from one blank to the next.
  async put() {
    this.touched = null;
    const asked = this.asked = (this.asked ?? 0) + 1;
    setTimeout(() => this.draw());
    const told = await this.page.ask("put", { rules: this.rules, recipes: this.recipes });
    if (!told || asked !== this.asked) return;
    this.judge(told);
    this.draw();
  }

  async save() {
    await this.reload("save");
  }

  async reload(kind) {
    const state = await this.page.ask(kind);
    if (!state) return;
    this.touched = null;
    this.take(state);
    this.page.say(state.said, true);
    this.look();
  }

  async preview(name) {
    this.touched = await this.page.ask("preview", { name });
    this.draw();
    if (this.touched) this.tell(`It would touch ${several(this.touched.contacts, "contact")}.`);
  }

  // -- rules

  rule() {
    return this.rules[this.chosen];
  }

  change(part_, value) {
    const rule = { ...this.rule(), [part_]: value };
    if (value === undefined) delete rule[part_];
    this.rules = this.rules.map((each, index) => (index === this.chosen ? rule : each));
    this.put();
  }

  add(rules = null) {
    const taken = new Set(this.rules.map((each) => each.name));
    const free = (name) => {
      let found = name;
      for (let count = 2; taken.has(found); count += 1) found = `${name} ${count}`;
      taken.add(found);
      return found;
    };
    const fresh = rules ?? [{ name: "new rule", when: "contact_created", then: [{ create_task: { title: "Call {{ name }}", due: "+1 business day" } }], enabled: false }];
    this.chosen = this.rules.length;
    this.rules = [...this.rules, ...fresh.map((each) => ({ ...each, name: free(each.name) }))];
    this.put();
    this.tell(rules ? `${several(fresh.length, "rule")} added.` : "A new rule, switched off until you switch it on.");
  }

  move(from, to) {
    this.rules = moved(this.rules, from, to);
    this.chosen = to;
    this.refocus = () => this.list.querySelectorAll(".rul-grip")[to]?.focus();
    this.put();
    this.tell(`${this.rules[to].name} is in place ${to + 1} of ${this.rules.length}.`);
  }

  toggle(index) {
    const { enabled, ...rest } = this.rules[index];
    const rule = enabled === false ? rest : { ...rest, enabled: false };
    this.rules = this.rules.map((each, place) => (place === index ? rule : each));
    this.put();
    this.tell(`${rule.name} is ${enabled === false ? "on" : "off"}.`);
  }

  // The recipe is switched off with it: its rules would do everything twice.
  async copy(name) {
    const told = await this.page.ask("expand", { name, given: this.recipes[name] ?? this.kept[name] });
    if (!told) return;
    this.recipes = Object.fromEntries(Object.entries(this.recipes).filter(([each]) => each !== name));
    this.add(told.rules);
  }

  recipe(name, value) {
    this.recipes = { ...this.recipes };
    if (value === undefined) delete this.recipes[name];
    else this.recipes[name] = value;
    this.put();
  }

  // -- drawing

  draw() {
    keepingFocus(this.page.root, () => {
      this.drawList();
      this.drawEdit();
    });
    this.refocus?.();
    this.refocus = null;
  }

  drawList() {
    const items = make("ul", { class: "rul-items", "aria-label": "Rules, in their order" });
    this.rules.forEach((rule, index) => items.append(this.listed(rule, index, items)));
    const top = this.list.scrollTop;
    this.list.replaceChildren(part("h4", this.rules.length ? `Your rules: the first one acts first` : "No rules yet"), items,
      part("h4", "Recipes: ready-made, switched on by one line"), ...this.cards.map((each) => this.recipeCard(each)));
    this.list.scrollTop = top;
  }

  listed(rule, index, list) {
    const isBad = this.problem?.index === index;
    const isOn = rule.enabled !== false;
    const parked = this.parked[rule.name];
    const fired = this.fired[rule.name];
    const says = [summary(rule, this.words), fired ? `fired ${number(fired)}×` : "", parked ? `⚠ parked, it led to itself: ${parked.join(" → ")}` : ""].filter(Boolean).join(" · ");
    return make("li", { class: `rul-item${index === this.chosen ? " is-chosen" : ""}${isBad ? " is-bad" : ""}${isOn ? "" : " is-off"}` },
      grip(rule.name, { list, index, count: this.rules.length, move: (from, to) => this.move(from, to) }),
      make("button", { class: "rul-open", type: "button", title: says, "aria-current": String(index === this.chosen), onclick: () => { this.chosen = index; this.touched = null; this.draw(); } },
        make("b", { text: `${isBad ? "⚠ " : ""}${rule.name}` }), make("span", { text: says })),
      this.switchOf(`Rule ${rule.name}`, isOn, () => this.toggle(index)));
  }

  switchOf(label, isOn, onclick) {
    return make("button", { class: "rul-switch", type: "button", role: "switch", "aria-checked": String(isOn), "aria-label": label, text: isOn ? "on" : "off", onclick });
  }

  recipeCard(each) {
    const value = this.recipes[each.name];
    const isOn = value !== undefined && value !== false;
    const isBad = this.problem?.recipe === each.name;
    return make("div", { class: "rul-recipe" }, make("b", { text: `${isBad ? "⚠ " : ""}${each.name.replaceAll("_", " ")}` }),
      button("Copy as rules", () => this.copy(each.name), { title: "Its rules as your own, to change as you like" }),
      this.switchOf(`Recipe ${each.name}`, isOn, () => this.recipe(each.name, isOn ? undefined : this.kept[each.name] || true)),
      make("span", { text: `${each.doc}${isOn && value !== true && value !== null ? " · with settings of your own" : ""}` }));
  }

  drawEdit() {
    const rule = this.rule();
    if (!rule) {
      this.edit.replaceChildren(make("div", { class: "rul-empty" }, part("p", "A rule waits for something to happen, asks whether it matters, and acts."),
        button("Build a new rule", () => this.add(), { class: "htg-button is-main" })));
      return;
    }
    const top = this.edit.scrollTop;
    const name = line(rule.name, (typed) => typed && this.change("name", typed), { "aria-label": "Name of the rule" });
    this.edit.replaceChildren(
      make("div", { class: "rul-top" }, make("label", { text: "Name" }, name), this.switchOf(`Rule ${rule.name}`, rule.enabled !== false, () => this.toggle(this.chosen)),
        button("Duplicate", () => this.add([structuredClone(rule)])), button("Remove rule", () => this.remove())),
      this.section("when", rule), this.ifSection(rule), this.section("then", rule), this.touchedSection(rule));
    this.edit.scrollTop = top;
  }

  remove() {
    const name = this.rule().name;
    this.rules = this.rules.filter((_, index) => index !== this.chosen);
    this.chosen = Math.max(0, this.chosen - 1);
    this.put();
    this.tell(`Rule ${name} removed; saved only when you save.`);
  }

  section(key, rule) {
    const { title, add, kinds, read, write } = PARTS[key];
    const cards = read(rule[key]);
    return this.box(key, title, cards, { kinds, add, set: (next) => this.change(key, write(next)) });
  }

  ifSection(rule) {
    const state = readIf(rule.if);
    const set = (next) => this.change("if", writeIf(next));
    const join = make("select", { "aria-label": "How conditions are joined", onchange: () => set({ ...state, join: join.value }) },
      ...[["all", "all of these hold"], ["any", "any of these holds"]].map(([name, title]) => make("option", { value: name, text: title, selected: state.join === name })));
    return this.box("if", "If", state.cards, { kinds: "conditions", add: "Add a condition", set: (cards) => set({ ...state, cards }), head: state.cards.length > 1 ? join : part("small", state.cards.length ? "" : "nothing: it always acts"), canNot: true });
  }

  box(key, title, cards, { kinds, add, set, head, canNot }) {
    const isBad = this.problem?.index === this.chosen && this.problem.part === key;
    const list = make("ul", { class: "rul-items", "aria-label": title });
    cards.forEach((card, index) => {
      const replace = (next) => set(cards.map((each, place) => (place === index ? next : each)));
      list.append(this.card(card, { key, index, count: cards.length, list, kinds, canNot, replace, isBad: isBad && (this.problem.item ?? 0) === index,
        move: (from, to) => { this.refocus = () => this.edit.querySelectorAll(`.is-${key} .rul-grip`)[to]?.focus(); set(moved(cards, from, to)); this.tell(`Place ${to + 1} of ${cards.length}.`); },
        drop: () => set(cards.filter((_, place) => place !== index)) }));
    });
    const choice = make("select", { "aria-label": add, onchange: () => choice.value && this.added(key, () => set([...cards, kinds === "triggers" ? { word: choice.value, value: {} } : begin(this.words.find(kinds, choice.value), this.words)])) },
      make("option", { value: "", text: `+ ${add}…` }), ...this.words[kinds].map((each) => make("option", { value: each.word, text: each.title })));
    return make("section", { class: `rul-section is-${key}${isBad ? " is-bad" : ""}` }, make("header", {}, part("span", title), head ?? null), list, make("div", { class: "rul-add" }, choice));
  }

  added(key, set) {
    this.refocus = () => {
      const card = this.edit.querySelector(`.is-${key} li:last-child`);
      card?.scrollIntoView({ block: "nearest" });
      card?.querySelector("input:not([type=checkbox]), select, textarea")?.focus({ preventScroll: true });
    };
    set();
  }

  card(card, { index, count, list, kinds, canNot, replace, move, drop, isBad }) {
    const kind = this.words.find(kinds, card.word);
    const label = this.words.title(kinds, card.word);
    const form = make("div", { class: "rul-blanks" }, ...blanks(card, kind, { words: this.words, put: (value) => replace({ ...card, value }) }));
    if (canNot && card.word !== "") {
      const box = make("input", { type: "checkbox", onchange: () => replace({ ...card, isNot: box.checked || undefined }) });
      box.checked = Boolean(card.isNot);
      form.append(make("label", { class: "is-tick" }, box, part("span", "not so")));
    }
    return make("li", { class: `rul-item rul-card${isBad ? " is-bad" : ""}` }, grip(label, { list, index, count, move }), make("b", { text: label }), form,
      button("✕", drop, { "aria-label": `Remove ${label}`, title: "Remove" }), isBad ? make("div", { class: "rul-bad", text: `⚠ ${this.problem.said}` }) : null);
  }

  touchedSection(rule) {
    const box = make("section", { class: "rul-section" }, make("header", {}, part("span", "Whom would it touch?"),
      button("Preview", () => this.preview(rule.name), { disabled: Boolean(this.problem) })));
    const found = this.touched?.name === rule.name ? this.touched : null;
    if (!found) {
      box.append(part("small", "If its moment came now for every contact. Nothing is written."));
      return box;
    }
    const writes = found.writes.map(([what, count]) => `${what} ${number(count)}×`).join(", ");
    box.append(make("div", { class: "rul-touched" }, make("b", { text: found.contacts ? `${several(found.contacts, "contact")}` : "Nobody at the moment" }), part("p", writes),
      ...found.held.map((each) => make("div", { class: "map-problem", text: `⚠ A brake would hold this for approval: ${each}` })),
      ...found.problems.map(([why, count]) => make("div", { class: "map-problem", text: `⚠ ${several(count, "contact")}: ${why}` })),
      make("ul", {}, ...found.listed.map(([name, email]) => part("li", email ? `${name} (${email})` : name))),
      found.contacts > found.listed.length ? part("p", `and ${number(found.contacts - found.listed.length)} more`) : null));
    return box;
  }

  tell(sentence) {
    this.live.textContent = sentence;
  }

  close() {
    clearInterval(this.timer);
  }
}
