// Cards: a rule's parts between the words of the settings file and the blanks people fill in.
import { make, part } from "./dom.js";

const isGroup = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const asList = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

// -- reading

export const readWhen = (raw) => asList(raw).map((each) => (isGroup(each) ? { word: each.trigger, value: without(each, "trigger") } : { word: each, value: {} }));

export function readIf(raw) {
  if (raw === undefined || raw === null) return { join: "all", cards: [] };
  if (Array.isArray(raw)) return { join: "all", cards: raw.map(condition) };
  const [key] = Object.keys(raw);
  if (Object.keys(raw).length === 1 && (key === "all" || key === "any")) return { join: key, cards: asList(raw[key]).map(condition) };
  return { join: "all", cards: [condition(raw)] };
}

function condition(raw) {
  if (!isGroup(raw)) return { word: "", value: raw };
  const keys = Object.keys(raw);
  if (keys.length === 1 && keys[0] === "not" && isGroup(raw.not) && !("not" in raw.not) && !("any" in raw.not) && !("all" in raw.not)) {
    return { ...condition(raw.not), isNot: true };
  }
  if ("field" in raw && keys.length === 2) return { word: "field", value: raw };
  if (keys.length === 1 && !["all", "any", "not"].includes(keys[0])) return { word: keys[0], value: raw[keys[0]] };
  return { word: "", value: raw };
}

export const readThen = (raw) => asList(raw).map((each) => {
  const keys = isGroup(each) ? Object.keys(each) : [];
  return keys.length === 1 ? { word: keys[0], value: each[keys[0]] } : { word: "", value: each };
});

// -- writing

export const writeWhen = (cards) => {
  const all = cards.map(({ word, value }) => (Object.keys(value).length ? { trigger: word, ...value } : word));
  return all.length === 1 ? all[0] : all;
};

export function writeIf({ join, cards }) {
  const all = cards.map((each) => {
    const said = each.word === "" || each.word === "field" ? each.value : { [each.word]: each.value };
    return each.isNot ? { not: said } : said;
  });
  if (!all.length) return undefined;
  return all.length === 1 ? all[0] : { [join]: all };
}

export const writeThen = (cards) => cards.map(({ word, value }) => (word === "" ? value : { [word]: value }));

const without = (group, key) => Object.fromEntries(Object.entries(group).filter(([name]) => name !== key));

// -- blanks

// The form of one card. `put` takes the card's new value.
export function blanks(card, kind, { words, put }) {
  if (card.word === "field") return comparison(card.value, { words, put });
  if (!kind) return [written(card.value, put)];
  if (kind.blanks.length === 1 && kind.blanks[0].key === "") return [single(kind.blanks[0], card.value, { words, put })];
  const group = isGroup(card.value) ? card.value : kind.short && card.value !== null && card.value !== undefined && card.value !== true ? { [kind.short]: card.value } : {};
  const known = new Set(kind.blanks.map((each) => each.key));
  const forms = kind.blanks.map((blank) => filled(blank, group[blank.key], { words, put: (value) => put(shortened({ ...without(group, blank.key), ...(value === undefined ? {} : { [blank.key]: value }) }, kind)) }));
  const more = Object.keys(group).filter((key) => !known.has(key));
  return more.length ? [...forms, part("small", `and, as written: ${more.join(", ")}`)] : forms;
}

function shortened(group, kind) {
  const keys = Object.keys(group);
  if (kind.short && keys.length === 1 && keys[0] === kind.short) return group[kind.short];
  return keys.length || kind.word in { schedule: 1 } || !kind.short ? group : true;
}

function single(blank, value, { words, put }) {
  if (blank.kind === "values") return values(value, { words, put });
  return filled(blank, value, { words, put });
}

function filled(blank, value, { words, put }) {
  const label = blank.title;
  const hint = { "aria-label": label, placeholder: blank.hint || undefined };
  if (blank.kind === "tick") {
    const box = make("input", { type: "checkbox", onchange: () => put(box.checked || undefined) });
    box.checked = Boolean(value);
    return make("label", { class: "is-tick" }, box, part("span", label));
  }
  if (blank.kind === "one_of") return make("label", { text: label }, choose([["", "any"], ...blank.options], value ?? "", (chosen) => put(chosen || undefined), hint));
  if (blank.kind === "fields") return make("label", { text: label }, line(asList(value).join(", "), (typed) => put(listed(typed)), { ...hint, list: words.names("contact") }));
  if (blank.kind === "list") return make("label", { text: label }, line(asList(value).join(", "), (typed) => put(listed(typed)), hint));
  if (blank.kind === "number") return make("label", { text: label }, line(value ?? "", (typed) => put(typed === "" ? undefined : numbered(typed)), hint));
  if (blank.kind === "long") {
    const box = make("textarea", { rows: 2, value: value ?? "", ...hint });
    box.onchange = () => put(box.value || undefined);
    return make("label", { text: label }, box);
  }
  return make("label", { text: label }, line(value ?? "", (typed) => put(typed || undefined), hint));
}

