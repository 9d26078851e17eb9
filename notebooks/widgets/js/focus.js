// Draws anew without taking away what somebody is typing: the focused part keeps focus, text and cursor.
export function keepingFocus(root, draw) {
  const held = hold(root);
  draw();
  if (held) back(root, held);
}

function hold(root) {
  const here = root.getRootNode().activeElement;
  if (!here || here === root || !root.contains(here)) return null;
  const path = [];
  for (let one = here; one !== root; one = one.parentNode) path.unshift([...one.parentNode.children].indexOf(one));
  const isTyped = /^(INPUT|TEXTAREA)$/.test(here.tagName) && here.type !== "checkbox";
  return { path, tag: here.tagName, label: here.getAttribute("aria-label"), value: isTyped ? here.value : null,
    cursor: isTyped ? [here.selectionStart, here.selectionEnd] : null };
}

function back(root, held) {
  const fits = (one) => one?.tagName === held.tag && one.getAttribute("aria-label") === held.label;
  let found = held.path.reduce((one, index) => one?.children[index], root);
  if (!fits(found)) found = [...root.querySelectorAll(held.tag)].find(fits);
  if (!found) return;
  found.focus({ preventScroll: true });
  if (held.value === null) return;
  found.value = held.value;
  found.setSelectionRange?.(...held.cursor);
}
