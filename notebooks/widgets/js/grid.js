// The page half of the grid. Rows come from Python in blocks; nothing of them is kept in the model.
import {
  CellApiModule, CellStyleModule, ColumnApiModule, createGrid, EventApiModule, InfiniteRowModelModule,
  ModuleRegistry, NumberFilterModule, RenderApiModule, RowApiModule, RowSelectionModule, ScrollApiModule,
  SelectEditorModule, TextEditorModule, TextFilterModule, themeQuartz, TooltipModule,
} from "ag-grid-community";
import { readBlock } from "./clipboard.js";
import { columnDefs, current, readFilter, writeFilter } from "./columns.js";
import { wear } from "./desk_style.js";
import { number, several, text } from "./dom.js";
import { panel } from "./page.js";
import { drawFacets, drawStaged, frame, stagedText, summaryText } from "./panels.js";
import { offerSegments } from "./segments.js";

ModuleRegistry.registerModules([
  CellApiModule, CellStyleModule, ColumnApiModule, EventApiModule, InfiniteRowModelModule, NumberFilterModule,
  RenderApiModule, RowApiModule, RowSelectionModule, ScrollApiModule, SelectEditorModule, TextEditorModule, TextFilterModule,
  TooltipModule,
]);

const BLOCK = 100;
const POLL_MS = 5000;
const SELECT_MS = 120;
const THEME = themeQuartz
  .withParams({ fontSize: 13, headerFontSize: 12, spacing: 6, accentColor: "#2563eb", wrapperBorder: false, wrapperBorderRadius: 0 }, "light")
  .withParams({
    fontSize: 13, headerFontSize: 12, spacing: 6, accentColor: "#7aa7ff", wrapperBorder: false, wrapperBorderRadius: 0,
    backgroundColor: "#1b1f26", foregroundColor: "#e6e9ee", chromeBackgroundColor: "#242a33", browserColorScheme: "dark",
  }, "dark");

class Grid {
  constructor(page) {
    this.page = page;
    wear(page);
    this.view = frame(page);
    this.view.grid.style.height = `${page.height}px`;
    this.chips = new Map();
    this.facets = {};
    this.early = [];
    this.hears("facets", (message) => this.draw(message));
    this.hears("changed", (message) => this.changed(message));
    this.hears("revision", (message) => this.renew(message.revision));
    this.hears("filter", (message) => this.show(message.query));
  }

  // What is said before the grid stands waits for it.
  hears(kind, call) {
    this.page.on(kind, (message) => (this.api ? call(message) : this.early.push(() => call(message))));
  }

  async open() {
    const opened = await this.ask("open");
    if (!opened) return;
    this.columns = opened.columns;
    this.titles = Object.fromEntries(opened.columns.map((each) => [each.field, each.title]));
    this.revision = opened.revision;
    this.api = createGrid(this.view.grid, this.options());
    this.counts(opened);
    for (const late of this.early.splice(0)) late();
    this.listen();
    this.allow(opened);
    if (opened.segments) offerSegments(this.page, this.view, {
      names: opened.segments, query: () => this.query(), onShow: (query) => this.show(query),
    });
    this.poll = setInterval(() => document.hidden || this.look(), POLL_MS);
  }

  allow({ edits }) {
    this.canEdit = edits !== "never";
    this.view.undo.hidden = !this.canEdit;
    this.view.staged.hidden = edits !== "listed";
    if (this.canEdit) this.view.keys.textContent = "Enter edits · Ctrl+V pastes a block · Ctrl+Z undoes typing · / searches";
  }

  options() {
    return {
      theme: THEME,
      rowModelType: "infinite",
      columnDefs: columnDefs(this.columns, (row, field, typed) => this.edit(row, field, typed)),
      defaultColDef: { resizable: true, suppressHeaderMenuButton: true },
      getRowId: (row) => row.data.id,
      cacheBlockSize: BLOCK,
      maxBlocksInCache: 30,
      blockLoadDebounceMillis: 40,
      infiniteInitialRowCount: BLOCK,
      tooltipShowDelay: 250,
      stopEditingWhenCellsLoseFocus: true,
      enterNavigatesVerticallyAfterEdit: true,
      datasource: { getRows: (wanted) => this.rows(wanted) },
      rowSelection: { mode: "singleRow", checkboxes: false, enableClickSelection: false },
      onFilterChanged: () => this.askFacets(),
      onCellFocused: (cell) => this.focused(cell),
    };
  }

