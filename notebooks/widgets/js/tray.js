// The bulk editor's tray: what is staged, what is wrong with it, what it would do, and what was done.
import { dress } from "./desk_style.js";
import { button, make, number, several, text } from "./dom.js";
import { panel } from "./page.js";
import { Tabs } from "./tabs.js";
import { drawBatches, drawLines, drawPlan, drawReverted, none } from "./tray_parts.js";

const TABS = [["staged", "Staged"], ["errors", "Errors"], ["plan", "Plan"], ["history", "History"]];
const WORDS = { apply: "Applying", resume: "Resuming", retry: "Retrying", revert: "Taking back" };

class Tray {
  constructor(page) {
    this.page = page;
    dress(page);
    page.root.style.height = `${page.height}px`;
    this.tabs = new Tabs(TABS, { label: "Staged changes and batches", onShow: () => this.draw() });
    this.bar = make("i");
    this.progress = make("div", { class: "htg-progress", role: "progressbar", "aria-label": "Progress", hidden: true }, this.bar);
    this.state = make("span", { class: "htg-sub", role: "status" });
    this.apply = button("Apply", () => this.start("apply"), { class: "htg-button is-first htg-apply", disabled: true });
    this.stop = button("Stop", () => this.halt(), { class: "htg-button htg-stop", hidden: true, title: "Writes under way finish, nothing new is sent. The rest can be resumed." });
    page.root.append(
      this.tabs.list, page.notice, this.tabs.body,
      make("div", { class: "htg-strip" }, this.state, this.progress, page.busy, make("span", { class: "htg-gap" }), this.stop, this.apply),
    );
    this.hear();
  }

  hear() {
    const { page } = this;
    page.on("counts", (message) => this.counts(message));
    page.on("plan", (message) => this.planned(message.plan));
    page.on("plan_refused", (message) => this.refused(message.sentence));
    page.on("working", (message) => this.working(message.verb));
    page.on("progress", (message) => this.move(message));
    page.on("ended", (message) => this.ended(message));
    page.on("reverted", (message) => this.reverted(message));
    page.on("failed", (message) => this.failed(message.sentence));
    page.on("idle", (message) => this.idle(message));
  }

  async open() {
    const opened = await this.page.ask("open");
    if (!opened) return;
    this.counts(opened);
    if (opened.verb) this.working(opened.verb);
    this.draw();
    const past = await this.page.ask("history");
    const cut = past?.batches.filter((each) => each.can_resume && each.state !== "staged").length;
    if (cut && !opened.verb) this.page.say(`${several(cut, "batch", "batches")} did not come to an end: see History to resume. What was sent is not sent again.`, true);
  }

  counts({ count, problems }) {
    this.count = count;
    this.problems = problems;
    this.tabs.count("staged", count);
    this.tabs.count("errors", problems, true);
    this.label();
    clearTimeout(this.drawing);
    this.drawing = setTimeout(() => this.draw(), 120);
  }

  label() {
    const some = this.problems ? `Apply the ${number(this.count)} valid ${this.count === 1 ? "change" : "ones"}` : `Apply ${several(this.count, "change")}`;
    this.apply.textContent = this.count ? some : "Apply";
    this.apply.disabled = !this.count || Boolean(this.verb);
    const bad = this.problems ? ` ${several(this.problems, "value")} cannot be written and will be left here.` : "";
    if (!this.verb) this.state.textContent = this.count ? `${several(this.count, "change")} staged, nothing sent yet.${bad}` : bad.trim() || "Nothing is staged.";
  }

  async draw() {
    const shown = this.tabs.shown;
    const drawn = await { staged: () => this.staged(), errors: () => this.errors(), plan: () => this.plan(), history: () => this.history() }[shown]();
    if (drawn && shown === this.tabs.shown) this.tabs.body.replaceChildren(...drawn);
  }

  async staged() {
    const found = await this.page.ask("staged");
    if (!found) return null;
    if (!found.cells_total && !found.extras.length) return none("Nothing is staged. Type into the grid, paste a block, or use the form.");
    const extras = found.extras.map((each) => make(
      "tr", {}, make("td", { colspan: "4" }, make("b", { text: each.title }), ...each.notes.map((note) => make("span", { class: "htg-from", text: note }))),
      make("td", {}, this.dropper(() => this.page.ask("drop_extra", { number: each.number }))),
    ));
    const cells = found.cells.map((each) => this.cell(each));
    return [this.table(["Contact", "Column", "Was", "Will be", ""], [...extras, ...cells]), this.rest(found.cells_total - found.cells.length), this.foot()];
  }

  async errors() {
    const found = await this.page.ask("errors");
    if (!found) return null;
    const parts = [];
    if (found.cells_total) {
      parts.push(
        make("p", { class: "htg-sub", text: `${several(found.cells_total, "value")} cannot be written. Type it again in the grid, or drop it.` }),
        this.table(["Contact", "Column", "Was", "Typed", ""], found.cells.map((each) => this.cell(each))),
        this.rest(found.cells_total - found.cells.length),
        make("div", { class: "htg-actions", style: "margin:8px 0 12px" }, button(`Drop ${found.cells_total === 1 ? "it" : `all ${number(found.cells_total)}`}`, () => this.page.ask("drop_errors"))),
      );
    }
    if (this.last?.left_total) parts.push(...this.leftOver());
    return parts.length ? parts : none("No errors: every staged value can be written.");
  }

