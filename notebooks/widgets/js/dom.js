// Small makers of page parts. Text enters as textContent only: a contact's name may hold markup.
export function part(name, content) {
  const made = document.createElement(name);
  made.textContent = content ?? "";
  return made;
}

// make("button", { class: "htg-button", text: "Go", title: "…", disabled: true, onclick }, child, child)
export function make(name, settings = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made[key] = value;
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

export const button = (text, onclick, settings = {}) => make("button", { class: "htg-button", type: "button", text, onclick, ...settings });

export const number = (count) => (count ?? 0).toLocaleString("en");

export const several = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

export function text(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  // 2026-11-23T09:00:00Z reads as 2026-11-23 09:00; times are UTC, as the tooltip says.
  const moment = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|\+00:00)$/.exec(value);
  return moment ? `${moment[1]} ${moment[2]}` : String(value);
}