  // The row with the cursor is the one the other panels show.
  focused(cell) {
    this.summarise(cell.column);
    const row = cell.rowIndex === null ? null : this.api.getDisplayedRowAtIndex(cell.rowIndex);
    if (!row?.data || row.data.id === this.selected) return;
    this.selected = row.data.id;
    row.setSelected(true);
    clearTimeout(this.selecting);
    this.selecting = setTimeout(() => this.ask("select", { contact: this.selected }), SELECT_MS);
  }

  // What another panel, such as the dashboard, wants to be seen.
  show({ filters = {}, sort = [], search = "" }) {
    this.chips.clear();
    const models = {};
    for (const [field, test] of Object.entries(filters)) {
      if (test.test === "any_of") this.chips.set(field, new Set(test.values));
      else models[field] = writeFilter(test);
    }
    this.view.search.value = search;
    this.api.setFilterModel(models);
    this.api.applyColumnState({
      state: sort.map((each, at) => ({ colId: each.field, sort: each.down ? "desc" : "asc", sortIndex: at })),
      defaultState: { sort: null },
    });
    this.again();
  }

  isNarrowed() {
    const { filters, search } = this.query();
    return search !== "" || Object.keys(filters).length > 0;
  }

  query(sortModel, filterModel) {
    const filters = {};
    for (const [field, model] of Object.entries(filterModel ?? this.api.getFilterModel())) filters[field] = readFilter(model);
    for (const [field, values] of this.chips) if (values.size) filters[field] = { test: "any_of", values: [...values] };
    const sort = (sortModel ?? this.sorting()).map((each) => ({ field: each.colId, down: each.sort === "desc" }));
    return { sort, filters, search: this.view.search.value };
  }

  sorting() {
    const sorted = this.api.getColumnState().filter((each) => each.sort);
    return sorted.sort((one, other) => one.sortIndex - other.sortIndex);
  }

  async rows(wanted) {
    const query = this.query(wanted.sortModel, wanted.filterModel);
    const answer = await this.ask("rows", { start: wanted.startRow, end: wanted.endRow, ...query });
    if (!answer) return wanted.failCallback();
    this.view.count.textContent = several(answer.total, "contact");
    this.view.clear.hidden = !this.isNarrowed();
    wanted.successCallback(answer.block, answer.total);
    this.view.root.dataset.drawn ??= String(Math.round(performance.now()));
    this.renew(answer.revision);
  }

  renew(revision) {
    if (revision === this.revision) return;
    this.revision = revision;
    this.api.refreshInfiniteCache();
    this.askFacets();
  }

  async look() {
    const answer = await this.ask("poll");
    if (answer) this.renew(answer.revision);
  }

  async edit(row, field, typed) {
    if (typed === text(current(row, field))) return;
    this.changed(await this.ask("edit", { id: row.id, field, text: typed }));
  }

  async paste(lines) {
    const focus = this.api.getFocusedCell();
    const shown = this.api.getAllDisplayedColumns().map((each) => each.getColId());
    const fields = shown.slice(shown.indexOf(focus.column.getColId()));
    const answer = await this.ask("paste", { start: focus.rowIndex, fields, cells: lines, ...this.query() });
    this.changed(answer);
    if (answer?.skipped) this.page.say(`${number(answer.skipped)} pasted cells fell outside of what can be edited; nothing was staged for them.`, true);
  }

  changed(answer) {
    if (!answer) return;
    this.counts(answer);
    if (answer.cells === null) return this.api.refreshInfiniteCache();
    for (const cell of answer.cells) {
      const row = this.api.getRowNode(cell.id);
      if (!row?.data) continue;
      const staged = { ...row.data.staged };
      if (cell.staged) staged[cell.field] = cell.staged;
      else delete staged[cell.field];
      row.data.staged = staged;
      row.data.v[cell.field] = cell.value;
      this.api.refreshCells({ rowNodes: [row], columns: [cell.field], force: true });
    }
    this.view.root.dataset.acked = String(Number(this.view.root.dataset.acked ?? 0) + 1);
  }

