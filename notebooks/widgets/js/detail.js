// One contact: fields of both sides and where they come from, what hangs on it, what was done to it.
import { dress } from "./desk_style.js";
import { button, make, several, text } from "./dom.js";
import { panel } from "./page.js";
import { Tabs } from "./tabs.js";

const TABS = [
  ["fields", "Fields"], ["tasks", "Tasks"], ["notes", "Notes"], ["meetings", "Appointments"],
  ["conflicts", "Conflicts"], ["history", "History"],
];
const STATES = {
  live: ["✓ linked", "good"], half: ["◐ one side only", "warn"], parked: ["‖ parked", "warn"],
  unlinked: ["◐ parted", "warn"], deleted: ["✕ deleted", "bad"],
};

class Detail {
  constructor(page) {
    this.page = page;
    dress(page);
    page.root.style.height = `${page.height}px`;
    this.name = make("h2", { text: "No contact chosen" });
    this.sub = make("div", { class: "htg-sub", text: "Click a row, or move to it with the arrow keys." });
    this.refresh = button("Refresh this record", () => this.look(), {
      title: "Reads this contact on both sides again: one API call a side. Nothing is written.", disabled: true,
    });
    this.tabs = new Tabs(TABS, { label: "Parts of the contact", onShow: () => this.draw() });
    this.tabs.body.style.minHeight = "0";
    page.root.append(
      make("div", { class: "htg-head" }, make("div", {}, this.name, this.sub), page.busy, this.refresh),
      page.notice, this.tabs.list, this.tabs.body,
    );
    page.on("detail", (message) => this.take(message.detail));
    page.on("said", (message) => page.say(message.sentence, true));
    page.on("refused", (message) => {
      this.looking(false);
      page.say(message.sentence);
    });
    this.draw();
  }

  async open() {
    const opened = await this.page.ask("open");
    if (opened?.detail) this.take(opened.detail);
  }

  async look() {
    if (!this.detail) return;
    this.looking(true);
    if (!(await this.page.ask("refresh", { contact: this.detail.id }))) this.looking(false);
  }

  looking(isLooking) {
    this.refresh.disabled = isLooking || !this.detail;
    this.refresh.textContent = isLooking ? "Reading…" : "Refresh this record";
  }

  take(detail) {
    const isOther = this.detail?.id !== detail.id;
    this.detail = detail;
    this.looking(false);
    this.name.textContent = detail.name || "(no name)";
    const [word, tone] = STATES[detail.state] ?? [detail.state, ""];
    const badge = make("span", { class: "htg-badge", "data-tone": tone, text: word });
    const when = detail.synced_at ? ` last written ${text(detail.synced_at)} UTC` : " never written by a run";
    this.sub.replaceChildren(badge, when, ...(detail.reason ? [make("div", { text: detail.reason })] : []));
    for (const name of ["tasks", "notes", "meetings", "conflicts", "history"]) {
      this.tabs.count(name, detail[name].length, name === "conflicts");
    }
    if (isOther) this.tabs.body.scrollTop = 0;
    this.draw();
  }

  draw() {
    const draw = { fields, tasks, notes, meetings, conflicts, history }[this.tabs.shown];
    const empty = make("div", { class: "htg-empty", text: "Choose a contact to see what both systems hold of it." });
    this.tabs.body.replaceChildren(...(this.detail ? draw(this.detail) : [empty]));
  }
}

const none = (sentence) => [make("div", { class: "htg-empty", text: sentence })];

const value = (held) => (text(held) === "" ? make("span", { class: "htg-blank", text: "blank" }) : make("span", { class: "htg-value", text: text(held) }));

function fields(detail) {
  const heads = ["Field", "HighLevel and TimeTonic"].map((each) => make("th", { text: each, scope: "col" }));
  const rows = detail.fields.map((each) => make("tr", {}, make("td", { text: each.title }), held(each, detail.records)));
  return [places(detail.records), make("table", { class: "is-fields" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows))];
}

// One line where the sides agree, one for each where they do not, or where only one keeps the field.
function held(field, records) {
  const cell = make("td", { title: titles(field), class: field.differs ? "is-apart" : "" });
  const both = Object.keys(field.places).length > 1;
  if (both && field.is_agreed && !field.differs) cell.append(make("span", { class: "htg-sub", text: "✓ " }), value(field.agreed));
  else cell.append(...records.filter(({ side }) => side in field.places).map(({ side }) => oneSide(field, side, both)));
  if (field.problem) cell.append(make("span", { class: "htg-from", text: `⚠ ${field.problem}` }));
  const when = field.written_at ? `${text(field.written_at)} ${field.written_by}` : field.written_by;
  cell.append(make("span", { class: "htg-from", text: when }));
  return cell;
}

