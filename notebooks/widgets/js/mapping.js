// The mapping editor's page half. The draft is kept in Python; the page draws it and sends gestures.
import { button, make, part, several } from "./dom.js";
import { keepingFocus } from "./focus.js";
import { changesPane, likelyPane, linePane, pickedPane, planPane } from "./mapping_panes.js";
import { Stage } from "./mapping_stage.js";
import { MAPPING_STYLE } from "./mapping_style.js";
import { panel } from "./page.js";

const POLL_MS = 5000;
const TRY_MS = 250;
const PANES = [["line", "Line"], ["likely", "Suggestions"], ["changes", "Changes"], ["plan", "Plan"]];

export default panel(async (page) => {
  const editor = new Editor(page);
  await editor.open();
  return () => editor.close();
});

class Editor {
  constructor(page) {
    this.page = page;
    this.plan = { running: false, plan: null };
    this.pane = "line";
    this.rows = null;
    this.tabs = make("div", { class: "map-tabs", role: "tablist", "aria-label": "Kinds of records" });
    this.undo = button("Undo", () => this.send("undo"), { disabled: true });
    this.redo = button("Redo", () => this.send("redo"), { disabled: true });
    this.saveButton = button("Save…", () => this.show("changes"), { class: "htg-button is-main", disabled: true });
    this.loud = make("div", { class: "map-loud", role: "status", hidden: true });
    this.moved = make("div", { class: "map-loud is-mild", role: "status", hidden: true },
      part("span", "hightonic.yaml was changed by somebody else. Your draft is kept, but cannot be saved over it."),
      button("Load the file again, drop my draft", () => this.send("reload")));
    this.stage = new Stage(page.height, {
      connect: (highlevel, timetonic) => this.connect(highlevel, timetonic),
      select: () => { this.rows = null; this.show("line"); this.tryOut(); },
      remove: (name) => this.remove(name),
      accept: (pair) => this.send("accept", { pairs: [pair] }, "Line drawn."),
      table: (name) => this.send("table", { name }, `Columns of ${name}.`),
      tell: (sentence) => this.tell(sentence),
      pick: (picked) => { this.picked = picked; if (picked && this.pane === "line") this.drawPane(); },
    });
    this.panes = make("div", { class: "map-panes", role: "tablist", "aria-label": "Below the fields" });
    this.below = make("div", { class: "map-pane", role: "tabpanel" });
    this.live = make("div", { class: "map-live", role: "status", "aria-live": "polite" });
    this.off = make("div", { class: "map-off", hidden: true });
    this.foot = make("div", { class: "htg-foot" }, part("span", ""), part("span", "Drag, or Enter on a field and Enter on one across · Delete removes · Escape cancels · Ctrl+Z undoes"));
    const style = document.createElement("style");
    style.textContent = MAPPING_STYLE;
    page.root.append(
      style,
      make("div", { class: "htg-bar" }, this.tabs, page.busy, make("span", { class: "htg-gap" }), this.undo, this.redo,
        button("Suggest", () => this.suggest()), button("Plan", () => this.makePlan()), this.saveButton),
      page.notice, this.moved, this.loud, this.off, this.stage.root, this.panes, this.below, this.foot, this.live,
    );
    page.root.addEventListener("keydown", (event) => this.key(event));
    page.on("planning", (told) => { this.plan.progress = told; this.drawPlan(); });
    page.on("planned", (told) => { this.plan = { running: false, plan: told.plan, isOld: this.plan.isOld }; this.drawPlan(); this.tell("The plan is made."); });
    page.on("failed", (told) => { this.plan.running = false; this.drawPlan(); page.say(told.sentence); });
  }

  async open() {
    const opened = await this.page.ask("open");
    if (!opened) return;
    this.choices = opened.choices;
    this.take(opened, { isNew: true });
    this.timer = setInterval(() => document.hidden || this.look(), POLL_MS);
    this.readSamples();
  }

