// Spreadsheets quote a cell that holds a line break, a tab or a quote, and double its quotes.
export function readBlock(pasted) {
  const lines = [[]];
  const cell = /("(?:[^"]|"")*"|[^\t\n]*)(\t|\n|$)/gy;
  const whole = pasted.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  while (cell.lastIndex < whole.length || lines.at(-1).length === 0) {
    const found = cell.exec(whole);
    if (!found) break;
    const [, raw, end] = found;
    const isQuoted = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
    lines.at(-1).push(isQuoted ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === "\n") lines.push([]);
    if (end === "") break;
    if (end === "\t" && cell.lastIndex === whole.length) lines.at(-1).push("");
  }
  return lines;
}
