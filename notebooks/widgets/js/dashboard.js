// The dashboard's page half: a picture from Python; a click on a bar filters the explorer.
import { button, make } from "./dom.js";
import { panel } from "./page.js";
import { draw, onPick } from "./tree.js";

const LOOK_MS = 20000;

export default panel(async (page) => {
  const opened = await page.ask("open");
  if (!opened) return undefined;
  const place = make("div", { class: "htg-picture", "aria-busy": "true" }, make("p", { class: "pic-note", text: "Reading the figures…" }));
  const again = button("Refresh", () => look(), { class: "htg-button" });
  const said = make("span", { class: "htg-picked", role: "status" });
  page.root.append(
    make("style", { text: opened.sheet }),
    make("div", { class: "htg-bar" }, make("b", { text: "Dashboard" }), said, page.busy, make("span", { class: "htg-gap" }), again),
    page.notice, place,
  );
  const show = ({ tree }) => {
    place.replaceChildren(draw(tree));
    place.setAttribute("aria-busy", "false");
    page.root.dataset.drawn = String(Math.round(performance.now()));
  };
  const look = async () => {
    const answer = await page.ask("look");
    if (answer) show(answer);
  };
  page.on("picture", show);
  onPick(place, async (picks) => {
    if (await page.ask("pick", { picks })) {
      const [[field, value]] = Object.entries(picks);
      said.textContent = `The explorer shows ${field.replaceAll("_", " ")}: ${value ?? "blank"}`;
    }
  });
  const timer = setInterval(() => document.hidden || look(), LOOK_MS);
  return () => clearInterval(timer);
});
