// The bulk editor's form: one change for every contact that the grid shows. Nothing here is sent, only staged.
import { dress } from "./desk_style.js";
import { make, number, several } from "./dom.js";
import { Importing } from "./importing.js";
import { panel } from "./page.js";

const COUNT_MS = 250;
const DEEDS = [
  ["set", "Set a column"], ["replace", "Find and replace"], ["tags", "Add or remove tags"], ["owner", "Assign an owner"],
  ["task", "Create a task for each"], ["note", "Write a note for each"], ["import", "Import CSV or Excel"],
];

class Form {
  constructor(page) {
    this.page = page;
    dress(page);
    page.root.style.height = `${page.height}px`;
    this.scope = make("div", { class: "htg-scope", role: "status" });
    this.deed = make(
      "select", { class: "htg-field", "data-deed": "", "aria-label": "What to do", onchange: () => this.draw() },
      ...DEEDS.map(([value, title]) => make("option", { value, text: title })),
    );
    this.form = make("form", { class: "htg-form", onsubmit: (event) => this.submit(event) });
    page.root.append(
      make("div", { class: "htg-head" }, make("h2", { text: "Change what the grid shows" }), page.busy), this.scope,
      make("div", { style: "padding:10px 14px 0" }, this.deed), page.notice, this.form,
    );
    page.on("scope", (message) => this.aim(message));
  }

  async open() {
    const opened = await this.page.ask("open");
    if (!opened) return;
    this.columns = opened.columns;
    this.aim(opened);
    this.draw();
    const choices = await this.page.ask("choices");
    this.known = choices?.tags ?? [];
    this.draw();
  }

  aim({ total, is_narrowed: isNarrowed }) {
    this.total = total;
    this.isNarrowed = isNarrowed;
    const whom = isNarrowed ? " the grid shows now" : ", all there are: filter the grid to narrow this down";
    this.scope.replaceChildren(make("b", { text: number(total) }), ` contact${total === 1 ? "" : "s"}${whom}`);
    if (this.apply) this.label();
    if (this.deed.value === "replace") this.count();
  }

  label() {
    const verb = { task: "Stage a task for", note: "Stage a note for" }[this.deed.value] ?? "Stage for";
    this.apply.textContent = `${verb} ${this.isNarrowed ? "" : "all "}${several(this.total, "contact")}`;
    this.apply.disabled = this.total === 0;
  }

  draw() {
    const deed = this.deed.value;
    this.apply = null;
    if (deed === "import") {
      this.importing ??= new Importing(this.page);
      this.form.replaceChildren(...this.importing.parts);
      return;
    }
    this.fields = {};
    const drawn = { set: () => this.setting(), replace: () => this.replacing(), tags: () => this.tagging(), owner: () => this.owning(), task: () => this.tasking(), note: () => this.noting() }[deed]();
    this.apply = make("button", { class: "htg-button is-first", type: "submit" });
    this.told = make("div", { class: "htg-sub", role: "status" });
    this.form.replaceChildren(...drawn, make("div", { class: "htg-actions" }, this.apply), this.told);
    this.label();
    if (deed === "replace") this.count();
  }

  field(name, title, made) {
    this.fields[name] = made;
    made.dataset.field = name;
    return make("label", {}, title, made);
  }

  text(name, title, settings = {}) {
    return this.field(name, title, make("input", { class: "htg-field", type: "text", ...settings }));
  }

  pick(columns, onchange) {
    return this.field("field", "Column", make(
      "select", { class: "htg-field", onchange }, ...columns.map((each) => make("option", { value: each.field, text: each.title })),
    ));
  }

  setting() {
    const place = make("div");
    const columns = this.columns.filter((each) => !each.is_owner && each.type !== "list");
    const column = this.pick(columns, () => place.replaceChildren(this.value(this.chosen())));
    place.append(this.value(columns[0]));
    return [column, place, make("div", { class: "htg-sub", text: "An empty value clears the column." })];
  }

  chosen() {
    return this.columns.find((each) => each.field === this.fields.field.value);
  }

