// What every panel's page half has: a root in the house's style, light or dark as Jupyter is, questions to
// Python, a line for what there is to say. A bundle is `export default panel((page) => { … return close; })`.
import { Asking } from "./asking.js";
import { make } from "./dom.js";
import { STYLE } from "./style.js";

const SAID_MS = 9000;

export function panel(build) {
  return {
    async render({ model, el }) {
      const page = new Page(model, el);
      const close = await build(page);
      return () => {
        close?.();
        page.close();
      };
    },
  };
}

export class Page {
  constructor(model, el) {
    this.model = model;
    this.hearers = new Map();
    this.root = make("div", { class: "htg ag-theme-mode", "data-lm-suppress-shortcuts": "true" });
    this.notice = make("div", { class: "htg-say", role: "alert", hidden: true });
    this.busy = make("span", { class: "htg-busy", role: "status", text: "Python is busy…", hidden: true });
    this.stopTheme = followTheme(this.root);
    this.asking = new Asking(model, {
      onBusy: (isBusy) => { this.busy.hidden = !isBusy; },
      onMessage: (message) => this.hear(message),
    });
    const style = document.createElement("style");
    style.textContent = STYLE;
    el.append(style, this.root);
    // Jupyter reads single letters as commands.
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
  }

  get height() {
    return this.model.get("height_px") ?? 560;
  }

  // The answer, or null where Python refused and the reason has been said.
  async ask(kind, content = {}) {
    const answer = await this.asking.ask({ kind, ...content });
    if (answer.kind !== "refused") return answer;
    this.say(answer.sentence);
    return null;
  }

  // Called with each message of a kind that Python says first.
  on(kind, call) {
    this.hearers.set(kind, call);
  }

  hear(message) {
    const call = this.hearers.get(message.kind);
    if (call) call(message);
    else if (message.sentence) this.say(message.sentence);
  }

  say(sentence, isMild = false) {
    this.notice.textContent = sentence;
    this.notice.dataset.mild = isMild ? "yes" : "no";
    this.notice.hidden = false;
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => { this.notice.hidden = true; }, SAID_MS);
  }

  close() {
    clearTimeout(this.sayTimer);
    this.stopTheme();
    this.asking.close();
  }
}

// Jupyter says its theme on <body>; elsewhere the browser's own preference counts.
function followTheme(root) {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const lab = document.body.dataset.jpThemeLight;
    const isDark = lab === undefined ? media.matches : lab === "false";
    root.dataset.agThemeMode = isDark ? "dark" : "light";
  };
  const watcher = new MutationObserver(apply);
  watcher.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  media.addEventListener("change", apply);
  apply();
  return () => {
    watcher.disconnect();
    media.removeEventListener("change", apply);
  };
}