function comparison(value, { words, put }) {
  const op = Object.keys(value).find((key) => key !== "field") ?? "is";
  const shape = words.field(value.field)?.shape ?? "text";
  const fits = words.tests.filter((each) => !each.shapes || each.shapes.includes(shape));
  const test = fits.find((each) => each.op === op) ?? fits[0];
  const field = choose(words.conditionFields(), value.field, (name) => put({ field: name, [op]: value[op] }), { "aria-label": "Field" });
  const how = choose(fits.map((each) => [each.op, each.title]), op, (next) => put({ field: value.field, [next]: fitting(words.tests.find((each) => each.op === next), value[op]) }), { "aria-label": "How it is compared" });
  const options = words.field(value.field)?.options ?? [];
  const set = (given) => put({ field: value.field, [op]: given });
  if (test?.kind === "tick") {
    const yes = choose([["yes", "yes"], ["no", "no"]], value[op] === false ? "no" : "yes", (said) => set(said === "yes"), { "aria-label": "Yes or no" });
    return [field, how, yes];
  }
  if (options.length && (op === "is" || op === "is_not")) return [field, how, choose(options, value[op] ?? options[0], set, { "aria-label": "Value" })];
  if (test?.kind === "list") return [field, how, line(asList(value[op]).join(", "), (typed) => set(listed(typed) ?? []), { "aria-label": "Values, parted by commas" })];
  const isNumber = test?.kind === "number" || (shape === "number" && typeof value[op] !== "string");
  return [field, how, line(value[op] ?? "", (typed) => set(isNumber || shape === "number" ? numbered(typed) : shape === "yes_no" ? typed === "yes" || typed === "true" : typed), { "aria-label": "Value" })];
}

const fitting = (test, value) => (test.kind === "tick" ? true : test.kind === "list" ? asList(value).filter((each) => each !== true).map(String) : Array.isArray(value) ? value.join(", ") : value === true ? "" : value ?? "");

function values(value, { words, put }) {
  const group = isGroup(value) ? value : {};
  const rows = Object.entries(group).map(([name, given]) => make("span", { class: "rul-blanks" },
    choose(words.settable(), name, (next) => put({ ...without(group, name), [next]: given }), { "aria-label": "Field" }),
    line(given ?? "", (typed) => put({ ...group, [name]: typed }), { "aria-label": `Value of ${name}`, placeholder: "value, or {{ field }}" })));
  return make("span", { class: "rul-blanks" }, ...rows);
}

function written(value, put) {
  const box = make("textarea", { rows: 3, "aria-label": "As it is written", value: JSON.stringify(value, null, 1) });
  box.onchange = () => {
    try {
      put(JSON.parse(box.value));
      box.setCustomValidity("");
    } catch {
      box.setCustomValidity("This is not JSON");
      box.reportValidity();
    }
  };
  return make("label", { text: "As it is written (JSON)" }, box);
}

export function choose(options, value, onchange, settings = {}) {
  const pairs = options.map((each) => (Array.isArray(each) ? each : [each, String(each).replaceAll("_", " ")]));
  const known = pairs.some(([name]) => name === value) ? pairs : [[value, String(value)], ...pairs];
  const made = make("select", { ...settings, onchange: () => onchange(made.value) }, ...known.map(([name, title]) => make("option", { value: name, text: title, selected: name === value })));
  return made;
}

export function line(value, onchange, settings = {}) {
  const made = make("input", { type: "text", value: String(value), ...settings });
  made.onchange = () => onchange(made.value.trim());
  return made;
}

const listed = (typed) => {
  const all = typed.split(",").map((each) => each.trim()).filter(Boolean);
  return all.length ? all : undefined;
};

const numbered = (typed) => (typed !== "" && Number.isFinite(Number(typed)) ? Number(typed) : typed);

// -- what a new card begins with, and what a rule says in a line

export function begin(kind, words) {
  if (kind.word === "field") return { word: "field", value: { field: words.conditionFields()[0]?.[0] ?? "name", is_blank: false } };
  const [blank] = kind.blanks;
  if (!blank) return { word: kind.word, value: true };
  if (blank.key !== "") return { word: kind.word, value: kind.blanks.some((each) => each.is_needed) ? Object.fromEntries(kind.blanks.filter((each) => each.is_needed).map((each) => [each.key, each.kind === "one_of" ? each.options[0] : ""])) : kind.short ? (kind.short === "to" ? { to: "" } : true) : {} };
  const start = { list: [], number: 0, values: { [words.settable()[0]?.[0] ?? "name"]: "" }, one_of: blank.options?.[0] ?? "" };
  return { word: kind.word, value: start[blank.kind] ?? "" };
}

export function summary(rule, words) {
  const whens = readWhen(rule.when).map((each) => words.title("triggers", each.word));
  const thens = readThen(rule.then).map((each) => words.title("actions", each.word));
  return `${whens.join(" or ") || "never"} → ${thens.join(", ") || "nothing yet"}`;
}