  // What suits the column: its choices, yes or no, a day, or plain text.
  value(column) {
    const choices = column.type === "boolean" ? ["yes", "no"] : column.choices;
    if (choices.length && (column.type === "boolean" || !column.is_open)) return this.options("text", "New value", choices);
    const listed = make("datalist", { id: `htg-${Math.random().toString(36).slice(2)}` }, ...choices.map((each) => make("option", { value: each })));
    const label = this.text("text", "New value", { list: listed.id, placeholder: column.type === "date" ? "2026-12-31" : "" });
    label.append(listed);
    return label;
  }

  options(name, title, choices) {
    return this.field(name, title, make(
      "select", { class: "htg-field" }, make("option", { value: "", text: "(blank)" }), ...choices.map((each) => make("option", { value: each, text: each })),
    ));
  }

  replacing() {
    const texts = this.columns.filter((each) => ["text", "choice"].includes(each.type) && !each.is_owner);
    const count = () => this.count();
    const ignores = make("input", { type: "checkbox", onchange: count });
    this.fields.ignores_case = ignores;
    return [
      this.pick(texts, count), this.text("find", "Find", { oninput: count }), this.text("into", "Replace with"),
      make("label", { class: "is-inline" }, ignores, "Capitals and small letters are the same"),
    ];
  }

  tagging() {
    const known = make("datalist", { id: `htg-${Math.random().toString(36).slice(2)}` }, ...(this.known ?? []).map((each) => make("option", { value: each })));
    return [
      this.text("add", "Add (a comma between two)", { list: known.id, placeholder: "vip, newsletter" }),
      this.text("remove", "Remove", { list: known.id }), known,
      make("div", { class: "htg-sub", text: "Other tags stay as they are, also those that somebody adds meanwhile." }),
    ];
  }

  owning() {
    const owner = this.columns.find((each) => each.is_owner);
    if (!owner) return [make("div", { class: "htg-empty", text: "No owner is mapped." })];
    return [this.options("text", owner.title, owner.choices)];
  }

  owners() {
    return this.columns.find((each) => each.is_owner)?.choices ?? [];
  }

  tasking() {
    return [
      this.text("title", "Title", { required: true }), this.field("due_at", "Due (your time)", make("input", { class: "htg-field", type: "datetime-local" })),
      this.options("owner_id", "Owner", this.owners()), this.field("body", "Description", make("textarea", { class: "htg-field" })),
    ];
  }

  noting() {
    return [this.field("body", "Note", make("textarea", { class: "htg-field", required: true, rows: "6" }))];
  }

  async submit(event) {
    event.preventDefault();
    if (!this.apply) return;
    this.apply.disabled = true;
    const answer = await this.page.ask(...this.question());
    this.label();
    if (answer) this.told.textContent = answer.sentence;
  }

  question() {
    const deed = this.deed.value;
    const given = Object.fromEntries(Object.entries(this.fields).map(([name, made]) => [name, made.type === "checkbox" ? made.checked : made.value]));
    if (deed === "owner") return ["set", { field: this.columns.find((each) => each.is_owner)?.field, text: given.text }];
    if (deed === "note") return ["hang", { what: "note", values: given }];
    if (deed !== "task") return [deed, given];
    // A browser knows the moment somebody means by an hour of theirs.
    const due = given.due_at ? new Date(given.due_at).toISOString() : "";
    return ["hang", { what: "task", values: { ...given, due_at: due } }];
  }

  count() {
    clearTimeout(this.counting);
    this.counting = setTimeout(async () => {
      const { field, find, ignores_case: ignores } = this.fields;
      if (this.deed.value !== "replace" || !find) return;
      if (!find.value) {
        this.told.textContent = "";
        return;
      }
      const answer = await this.page.ask("count", { field: field.value, find: find.value, ignores_case: ignores.checked });
      if (answer) this.told.textContent = `${several(answer.count, "contact")} of ${number(this.total)} hold it.`;
    }, COUNT_MS);
  }

  close() {
    clearTimeout(this.counting);
  }
}

export default panel(async (page) => {
  const form = new Form(page);
  await form.open();
  return () => form.close();
});
