// A table out of a file: sent in pieces, its headings matched to columns, checked, then staged like everything else.
import { button, make, number, several } from "./dom.js";

const PART = 384 * 1024;
const KEYS = [["id", "id"], ["email", "e-mail"], ["phone", "phone"]];
const WORDS = { refused: "refused", ambiguous: "several fit", nobody: "nobody", flagged: "look at it" };

export class Importing {
  constructor(page) {
    this.page = page;
    this.place = make("div", { class: "htg-form", style: "padding:0;overflow:visible" });
    this.told = make("div", { class: "htg-sub", role: "status" });
    page.on("progress", ({ done }) => { this.told.textContent = `Reading line ${number(done)}…`; });
    this.choose();
  }

  get parts() {
    return [this.place, this.told];
  }

  choose() {
    const picker = make("input", { type: "file", accept: ".csv,.tsv,.txt,.xlsx", hidden: true, onchange: () => this.send(picker.files[0]) });
    const zone = make(
      "div", { class: "htg-drop" }, make("p", { text: "Drop a CSV or Excel file here" }), button("Choose a file…", () => picker.click()), picker,
    );
    const over = (isOver) => (event) => {
      event.preventDefault();
      zone.dataset.over = isOver ? "yes" : "no";
    };
    zone.ondragover = over(true);
    zone.ondragleave = over(false);
    zone.ondrop = (event) => {
      over(false)(event);
      this.send(event.dataTransfer.files[0]);
    };
    this.place.replaceChildren(zone, make("div", { class: "htg-sub", text: "It stays on this machine. Formulas are never worked out. Nothing is sent before Apply." }));
  }

  async send(file) {
    if (!file || !(await this.page.ask("file_begin", { name: file.name, size: file.size }))) return;
    for (let at = 0; at < file.size; at += PART) {
      const part = await encode(file.slice(at, at + PART));
      if (!(await this.page.ask("file_part", { part }))) return;
      this.told.textContent = `Receiving ${file.name}: ${Math.round((100 * Math.min(file.size, at + PART)) / file.size)} %`;
    }
    await this.open({});
  }

  async open(how) {
    this.how = how;
    this.told.textContent = "Reading the headings…";
    const sheet = await this.page.ask("file_open", how);
    this.told.textContent = "";
    if (sheet) this.match(sheet);
    else this.reread();
  }

  // The file cannot be read as it was taken: another encoding may help.
  reread() {
    this.place.replaceChildren(this.encoding(), this.again());
  }

  again() {
    return button("Another file", async () => {
      await this.page.ask("import_forget");
      this.told.textContent = "";
      this.choose();
    });
  }

  encoding() {
    const select = (name, title, options) => {
      const made = make("select", { class: "htg-field", "data-import": name, onchange: () => this.open({ ...this.how, [name]: made.value || undefined }) },
        ...options.map(([value, shown]) => make("option", { value, text: shown })));
      made.value = this.how[name] ?? "";
      return make("label", {}, title, made);
    };
    return make("details", {}, make("summary", { text: "Wrong accents or columns?" }),
      select("encoding", "Encoding", [["", "found out"], ["utf-8", "UTF-8"], ["utf-16", "UTF-16"], ["cp1252", "Windows-1252"]]),
      select("delimiter", "Delimiter", [["", "found out"], [",", "comma"], [";", "semicolon"], ["tab", "tab"], ["|", "bar"]]));
  }

  match(sheet) {
    this.choices = new Map();
    const lines = sheet.headings.map((each) => this.heading(each, sheet.fields));
    const told = [...sheet.told, ...(sheet.repeated.length ? [`Headings that stand there more than once: ${sheet.repeated.join(", ")}.`] : [])];
    this.keys = KEYS.map(([key, title]) => [key, make("input", { type: "checkbox", checked: true, "data-key": key }), title]);
    this.creates = make("input", { type: "checkbox", "data-import": "creates" });
    this.clears = make("input", { type: "checkbox" });
    const inline = (box, title) => make("label", { class: "is-inline" }, box, title);
    this.result = make("div", { class: "htg-form", style: "padding:0;overflow:visible" });
    this.place.replaceChildren(
      make("div", { class: "htg-line-head" }, make("b", { text: sheet.name })), ...told.map((text) => make("div", { class: "htg-sub", text })), this.encoding(),
      make("h3", { text: "Column of the file → field" }), ...lines,
      make("h3", { text: "Whom a row means" }), ...this.keys.map(([, box, title]) => inline(box, `by ${title}`)),
      inline(this.creates, "Make a contact where nobody is meant"), inline(this.clears, "A blank cell clears the field"),
      make("div", { class: "htg-actions" }, button("Check the file", () => this.check(), { class: "htg-button is-first" }), this.again()), this.result,
    );
  }

  heading({ heading, field, reason, samples }, fields) {
    const select = make("select", { class: "htg-field", "data-heading": heading, onchange: () => this.result.replaceChildren() },
      make("option", { value: "", text: "leave out" }), ...fields.map((each) => make("option", { value: each.field, text: each.title })));
    select.value = field ?? "";
    this.choices.set(heading, select);
    const sample = make("span", { class: "htg-from", text: samples.slice(0, 2).join(" · ") });
    return make("label", { title: reason }, make("span", { class: "htg-value", text: heading }), sample, select);
  }

  async check() {
    this.told.textContent = "Reading…";
    const columns = Object.fromEntries([...this.choices].map(([heading, select]) => [heading, select.value]));
    const match = this.keys.filter(([, box]) => box.checked).map(([key]) => key);
    const found = await this.page.ask("import_check", { columns, match, creates: this.creates.checked, clears_blanks: this.clears.checked });
    this.told.textContent = "";
    if (!found) return;
    const { counts, items } = found;
    const lines = [
      `${several(counts.rows ?? 0, "row")}: ${several(counts.changed ?? 0, "contact")} changed in ${several(counts.cells ?? 0, "cell")}, ${number(counts.unchanged)} as they are, ${number(counts.new)} new.`,
    ];
    const notes = found.notes.map((each) => make(
      "tr", {}, make("td", { class: "is-number", text: number(each.line) }), make("td", { text: WORDS[each.state] ?? each.state }),
      make("td", { text: each.heading ? `${each.heading}: ${each.reason}` : each.reason }),
    ));
    const rest = found.notes_total > found.notes.length ? [make("div", { class: "htg-sub", text: `and ${number(found.notes_total - found.notes.length)} more` })] : [];
    const heads = ["Line", "", "What"].map((each) => make("th", { text: each, scope: "col" }));
    const table = notes.length ? [make("h3", { text: `Not taken, or to look at: ${number(found.notes_total)}` }), make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...notes)), ...rest] : [];
    const stage = button(items ? `Stage ${several(items, "change")}` : "Nothing to stage", () => this.stage(), { class: "htg-button is-first", disabled: !items });
    this.result.replaceChildren(...lines.map((each) => make("div", { text: each })), make("div", { class: "htg-actions" }, stage), ...table);
    this.result.scrollIntoView({ block: "start" });
  }

  async stage() {
    const answer = await this.page.ask("import_stage");
    if (!answer) return;
    this.choose();
    this.told.textContent = answer.sentence;
  }
}

function encode(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
