// A row of tabs over one place: arrows move along it, each tab may carry a count.
import { make, number } from "./dom.js";

export class Tabs {
  // tabs: [[name, title], …]; onShow(name) when one is chosen.
  constructor(tabs, { label, onShow }) {
    this.onShow = onShow;
    this.buttons = new Map(tabs.map(([name, title]) => [name, this.tab(name, title)]));
    this.list = make("div", { class: "htg-tabs", role: "tablist", "aria-label": label }, ...this.buttons.values());
    this.body = make("div", { class: "htg-tab-body", role: "tabpanel", tabindex: "0" });
    this.list.addEventListener("keydown", (event) => this.move(event));
    this.mark(tabs[0][0]);
  }

  tab(name, title) {
    const count = make("i", { hidden: true });
    const made = make("button", { class: "htg-tab", type: "button", role: "tab", "data-tab": name, onclick: () => this.show(name) }, title, count);
    return made;
  }

  show(name) {
    this.mark(name);
    this.onShow(name);
  }

  mark(name) {
    this.shown = name;
    for (const [each, made] of this.buttons) {
      made.setAttribute("aria-selected", String(each === name));
      made.tabIndex = each === name ? 0 : -1;
    }
    this.body.setAttribute("aria-label", this.buttons.get(name).textContent);
  }

  count(name, count, isBad = false) {
    const place = this.buttons.get(name).querySelector("i");
    place.textContent = number(count);
    place.hidden = !count;
    place.dataset.bad = isBad ? "yes" : "no";
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = [...this.buttons.keys()];
    const next = names[(names.indexOf(this.shown) + step + names.length) % names.length];
    this.show(next);
    this.buttons.get(next).focus();
    event.preventDefault();
  }
}
