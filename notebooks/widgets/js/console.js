// The sync console's page half: what would be done, doing it, deciding, looking back, taking back.
import { drawConflicts } from "./console_conflicts.js";
import { drawLog, drawRuns } from "./console_log.js";
import { drawPlan, drawReport } from "./console_plan.js";
import { dress } from "./desk_style.js";
import { button, make, number, several } from "./dom.js";
import { panel } from "./page.js";
import { Tabs } from "./tabs.js";

const TABS = [["plan", "Plan and run"], ["conflicts", "Conflicts"], ["log", "Activity"], ["runs", "Runs"]];
const LOOK_MS = 10000;
const STYLE = `
.htg-console .htg-tab-body{flex:none;min-height:260px}.htg-console td.is-whole{white-space:nowrap}
.htg-console .htg-tab-body>div{display:flex;flex-direction:column;gap:12px}
.htg-console .htg-full{display:flex;gap:6px;align-items:center;padding-top:7px;white-space:nowrap}
.htg-console .htg-head{align-items:flex-start}.htg-console .htg-busy{padding-top:7px}
.htg-console .htg-gap{flex:1}.htg-console .htg-log-bar input.htg-field{width:220px}
.htg-console button.htg-pick{max-width:280px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:left}
.htg-console button.htg-pick[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
.htg-console button.htg-pick[aria-pressed=true]::before{content:"✓ "}
.htg-console[data-ag-theme-mode=dark] button.htg-pick[aria-pressed=true]{color:#0d1524}
.htg-console input.htg-field[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.htg-console .htg-conflict td{vertical-align:middle}.htg-console .pic{padding:0}
.htg-console details p{margin:3px 0}
`;

class Console {
  constructor(page, opened) {
    this.page = page;
    this.isWorking = opened.is_working;
    this.places = Object.fromEntries(TABS.map(([name]) => [name, make("div")]));
    this.tabs = new Tabs(TABS, { label: "Sync console", onShow: (name) => this.show(name) });
    this.state = make("p", { class: "htg-sub", role: "status" });
    this.pause = button("Pause", () => this.turn());
    this.preview = button("Preview", () => this.begin("preview"));
    this.run = button("Sync now", () => this.begin("run"), { class: "htg-button is-first" });
    this.full = make("input", { type: "checkbox" });
    this.stop = button("Stop", () => this.halt(), { hidden: true });
    this.fill = make("i");
    this.doing = make("span", { class: "htg-sub", role: "status" });
    this.strip = make("div", { class: "htg-strip", hidden: !opened.is_working }, this.doing,
      make("div", { class: "htg-progress", role: "progressbar", "aria-label": "Progress" }, this.fill), this.stop);
    page.root.classList.add("htg-console");
    const full = make("label", { class: "is-inline htg-full", title: "Read everything again instead of what changed" }, this.full, " read everything");
    page.root.append(
      make("style", { text: opened.sheet + STYLE }),
      make("div", { class: "htg-head" }, make("div", {}, make("h2", { text: `Sync of ${opened.connection}` }), this.state),
        page.busy, full, this.preview, this.run, this.pause),
      page.notice, this.strip, this.tabs.list, this.tabs.body,
    );
    this.tabs.body.style.maxHeight = `${page.height}px`;
    this.places.plan.append(make("p", { class: "htg-empty", text: "Preview shows what a sync would do. Nothing is written before you say so." }));
    this.listen();
    this.show("plan");
    this.working(opened.is_working);
  }