function oneSide(field, side, isOneOfTwo) {
  const sign = field.differs ? "⇄ " : "";
  const shown = side in field.shown ? value(field.shown[side]) : make("span", { class: "htg-blank", text: "not seen yet" });
  return make("div", {}, make("span", { class: "htg-sub", text: `${sign}${side}${isOneOfTwo ? "" : " only"}: ` }), shown);
}

function titles(field) {
  const names = Object.entries(field.places).map(([side, name]) => `${side}: ${name}`).join("; ");
  return field.differs ? `The sides differ. ${names}` : names;
}

function places(records) {
  const parts = records.map((each) => {
    const where = each.id === null ? "has no record" : each.id;
    const link = each.url
      ? make("a", { class: "htg-link", href: each.url, target: "_blank", rel: "noopener noreferrer", text: `Open in ${each.side}` })
      : null;
    const stamp = each.updated_at ? `, changed there ${text(each.updated_at)}` : "";
    return make("div", { class: "htg-sub" }, `${each.side}: ${where}${stamp} `, link);
  });
  return make("div", {}, ...parts);
}

function line(head, side, ...rest) {
  return make("li", {}, make("div", { class: "htg-line-head" }, head, side), ...rest);
}

function tasks(detail) {
  if (!detail.tasks.length) return none("No tasks.");
  return [make("ul", { class: "htg-lines" }, ...detail.tasks.map((each) => {
    const [word, tone] = each.is_completed ? ["✓ done", "good"] : each.is_overdue ? ["! overdue", "bad"] : ["○ open", ""];
    const due = each.due_at ? `due ${text(each.due_at)}` : "no due date";
    return line(
      make("b", { text: each.title }), make("span", { class: "htg-badge", "data-tone": tone, text: word }),
      make("span", { class: "htg-sub", text: [due, each.owner].filter(Boolean).join(" · ") }),
    );
  }))];
}

function notes(detail) {
  if (!detail.notes.length) return none("No notes.");
  return [make("ul", { class: "htg-lines" }, ...detail.notes.map((each) => line(
    make("span", { class: "htg-sub", text: [each.author, text(each.written_at)].filter(Boolean).join(" · ") }), null, make("p", { text: each.body }),
  )))];
}

function meetings(detail) {
  if (!detail.meetings.length) return none("No appointments.");
  return [make("ul", { class: "htg-lines" }, ...detail.meetings.map((each) => line(
    make("b", { text: each.title || "(no title)" }), make("span", { class: "htg-badge", text: each.status }),
    make("span", { class: "htg-sub", text: `${text(each.starts_at)} to ${text(each.ends_at)}` }),
  )))];
}

function conflicts(detail) {
  if (!detail.conflicts.length) return none("No conflicts: no field was changed differently on both sides.");
  const rows = detail.conflicts.map((each) => make(
    "tr", {}, make("td", { text: each.title }), make("td", {}, value(each.highlevel)), make("td", {}, value(each.timetonic)), make("td", {}, value(each.base)),
  ));
  const heads = ["Field", "HighLevel", "TimeTonic", "Agreed before"].map((each) => make("th", { text: each, scope: "col" }));
  return [
    make("p", { class: "htg-sub", text: `${several(detail.conflicts.length, "field")} changed on both sides. Decide in the sync console or in Slack; until then neither side is touched.` }),
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)),
  ];
}

function history(detail) {
  if (!detail.history.length) return none("No run has written anything of this contact yet.");
  return [make("ul", { class: "htg-lines" }, ...detail.history.map((each) => {
    const where = each.side ? ` in ${each.side}` : "";
    const tone = { done: "good", failed: "bad", unknown: "warn" }[each.state] ?? "";
    const word = each.state === "done" ? "✓ done" : each.state === "failed" ? "✕ failed" : each.state;
    const changes = each.changes.map(([title, before, after]) => make(
      "p", {}, make("span", { class: "htg-sub", text: `${title}: ` }),
      ...(each.is_new ? [] : [make("s", { text: text(before) || "blank" }), " → "]), value(after),
    ));
    return line(
      make("span", { text: each.what + where }), make("span", { class: "htg-badge", "data-tone": tone, text: word }),
      make("span", { class: "htg-sub", text: `${text(each.at)} UTC · ${each.by} · run ${each.run}` }),
      ...changes, ...(each.reason ? [make("p", { class: "htg-sub", text: each.reason })] : []),
    );
  }))];
}

export default panel(async (page) => {
  await new Detail(page).open();
});
