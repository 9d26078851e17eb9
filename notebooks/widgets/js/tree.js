// Draws a picture that Python describes as [tag, attributes, children]: elements and text nodes, never markup.
const SVG = new Set(["svg", "g", "rect", "line", "path", "polyline", "circle", "text", "title"]);
const HTML = new Set(["div", "span", "p", "b", "i", "strong", "h2", "h3", "section", "header", "figure"]);

export function draw([tag, settings, children]) {
  if (!SVG.has(tag) && !HTML.has(tag)) throw new Error(`no picture has a ${tag}`);
  const made = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) if (!name.startsWith("on")) made.setAttribute(name, value);
  made.append(...children.map((each) => (typeof each === "string" ? each : draw(each))));
  return made;
}

// A click, or Enter and the space bar, on a mark that stands for contacts.
export function onPick(place, call) {
  const pick = (event) => {
    const mark = event.target.closest?.("[data-filter]");
    if (!mark) return;
    event.preventDefault();
    call(JSON.parse(mark.dataset.filter));
  };
  place.addEventListener("click", pick);
  place.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") pick(event); });
}