  async look() {
    const told = await this.page.ask("poll");
    if (!told) return;
    this.moved.hidden = !told.has_changed;
    if (told.is_news) this.send("kind", { name: this.view.of });
  }

  async readSamples() {
    this.tryOut();
    const told = await this.page.ask("samples");
    if (told?.sentence) this.page.say(told.sentence, true);
    if (told && told.of === this.view.of) this.tryOut();
  }

  // -- gestures

  async send(kind, content = {}, said = "") {
    const view = await this.page.ask(kind, content);
    if (!view) return null;
    const isNew = kind === "kind" || kind === "table" || kind === "reload" || view.said !== undefined;
    this.take(view, { isNew });
    if (said) this.tell(said);
    if (view.said) this.page.say(view.said, true);
    if (isNew) this.readSamples();
    else this.tryOut();
    return view;
  }

  async connect(highlevel, timetonic) {
    const before = new Set(this.view.lines.map((each) => each.name));
    const [one, other] = [this.stage.title("highlevel", highlevel), this.stage.title("timetonic", timetonic)];
    const view = await this.send("connect", { highlevel, timetonic }, `Line from ${one} to ${other}.`);
    const made = view?.lines.find((each) => !before.has(each.name)) ?? view?.lines.find((each) => [each.entry.timetonic].flat().includes(timetonic));
    if (made) this.stage.select(made.name);
  }

  async remove(name) {
    await this.send("remove", { field: name }, `Line ${name} removed. Ctrl+Z brings it back.`);
  }

  async compute(picked, template) {
    this.stage.pick(null);
    const view = await this.send("compute", { side: picked.side, field: picked.name, template });
    if (view?.selected) this.stage.select(view.selected);
  }

  async suggest() {
    const view = await this.send("suggest");
    if (!view) return;
    this.show("likely");
    this.tell(view.likely.length ? `${several(view.likely.length, "suggestion")}.` : "No more fields look alike.");
  }

  async makePlan() {
    this.show("plan");
    if (!this.view.can_save || this.plan.running) return;
    this.plan = { running: true, plan: null, isOld: false };
    this.drawPlan();
    if (!(await this.page.ask("plan"))) {
      this.plan.running = false;
      this.drawPlan();
    }
  }

  async save() {
    if (await this.send("save")) this.plan = { running: false, plan: null };
    this.look();
    this.drawPane();
  }