  leftOver() {
    const { batch, left, left_total: total } = this.last;
    const retry = batch.can_retry ? button("Retry failed", () => this.start("retry", batch.id), { disabled: Boolean(this.verb) }) : null;
    return [
      make("h3", { text: `Of “${batch.name || batch.id}”: ${several(total, "change")} not done` }),
      make("p", { class: "htg-sub", text: batch.said }), drawLines(left), this.rest(total - left.length), make("div", { class: "htg-actions" }, retry),
    ];
  }

  cell(each) {
    const after = make("td", {}, each.problem ? `⚠ ${text(each.new)}: ${each.problem}` : text(each.new) || "(blank)");
    return make(
      "tr", {}, make("td", { text: text(each.name) }), make("td", { text: each.title }), make("td", {}, make("s", { text: text(each.old) || "(blank)" })), after,
      make("td", {}, this.dropper(() => this.page.ask("drop", { id: each.id, field: each.field }))),
    );
  }

  dropper(drop) {
    return button("Drop", drop, { class: "htg-button is-small" });
  }

  table(heads, rows) {
    return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((each) => make("th", { text: each, scope: "col" })))), make("tbody", {}, ...rows));
  }

  rest(count) {
    return count > 0 ? make("p", { class: "htg-sub", text: `and ${number(count)} more` }) : "";
  }

  foot() {
    return make("div", { class: "htg-actions", style: "margin-top:8px" }, button("Drop all", () => this.page.ask("drop_all")), make("span", { class: "htg-sub", text: "Dropped cells come back with “Undo typing” in the grid." }));
  }

  async plan() {
    const answer = await this.page.ask("plan");
    if (!answer) return null;
    return answer.kind === "planning" ? none("Working out what this would do…") : none("Nothing is staged that could be planned.");
  }

  planned(plan) {
    if (this.tabs.shown !== "plan") return;
    this.tabs.body.replaceChildren(...drawPlan(plan, { onApprove: plan.approval ? () => this.start("apply", null, plan.approval) : null }));
  }

  refused(sentence) {
    if (this.tabs.shown === "plan") this.tabs.body.replaceChildren(...none(sentence));
    else this.page.say(sentence);
  }

  async history() {
    const found = await this.page.ask("history");
    if (!found) return null;
    return drawBatches(found.batches, {
      isBusy: Boolean(this.verb),
      onAct: (verb, batch) => this.start(verb, batch),
      onLines: (batch) => this.page.ask("lines", { batch }),
      onRecipe: (batch) => this.save(batch),
      onForget: async (batch) => (await this.page.ask("forget", { batch })) && this.draw(),
    });
  }

  async save(batch) {
    const recipe = await this.page.ask("recipe", { batch });
    if (!recipe) return;
    const address = URL.createObjectURL(new Blob([JSON.stringify(recipe.block, null, 1)], { type: "application/json" }));
    const link = make("a", { href: address, download: recipe.name });
    link.click();
    URL.revokeObjectURL(address);
    this.page.say(`${recipe.name} was saved where your browser keeps downloads. “hightonic bulk ${recipe.name}” replays it.`, true);
  }

  async start(verb, batch = null, approve = null) {
    // “working” is told to every tray of the kernel, this one among them.
    if (verb === "apply") await this.page.ask("apply", { approve });
    else await this.page.ask("act", { verb, batch, approve });
  }

  working(verb) {
    this.verb = verb;
    this.stop.hidden = false;
    this.stop.disabled = false;
    this.progress.hidden = false;
    this.move({ what: "", done: 0, total: 0 });
    this.label();
  }

  async halt() {
    this.stop.disabled = true;
    this.state.textContent = "Stopping: writes under way finish, nothing new is sent…";
    await this.page.ask("stop");
  }

  move({ done, total }) {
    if (!this.verb || this.stop.disabled) return;
    const share = total ? Math.min(100, (100 * done) / total) : 0;
    this.bar.style.width = `${share}%`;
    this.progress.setAttribute("aria-valuenow", String(Math.round(share)));
    this.state.textContent = total ? `${WORDS[this.verb]}: ${number(done)} of ${number(total)} writes` : `${WORDS[this.verb]}…`;
  }

  ended(message) {
    this.last = message;
    const { batch } = message;
    if (message.brakes.length) {
      this.page.say(`Nothing was sent: ${message.brakes.join("; ")}. Look at the plan and approve it there.`);
      this.tabs.mark("plan");
    } else {
      const isDone = batch.state === "done";
      this.page.say(isDone ? `Done: ${several(batch.items, "change")} written. History can take the batch back.` : batch.said, isDone);
      this.tabs.mark(isDone ? "history" : message.left_total ? "errors" : "history");
    }
  }

  reverted(message) {
    this.tabs.mark("history");
    this.held = drawReverted(message);
    this.page.say(message.kept_total
      ? `Taken back, but for ${several(message.kept_total, "record")} that somebody else changed since: see below.`
      : `The batch was taken back: ${several(message.undone, "write")}.`, !message.kept_total);
  }

  failed(sentence) {
    this.page.say(sentence);
    this.tabs.mark("history");
  }

  async idle(message) {
    this.verb = "";
    this.stop.hidden = true;
    this.progress.hidden = true;
    this.counts(message);
    clearTimeout(this.drawing);
    await this.draw();
    if (this.held) this.tabs.body.prepend(...this.held);
    this.held = null;
  }

  close() {
    clearTimeout(this.drawing);
  }
}

export default panel(async (page) => {
  const tray = new Tray(page);
  await tray.open();
  return () => tray.close();
});
