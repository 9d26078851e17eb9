"use strict";
// Sends what a person clicks and types; puts the HTML that comes back in its place.
const at = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const here = {
  team: query.get("team") || "",
  user: query.get("user") || "anna",
  channel: query.get("channel") || "#ops",
  isHome: query.get("tab") === "home",
  thread: "",
  version: -1,
  modal: null,
  turn: 0,
};
let last = Promise.resolve();

function theme(name) {
  document.documentElement.dataset.theme = name;
}
theme(query.get("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
at("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");

function say(sentence) {
  const line = document.createElement("p");
  line.textContent = sentence;
  at("notices").append(line);
}

// One act after another: a field's change must arrive before the form is handed in.
function act(what) {
  const body = JSON.stringify({ team: here.team, user: here.user, ...what });
  last = last.then(async () => {
    const answer = await fetch("/page/act", { method: "POST", headers: { "content-type": "application/json" }, body });
    const value = await answer.json();
    if (!answer.ok) say(value.sentence);
    return value;
  }).catch((broken) => say(String(broken)));
  return last;
}

function option(value, text, isChosen) {
  const one = document.createElement("option");
  one.value = value;
  one.textContent = text;
  one.selected = isChosen;
  return one;
}

function drawChannels(state) {
  const rows = [...state.channels, { id: "home", name: "🏠 Home" }];
  at("channels").replaceChildren(...rows.map((one) => {
    const button = document.createElement("button");
    button.textContent = one.name;
    button.dataset.channel = one.id;
    button.setAttribute("aria-current", String(here.isHome ? one.id === "home" : one.id === state.channel));
    button.onclick = () => {
      here.isHome = one.id === "home";
      if (here.isHome) act({ act: "home" });
      else here.channel = one.id;
      here.thread = "";
      refresh();
    };
    return button;
  }));
  // On a narrow page the row scrolls, and where one is must be in it.
  const current = at("channels").querySelector("[aria-current=true]");
  if (current) current.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function drawMessages(state) {
  const box = at("main");
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  const html = state.messages.map((one) => one.html).join("");
  if (at("messages").dataset.html !== html) {
    at("messages").innerHTML = html;
    at("messages").dataset.html = html;
    at("messages").querySelectorAll(".message").forEach((message) => message.append(tools(message, state)));
  }
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}

function tools(message, state) {
  const bar = document.createElement("div");
  bar.className = "tools";
  const add = (name, then) => {
    const button = document.createElement("button");
    button.className = "btn";
    button.textContent = name;
    button.onclick = then;
    bar.append(button);
  };
  add("Reply", () => {
    here.thread = message.dataset.place.split(":")[2];
    drawThread();
    at("text").focus();
  });
  for (const one of state.shortcuts.filter((each) => each.kind === "message")) {
    add(one.name, () => act({ act: "shortcut", callback_id: one.id, place: message.dataset.place }));
  }
  return bar;
}

function drawThread() {
  at("thread").hidden = !here.thread;
  at("thread").textContent = here.thread ? "Answering in the thread · click here to leave it" : "";
}
at("thread").onclick = () => { here.thread = ""; drawThread(); };

// What is being typed when the form is drawn anew: its field, and where the cursor stands.
function typing() {
  const field = document.activeElement;
  if (!at("overlay").contains(field) || !field.matches("input:not([type=radio],[type=checkbox]),textarea")) return null;
  const isText = field.type === "text" || field.tagName === "TEXTAREA";
  return { block: field.dataset.block, action: field.dataset.action, value: field.value, cursor: isText ? field.selectionStart : null };
}

function typeOn(held) {
  const field = [...at("overlay").querySelectorAll("input,textarea")].find((one) =>
    held && one.dataset.block === held.block && one.dataset.action === held.action);
  if (!field) return false;
  field.focus();
  // Set after the focus, the cursor stands behind it: fields for addresses take no place.
  field.value = "";
  field.value = held.value;
  if (held.cursor !== null) field.setSelectionRange(held.cursor, held.cursor);
  return true;
}

function drawModal(state) {
  const key = state.modal ? state.modal.key : "";
  if (key === here.modal) return;
  const isSame = here.modal && key.split(" ")[0] === here.modal.split(" ")[0];
  const held = isSame ? typing() : null;
  here.modal = key;
  at("overlay").hidden = !state.modal;
  at("overlay").innerHTML = state.modal ? state.modal.html : "";
  const first = at("overlay").querySelector("input,textarea,select");
  if (!typeOn(held) && first) first.focus();
}

function draw(state) {
  here.version = state.version;
  here.state = state;
  here.user = state.user;
  here.team = state.team;
  at("team").replaceChildren(...state.teams.map((one) => option(one.id, one.name, one.id === state.team)));
  at("user").replaceChildren(...state.people.map((one) =>
    option(one.id, one.standing === "member" ? one.name : `${one.name} (${one.standing})`, one.id === state.user)));
  drawChannels(state);
  at("messages").hidden = here.isHome;
  at("home").hidden = !here.isHome;
  const home = state.home || "<p>Nothing was published here yet.</p>";
  if (at("home").dataset.html !== home) {
    at("home").innerHTML = home;
    at("home").dataset.html = home;
  }
  drawMessages(state);
  drawModal(state);
  at("notices").replaceChildren(...state.notices.map((sentence) => {
    const line = document.createElement("p");
    line.textContent = sentence;
    line.title = "Click to put away";
    line.onclick = () => act({ act: "dismiss" });
    return line;
  }));
  drawHints();
  document.body.dataset.version = state.version;
}

function drawHints() {
  const typed = at("text").value;
  const commands = here.state ? here.state.commands : [];
  const fitting = typed.startsWith("/") && !typed.includes(" ") ? commands.filter((one) => one.command.startsWith(typed)) : [];
  at("commands").textContent = fitting.map((one) => `${one.command} ${one.hint}`).join(" · ");
}

async function look(since) {
  const asked = new URLSearchParams({ team: here.team, user: here.user, channel: here.channel, since });
  const answer = await fetch(`/page/state?${asked}`);
  return answer.json();
}

async function refresh() {
  const turn = ++here.turn;
  draw(await look(-1));
  // A still page is for pictures: it asks once and then rests.
  while (turn === here.turn && !query.has("still")) {
    try {
      const state = await look(here.version);
      if (turn === here.turn) draw(state);
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

function where(element) {
  const place = element.closest("[data-place]");
  return { place: place && place.dataset.place, block: element.dataset.block, action: element.dataset.action };
}

function held(element) {
  if (element.dataset.do === "tick") {
    const all = element.closest(".ticks").querySelectorAll("input:checked");
    return element.type === "radio" ? element.value : [...all].map((one) => one.value);
  }
  if (element.multiple) return [...element.selectedOptions].map((one) => one.value);
  return element.value === "" ? null : element.value;
}

function pick(element, value, isOff) {
  const box = element.closest(".external");
  const chosen = JSON.parse(box.dataset.held);
  const isMany = box.dataset.many === "1";
  const kept = chosen.filter((one) => one !== value);
  const next = isOff ? kept : isMany ? [...kept, value] : [value];
  // The next drawing of the form shows what is held now.
  here.modal = null;
  act({ act: "choose", ...where(element), value: isMany ? next : next[0] ?? null }).then(refresh);
}

const does = {
  click(element) {
    const question = element.dataset.confirm;
    if (question && !confirm(question)) return;
    if (element.dataset.href) window.open(element.dataset.href, "_blank", "noopener");
    act({ act: "click", ...where(element), option: element.dataset.option });
  },
  submit() { act({ act: "submit" }); },
  close(element) { act({ act: "close", option: element.dataset.option }); },
  unpick(element) { pick(element, element.dataset.option, true); },
  offer(element) { pick(element.closest(".external").querySelector("input"), element.dataset.option, false); },
};

document.addEventListener("click", (event) => {
  const element = event.target.closest("button[data-do]");
  if (!element || !(element.dataset.do in does)) return;
  event.preventDefault();
  does[element.dataset.do](element);
});

document.addEventListener("change", (event) => {
  const element = event.target.closest("[data-do=choose],[data-do=tick]");
  if (element) act({ act: "choose", ...where(element), value: held(element) });
});

let pause = 0;
document.addEventListener("input", (event) => {
  const element = event.target;
  clearTimeout(pause);
  if (element.dataset.do === "suggest") pause = setTimeout(() => suggest(element), 200);
  else if (element.dataset.live) pause = setTimeout(() => act({ act: "choose", ...where(element), value: held(element) }), 300);
});

async function suggest(element) {
  const offers = element.parentElement.querySelector(".offers");
  if (element.value.length < Number(element.dataset.least)) return offers.replaceChildren();
  const answer = await act({ act: "suggest", ...where(element), typed: element.value });
  offers.replaceChildren(...(answer.options || []).map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.do = "offer";
    button.dataset.option = one.value;
    button.textContent = one.text;
    return button;
  }));
}

at("team").onchange = () => { Object.assign(here, { team: at("team").value, user: "anna", channel: "#ops", modal: null }); refresh(); };
at("user").onchange = () => { here.user = at("user").value; here.modal = null; refresh(); };
at("text").oninput = drawHints;
at("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    at("composer").requestSubmit();
  }
};
at("composer").onsubmit = (event) => {
  event.preventDefault();
  const text = at("text").value;
  at("text").value = "";
  at("main").scrollTop = at("main").scrollHeight;
  act({ act: "type", channel: here.channel, text, thread_ts: here.thread });
};
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && here.modal) act({ act: "close" });
});
if (here.isHome && !query.has("still")) act({ act: "home" });
refresh();