  listen() {
    const { page } = this;
    page.on("state", (message) => this.stand(message));
    page.on("plan", ({ plan }) => {
      drawPlan(this.places.plan, plan, { onApprove: (approve) => this.begin("run", { approve }) });
      if (!this.isRunning) this.working(false);
    });
    page.on("report", ({ report }) => {
      drawReport(this.places.plan, report, {
        onApprove: (approve) => this.begin("run", { approve }),
        onUndo: () => this.begin("undo", { run: report.run }),
        onDecide: () => this.tabs.show("conflicts"),
        onLog: () => { this.tabs.show("log"); drawLog.only(this.places.log, report.run); },
      });
      this.working(false);
      drawLog.again(this.places.log); // the rest is told by Python, as to every panel
    });
    page.on("failed", ({ sentence }) => {
      this.working(false);
      this.places.plan.replaceChildren(make("div", { class: "htg-brake", role: "alert", text: sentence }));
      this.refresh();
    });
    page.on("progress", ({ what, done, total }) => {
      this.doing.textContent = total ? `${what}: ${number(done)} of ${number(total)}` : `${what}: ${number(done)}`;
      this.fill.style.width = total ? `${(100 * done) / total}%` : "100%";
      this.strip.hidden = false;
    });
    page.on("conflicts", (message) => this.conflicts(message));
    page.on("runs", (message) => this.runs(message));
  }

  async begin(kind, content = {}) {
    const options = kind === "preview" || kind === "run" ? { full: this.full.checked } : {};
    this.isRunning = kind !== "preview";
    const begun = await this.page.ask(kind, { ...options, ...content });
    if (!begun) return;
    this.doing.textContent = kind === "preview" ? "Looking at both systems…" : "Beginning…";
    this.fill.style.width = "0";
    this.tabs.show("plan");
    this.working(true);
  }

  working(isWorking) {
    this.isWorking = isWorking;
    this.strip.hidden = !isWorking;
    this.stop.hidden = !isWorking || this.isRunning === false;
    this.stop.disabled = false;
    for (const each of [this.preview, this.run]) each.disabled = isWorking;
    this.page.root.dataset.working = isWorking ? "yes" : "no";
  }

  async halt() {
    const answer = await this.page.ask("stop");
    if (!answer) return;
    this.stop.disabled = true;
    this.doing.textContent = "Stopping: writes under way finish, nothing new begins";
  }

  async turn() {
    const answer = await this.page.ask(this.isPaused ? "resume" : "pause");
    if (answer) this.stand(answer);
  }

  stand({ is_paused: isPaused, obstacle, equal, waiting, conflicts, every_minutes: minutes }) {
    this.isPaused = isPaused;
    this.pause.textContent = isPaused ? "Resume" : "Pause";
    const equalWords = equal === "never" ? "not known to be equal yet" : `equal ${equal} ago`;
    const words = obstacle || `Every ${minutes} minutes when the service runs · ${equalWords}`;
    this.state.textContent = `${words} · ${several(waiting, "event")} waiting · ${several(conflicts, "conflict")}`;
    this.tabs.count("conflicts", conflicts, conflicts > 0);
  }

  conflicts(message) {
    this.tabs.count("conflicts", message.total, message.total > 0);
    drawConflicts(this.places.conflicts, message, { onSettle: (choices) => this.begin("settle", { choices }) });
  }

  runs(message) {
    drawRuns(this.places.runs, message, {
      onUndo: (run) => this.begin("undo", { run }),
      onLog: (run) => { this.tabs.show("log"); drawLog.only(this.places.log, run); },
    });
  }

  show(name) {
    this.tabs.body.replaceChildren(this.places[name]);
    if (name === "log" && !this.places.log.firstChild) {
      drawLog(this.places.log, { ask: (filters) => this.page.ask("log", filters), onRetry: () => this.begin("retry") });
    }
  }

  async refresh() {
    for (const kind of ["state", "conflicts", "runs"]) {
      const answer = await this.page.ask(kind);
      if (answer) this.page.hear(answer);
    }
    drawLog.again(this.places.log);
  }
}

export default panel(async (page) => {
  dress(page);
  const opened = await page.ask("open");
  if (!opened) return undefined;
  const made = new Console(page, opened);
  const timer = setInterval(async () => {
    if (document.hidden || made.isWorking) return;
    const answer = await page.ask("state");
    if (answer) made.stand(answer);
  }, LOOK_MS);
  return () => clearInterval(timer);
});