  key(event) {
    const isTyping = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName);
    if (!isTyping && event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send(event.shiftKey ? "redo" : "undo", {}, event.shiftKey ? "Done again." : "Undone.");
    }
  }

  // -- samples

  tryOut() {
    clearTimeout(this.trying);
    this.trying = setTimeout(() => this.tryNow(), TRY_MS);
  }

  async tryNow() {
    const field = this.stage.selected;
    const told = await this.page.ask("trial", { field });
    if (!told || told.of !== this.view.of) return;
    this.stage.examples = told.examples;
    if (told.lines) this.stage.failures = told.lines;
    this.rows = told.rows ?? null;
    this.rowsOf = field;
    this.foot.firstChild.textContent = told.records
      ? `Samples: ${several(told.records, "record")} as synced last, ${told.fresh} of them read just now`
      : "No records yet: samples come with the first sync";
    this.stage.drawFields();
    if (this.pane === "line") this.drawPane();
  }

  // -- drawing

  take(view, { isNew }) {
    this.view = view;
    if (isNew) {
      this.stage.failures = {};
      this.stage.examples = {};
      this.stage.selected = null;
    }
    if (this.plan.plan || this.plan.running) this.plan.isOld = true;
    this.tabs.replaceChildren(...view.tabs.map((each) => this.tab(each)));
    this.undo.disabled = !view.can_undo;
    this.redo.disabled = !view.can_redo;
    this.saveButton.disabled = view.changes.length === 0;
    this.saveButton.textContent = view.changes.length ? `Save ${several(view.changes.length, "change")}…` : "Save…";
    this.drawLoud();
    this.off.hidden = view.enabled;
    this.stage.root.hidden = !view.enabled;
    this.off.replaceChildren(part("p", `${view.title} are not synced.`), button(`Sync ${view.title.toLowerCase()}`, () => this.send("enable", { on: true })));
    this.stage.show(view, { isNew });
    this.drawPane();
  }

  tab(each) {
    const wrong = each.missing + each.refused;
    const made = button(each.title, () => this.send("kind", { name: each.name }), { class: "map-tab", role: "tab", "aria-selected": String(each.name === this.view.of) });
    made.append(make("i", { text: each.enabled ? String(each.lines) : "off" }));
    if (each.changed) made.append(make("i", { text: "✎", title: "changed", "aria-label": "changed" }));
    if (wrong) made.append(make("i", { class: "is-bad", text: `⚠ ${wrong}` }));
    return made;
  }

  drawLoud() {
    const { missing, problems, lines } = this.view;
    const refused = [...problems, ...lines.flatMap((each) => each.problems)].filter((each) => each.refused);
    const needed = missing.length === 1 ? "1 required field is not mapped" : `${missing.length} required fields are not mapped`;
    const said = [...(missing.length ? [`⚠ ${needed}: ${missing.join("; ")}.`] : []), ...(refused.length ? [`⚠ This cannot be saved: ${refused[0].said}`] : [])];
    this.loud.hidden = said.length === 0;
    this.loud.textContent = said.join(" ");
  }

  show(pane) {
    this.pane = pane;
    this.drawPane();
  }

  drawPlan() {
    if (this.pane === "plan") this.drawPane();
  }

  drawPane() {
    const counts = { likely: this.view.likely.length, changes: this.view.changes.length };
    this.panes.replaceChildren(...PANES.map(([name, title]) => {
      const made = button(title, () => this.show(name), { class: "map-tab", role: "tab", "aria-selected": String(name === this.pane) });
      if (counts[name]) made.append(make("i", { text: String(counts[name]) }));
      return made;
    }));
    keepingFocus(this.below, () => this.below.replaceChildren(...this[`${this.pane}Pane`]()));
  }

  linePane() {
    const line = this.view.lines.find((each) => each.name === this.stage.selected);
    if (line) {
      return linePane(line, {
        view: this.view, choices: this.choices, rows: this.rowsOf === line.name ? this.rows : null,
        change: (name, key, value) => this.send("change", { field: name, key, value }),
        match: (name, on) => this.send("match", { field: name, on }),
        remove: (name) => this.remove(name),
      });
    }
    if (this.picked) return pickedPane(this.picked, { title: this.stage.title(this.picked.side, this.picked.name), compute: (picked, template) => this.compute(picked, template) });
    return [make("h4", {}, part("span", "No line is chosen")), part("p", "Drag a field of one system onto a field of the other. Click a line's chip to see what it makes of your records, and to change it."),
      ...(this.view.match_by.length ? [part("p", `Records are paired by ${this.view.match_by.join(", then ")}.`)] : [])];
  }

  likelyPane() {
    return likelyPane(this.view, {
      accept: (pairs) => this.send("accept", { pairs }, `${several(pairs.length, "line")} drawn.`),
      suggest: () => this.suggest(), title: (side, name) => this.stage.title(side, name),
    });
  }

  changesPane() {
    return changesPane(this.view, { save: () => this.save(), plan: () => this.makePlan(), back: () => this.send("back"), reload: () => this.send("reload", { fresh: true }, "Fields are read again.") });
  }

  planPane() {
    return planPane(this.plan, { plan: () => this.makePlan(), stop: () => this.page.ask("stop"), save: () => this.save(), canSave: this.view.can_save, consequence: this.view.consequence });
  }

  tell(sentence) {
    this.live.textContent = sentence;
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.trying);
    this.stage.close();
  }
}
