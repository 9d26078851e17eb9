// The view under a name: rules and Slack know it as a segment then.
import { button, make } from "./dom.js";

export function offerSegments(page, view, { names, query, onShow }) {
  const known = make("datalist", { id: `htg-segments-${Math.random().toString(36).slice(2)}` });
  const name = make("input", { class: "htg-field", type: "text", placeholder: "late_customers", list: known.id, "aria-label": "Name of the segment" });
  const replaces = make("input", { type: "checkbox" });
  const form = make(
    "form", { class: "htg-bar htg-segment", hidden: true },
    make("span", { text: "Save what the grid shows as segment" }), name, known,
    make("label", {}, replaces, " replace one of that name"),
    make("button", { class: "htg-button", type: "submit", text: "Save segment" }),
    button("Cancel", () => toggle(false)),
  );
  const opener = button("Save segment…", () => toggle(form.hidden), { "aria-expanded": "false" });
  const shower = make("select", { class: "htg-field htg-shower", "aria-label": "Show a segment", onchange: () => show(shower.value) });
  const list = (segments) => {
    known.replaceChildren(...segments.map((each) => make("option", { value: each })));
    shower.replaceChildren(make("option", { value: "", text: "Segments" }), ...segments.map((each) => make("option", { value: each, text: each })));
    shower.hidden = segments.length === 0;
  };
  const show = async (segment) => {
    if (!segment) return;
    const answer = await page.ask("segment_show", { name: segment });
    shower.value = "";
    if (answer) onShow(answer.query);
  };
  const toggle = (isOpen) => {
    form.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    (isOpen ? name : opener).focus();
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await page.ask("segment", { name: name.value, replaces: replaces.checked, ...query() });
    if (!answer) return;
    list(answer.segments);
    toggle(false);
    page.say(answer.sentence, true);
  };
  form.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
  list(names);
  view.bar.insertBefore(shower, view.undo);
  view.bar.insertBefore(opener, view.undo);
  view.bar.after(form);
}