  counts({ count, problems, can_undo: canUndo }) {
    this.view.staged.textContent = stagedText(count, problems);
    this.view.staged.dataset.some = count ? "yes" : "no";
    this.view.undo.disabled = !canUndo;
    if (!this.view.tray.hidden) this.listStaged();
  }

  async listStaged() {
    const answer = await this.ask("staged");
    if (!answer) return;
    const onDrop = async (cells) => this.changed(await this.ask("drop", { cells }));
    drawStaged(this.view.tray, answer.cells, { titles: this.titles, total: answer.count, onDrop });
  }

  async askFacets() {
    const answer = await this.ask("facets", this.query());
    if (answer) this.draw(answer);
  }

  async summarise(column) {
    const field = column?.getColId?.();
    if (!field || field === this.summarised) return;
    this.summarised = field;
    const answer = await this.ask("summary", { field, ...this.query() });
    if (answer && field === this.summarised) this.view.foot.textContent = summaryText(answer.summary, this.titles[field]);
  }

  draw(message) {
    this.facets = message.facets;
    drawFacets(this.view.facets, this.facets, {
      titles: this.titles,
      chosen: (field, value) => this.chips.get(field)?.has(value) ?? false,
      onToggle: (field, value) => this.toggle(field, value),
    });
  }

  toggle(field, value) {
    const values = this.chips.get(field) ?? new Set();
    if (!values.delete(value)) values.add(value);
    this.chips.set(field, values);
    this.again();
  }

  again() {
    this.summarised = null;
    this.api.ensureIndexVisible(0);
    this.api.purgeInfiniteCache();
    this.askFacets();
  }

  ask(kind, content) {
    return this.page.ask(kind, content);
  }

  listen() {
    const { root, search, clear, undo, staged, tray } = this.view;
    let timer;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.again(), 180);
    });
    clear.onclick = () => this.show({});
    undo.onclick = () => this.turn("undo");
    staged.onclick = () => {
      tray.hidden = !tray.hidden;
      staged.setAttribute("aria-expanded", String(!tray.hidden));
      if (!tray.hidden) this.listStaged();
    };
    root.addEventListener("paste", (event) => this.onPaste(event));
    root.addEventListener("copy", (event) => this.onCopy(event));
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  async turn(kind) {
    this.changed(await this.ask(kind));
  }

  onKey(event) {
    if (isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    const isControl = event.ctrlKey || event.metaKey;
    if (key === "/") this.view.search.focus();
    else if (!this.canEdit) return;
    else if (isControl && (key === "y" || (key === "z" && event.shiftKey))) this.turn("redo");
    else if (isControl && key === "z") this.turn("undo");
    else if (key === "delete") this.clear();
    else return;
    event.preventDefault();
  }

  clear() {
    const focus = this.api.getFocusedCell();
    const row = focus && this.api.getDisplayedRowAtIndex(focus.rowIndex)?.data;
    if (row && focus.column.getColDef().editable) this.edit(row, focus.column.getColId(), "");
  }

  onPaste(event) {
    if (isTyping(event.target) || !this.canEdit || !this.api.getFocusedCell()) return;
    event.preventDefault();
    event.stopPropagation();
    this.paste(readBlock(event.clipboardData.getData("text/plain")));
  }

  onCopy(event) {
    const focus = this.api.getFocusedCell();
    if (isTyping(event.target) || !focus || String(getSelection())) return;
    const row = this.api.getDisplayedRowAtIndex(focus.rowIndex)?.data;
    event.clipboardData.setData("text/plain", text(current(row, focus.column.getColId())));
    event.preventDefault();
  }

  close() {
    clearInterval(this.poll);
    clearTimeout(this.selecting);
    this.api?.destroy();
  }
}

function isTyping(target) {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export default panel(async (page) => {
  const grid = new Grid(page);
  await grid.open();
  return () => grid.close();
});
