// A list whose items are moved by their grip: with the pointer, or with the arrow keys.
import { make } from "./dom.js";

export function grip(label, { list, index, count, move }) {
  const made = make("button", { class: "rul-grip", type: "button", text: "⠿", "aria-label": `Move ${label}, place ${index + 1} of ${count}. Arrow up and down.`, title: "Drag, or arrow keys" });
  made.onkeydown = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const to = index + by;
    if (to >= 0 && to < count) move(index, to);
  };
  made.onpointerdown = (event) => event.button === 0 && lift(event, made.closest("li"), list, index, move);
  return made;
}

function lift(event, item, list, index, move) {
  event.preventDefault();
  const others = () => [...list.children].filter((each) => each !== item);
  let to = index;
  const drag = (now) => {
    item.classList.add("is-lifted");
    const below = others().findIndex((each) => {
      const at = each.getBoundingClientRect();
      return now.clientY < at.top + at.height / 2;
    });
    to = below < 0 ? others().length : below;
    list.insertBefore(item, others()[to] ?? null);
  };
  const end = (isDropped) => {
    window.removeEventListener("pointermove", drag);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", escape, true);
    item.classList.remove("is-lifted");
    if (isDropped && to !== index) move(index, to);
    else list.insertBefore(item, others()[index] ?? null);
  };
  const drop = () => end(true);
  const cancel = () => end(false);
  const escape = (pressed) => pressed.key === "Escape" && end(false);
  window.addEventListener("pointermove", drag);
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", escape, true);
}

export function moved(items, from, to) {
  const copy = [...items];
  const [one] = copy.splice(from, 1);
  copy.splice(to, 0, one);
  return copy;
}
