// A table out of a file: sent in pieces, its headings matched to columns, then staged like everything else.
import { make } from "./dom.js";

export function offerImport() {
  return [make("div", { class: "htg-empty", text: "Choose a file." })];
}
