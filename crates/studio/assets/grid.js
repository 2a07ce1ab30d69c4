// The rows of a model: a table that is walked through with the arrow keys, a page at a time.

import { $, button, icon, isTyping, make, toast } from './dom.js';
import { post, rowName } from './api.js';
import * as changes from './changes.js';
import * as filters from './filters.js';
import * as place from './place.js';
import { edit } from './editor.js';
import { openRow } from './row.js';
import { isRight, number, relationOf, shown } from './value.js';

const SIZES = [25, 50, 100, 250];
const stored = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } };

export class Grid {
  constructor(root, model, at) {
    Object.assign(this, { root, model, at, rows: [], related: [], answer: null, count: null, start: 0, atEnd: false, cell: { row: 1, column: 1 } });
    this.take = stored('nicol-studio-rows', 50);
    this.page = { backwards: false };
    this.selected = new Set();
    this.hidden = new Set(stored(`nicol-studio-hidden-${model.name}`, []));
    this.abort = new AbortController();
    this.build();
  }

  get fields() { return this.model.fields.filter((field) => !this.hidden.has(field.name)); }
  get created() { return changes.created(this.model); }

  // The parts that stay while rows come and go

  build() {
    const { model, at } = this;
    this.total = make('p', { class: 'total', role: 'status' });
    this.note = make('div', {});
    this.filterForm = filters.form(model, at.filters, (list) => this.filter(list));
    this.table = make('table', { role: 'grid', 'aria-label': `Rows of ${model.name}`, onkeydown: (event) => this.key(event), ondblclick: (event) => this.startEdit(event.target.closest('td')), onfocusin: (event) => this.focused(event) });
    this.pager = this.buildPager();
    const kind = model.isView ? 'view' : null;
    const add = model.isWritable && model.canCreate ? button('Add row', () => this.addRow(), { kind: 'primary', symbol: 'add', title: 'Add row (N)' }) : null;
    this.deleteButton = button('Delete', () => this.deleteSelected(), { kind: 'danger-quiet', symbol: 'remove', hidden: true });
    const heading = make('div', { class: 'heading' },
      make('h1', {}, model.name), kind ? make('span', { class: 'tag' }, kind) : null,
      model.table !== model.name ? make('span', { class: 'hint', title: 'Name in the database' }, model.namespace ? `${model.namespace}.${model.table}` : model.table) : null,
      this.total, make('span', { class: 'push' }), this.deleteButton,
      button('Filter', () => this.filter([...at.filters, filters.suggested(model)]), { symbol: 'filter', title: 'Add a filter (F)' }),
      this.columnsMenu(), button('', () => this.load(), { symbol: 'refresh', label: 'Read again (R)' }), add);
    this.root.replaceChildren(heading, model.documentation ? make('p', { class: 'lead' }, model.documentation) : '', this.filterForm, this.note,
      make('div', { class: 'scroll' }, this.table), this.pager);
  }

  // Its parts stay, so that they keep the focus.
  buildPager() {
    const turn = (symbol, label, action) => button('', action, { symbol, label });
    this.back = [turn('first', 'First page', () => this.first()), turn('back', 'Previous page (Page Up)', () => this.previous())];
    this.forth = [turn('forward', 'Next page (Page Down)', () => this.next()), turn('last', 'Last page', () => this.last())];
    this.range = make('span', { class: 'range', role: 'status' });
    this.time = make('span', { class: 'hint' });
    const size = make('select', { 'aria-label': 'Rows of a page', onchange: (event) => { this.take = Number(event.target.value); localStorage.setItem('nicol-studio-rows', this.take); this.first(); } },
      ...SIZES.map((it) => make('option', { value: it, selected: it === this.take }, `${it} rows`)));
    return make('nav', { class: 'pager', 'aria-label': 'Pages' }, ...this.back, this.range, ...this.forth, make('span', { class: 'push' }), this.time, size);
  }

  columnsMenu() {
    const list = make('ul', {}, ...this.model.fields.map((field) => make('li', {}, make('label', { class: 'check' },
      make('input', { type: 'checkbox', checked: !this.hidden.has(field.name), onchange: (event) => this.toggleColumn(field.name, event.target.checked) }), make('span', {}, field.name)))));
    return make('details', { class: 'menu', onkeydown: (event) => { if (event.key === 'Escape') { event.currentTarget.open = false; $('summary', event.currentTarget).focus(); } } },
      make('summary', { class: 'button' }, icon('columns'), make('span', {}, 'Columns')), list);
  }

  toggleColumn(name, isShown) {
    if (isShown) this.hidden.delete(name); else this.hidden.add(name);
    localStorage.setItem(`nicol-studio-hidden-${this.model.name}`, JSON.stringify([...this.hidden]));
    this.render();
  }

  filter(list) { place.go({ ...this.at, filters: list }); }

  close() { this.abort.abort(); }

  // Reading

  async load(page = this.page, start = this.start) {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const { model, at } = this;
    this.table.setAttribute('aria-busy', 'true');
    try {
      const answer = await post('rows', { model: model.name, filters: at.filters, sorts: at.sorts, take: this.take, ...this.requestOf(page) }, signal);
      Object.assign(this, { answer, page, rows: answer.rows, related: [], start, selected: new Set() });
      this.atEnd = page.backwards ? Boolean(page.fromEnd) && !page.skip : !answer.more;
      if (page.backwards && !answer.more) this.start = 0;
      this.note.replaceChildren(answer.readsAll ? make('p', { class: 'remark' }, icon('warning'), make('span', {}, 'No index serves this filter or order: PostgreSQL reads the whole table. Statements are stopped after 10 s.')) : '');
    } catch (failure) {
      if (failure.name === 'AbortError') return;
      const help = failure.kind === 'timeLimit' ? ' Filter by a column with an index, or add an index.' : '';
      this.note.replaceChildren(make('p', { class: 'problem', role: 'alert' }, failure.message + help));
      Object.assign(this, { rows: [], related: [], answer: null });
    }
    this.table.removeAttribute('aria-busy');
    this.render();
    if (this.answer) { this.readCount(signal); this.readRelated(signal); }
  }

  requestOf({ backwards, position, skip = 0 }) { return { backwards, position: position ?? null, skip }; }

  async readCount(signal, exactly = false) {
    try {
      this.count = await post('count', { model: this.model.name, filters: this.at.filters, exactly }, signal);
      if (this.page.fromEnd && !this.page.skip && this.count.exactly !== undefined) this.start = Math.max(0, this.count.exactly - this.rows.length);
      this.renderPager();
    } catch { /* the rows are what counts */ }
  }

  async readRelated(signal) {
    if (!this.model.key || !this.fields.some((field) => field.relation?.many)) return;
    try {
      this.related = await post('related', { model: this.model.name, keys: this.rows.map((row) => row.key) }, signal);
      for (const [index, counts] of this.related.entries()) {
        for (const [name, count] of Object.entries(counts)) {
          const link = this.table.querySelector(`tr[data-row="${index}"] [data-field="${CSS.escape(name)}"] a`);
          if (link) link.replaceChildren(count === 0 ? 'none' : number.format(count));
        }
      }
    } catch { /* links lead there without a count */ }
  }

  first() { this.load({ backwards: false }, 0); }
  last() { this.load({ backwards: true, fromEnd: true }, null); }

  next() {
    const { page, answer, take } = this;
    if (!answer || this.atEnd) return;
    if (answer.last) this.load({ backwards: false, position: answer.last }, this.start === null ? null : this.start + this.rows.length);
    else if (page.fromEnd) this.load({ ...page, skip: Math.max(0, page.skip - take) }, null);
    else this.load({ backwards: false, skip: (page.skip ?? 0) + take }, (page.skip ?? 0) + take);
  }

  previous() {
    const { page, answer, take } = this;
    if (!answer || this.atStart) return;
    if (answer.first) this.load({ backwards: true, position: answer.first }, this.start === null ? null : Math.max(0, this.start - take));
    else if (page.fromEnd) this.load({ ...page, skip: (page.skip ?? 0) + take }, null);
    else this.load({ backwards: false, skip: Math.max(0, (page.skip ?? 0) - take) }, Math.max(0, (page.skip ?? 0) - take));
  }

  get atStart() { return this.page.backwards ? !this.answer?.more : !this.page.position && !this.page.skip; }

  // Drawing

  // Where the focus was in the grid, it stays.
  render() {
    const { model, fields } = this;
    const hasFocus = this.wantsFocus || this.table.contains(document.activeElement);
    const select = model.isWritable ? make('input', { type: 'checkbox', tabindex: -1, 'aria-label': 'Select all rows of this page', onchange: (event) => this.selectAll(event.target.checked) }) : null;
    const head = make('tr', {}, make('th', { class: 'lead-cell', scope: 'col' }, select ?? make('span', { class: 'sr' }, 'Row')), ...fields.map((field) => this.header(field)));
    const created = this.created.map((entry) => this.createdRow(entry));
    const rows = this.rows.map((row, index) => this.row(row, index));
    this.table.replaceChildren(make('thead', {}, head), make('tbody', {}, ...created, ...rows));
    this.renderPager();
    this.updateSelection();
    const cell = this.cellAt(this.cell.row, this.cell.column) ?? this.cellAt(1, 1) ?? this.cellAt(0, 1);
    cell?.setAttribute('tabindex', '0');
    if (hasFocus && this.answer) { this.wantsFocus = false; this.move(this.cell.row, this.cell.column); }
  }

  header(field) {
    const { column } = field;
    const at = this.at.sorts.findIndex((sort) => sort.field === field.name);
    const sort = this.at.sorts[at];
    const direction = sort ? (sort.descending ? 'descending' : 'ascending') : 'none';
    const isKey = this.model.key?.fields.includes(field.name);
    const type = column ? `${column.type === 'Unsupported' ? column.values : column.type === 'Enum' ? 'Enum' : column.type}${column.list ? '[]' : column.required ? '' : '?'}` : `${field.relation.model}${field.relation.many ? '[]' : ''}`;
    const title = [field.documentation, column && column.stored !== field.name ? `column ${column.stored}` : null, column?.native ? `@db.${column.native}` : null, isKey ? 'key' : null, column?.isIndexed ? 'indexed' : null].filter(Boolean).join('\n');
    const label = [make('span', { class: 'name' }, field.name, isKey ? make('span', { class: 'key', 'aria-hidden': 'true' }, '●') : null), make('span', { class: 'type' }, type)];
    const arrow = sort ? make('span', { class: 'arrow', 'aria-hidden': 'true' }, sort.descending ? '↓' : '↑', this.at.sorts.length > 1 ? String(at + 1) : '') : null;
    const content = column?.sorts
      ? make('button', { type: 'button', tabindex: -1, onclick: (event) => this.sort(field.name, event.shiftKey), title: title || undefined }, make('span', {}, ...label), arrow)
      : make('div', { title: title || undefined }, ...label);
    return make('th', { scope: 'col', tabindex: -1, class: isRight(field) ? 'right' : '', 'aria-sort': column?.sorts ? direction : null }, content);
  }

  row(row, index) {
    const { model } = this;
    const isDeleted = model.isWritable && changes.isDeleted(model, row);
    const name = model.key ? rowName(model, row.key) : `row ${index + 1}`;
    const open = button('', () => this.open(row), { kind: 'quiet open', symbol: 'open', label: `Open ${name}`, tabindex: -1 });
    const select = model.isWritable ? make('input', { type: 'checkbox', tabindex: -1, 'aria-label': `Select ${name}`, checked: this.selected.has(index), onchange: (event) => this.select(index, event.target.checked) }) : null;
    return make('tr', { 'data-row': index, class: isDeleted ? 'deleted' : '' }, make('td', { class: 'lead-cell', tabindex: -1 }, make('div', {}, select, model.key ? open : null)),
      ...this.fields.map((field) => this.cellOf(row, field)));
  }

  cellOf(row, field) {
    const edited = field.column && this.model.isWritable ? changes.edited(this.model, row, field.name) : undefined;
    const cell = edited === undefined ? row.cells[field.name] : edited;
    const td = make('td', { tabindex: -1, 'data-field': field.name, class: `${isRight(field) ? 'right' : ''} ${edited === undefined ? '' : 'edited'}` });
    td.append(field.relation ? relationOf(this.model, row, field) : shown(field.column, cell));
    return td;
  }

  createdRow(entry) {
    const remove = button('', () => changes.drop(entry.id), { kind: 'quiet', symbol: 'close', label: 'Drop the new row', tabindex: -1 });
    return make('tr', { 'data-created': entry.id, class: 'created' }, make('td', { class: 'lead-cell', tabindex: -1 }, make('div', {}, make('span', { class: 'tag good' }, 'new'), remove)),
      ...this.fields.map((field) => {
        const td = make('td', { tabindex: -1, 'data-field': field.name, class: isRight(field) ? 'right' : '' });
        const cell = entry.data[field.name];
        if (field.relation || field.column.type === 'Unsupported') td.append(make('span', { class: 'faint' }, '–'));
        else if (cell !== undefined) td.append(shown(field.column, cell));
        else td.append(make('span', { class: 'faint' }, field.column.default ?? (field.column.isUpdatedAt ? 'now()' : field.column.list ? '[]' : field.column.required ? 'needed' : 'null')));
        return td;
      }));
  }

  renderPager() {
    const { rows, count } = this;
    const words = !count || count === 'unknown' ? '' : count.exactly !== undefined ? `${number.format(count.exactly)} ${count.exactly === 1 ? 'row' : 'rows'}`
      : count.about !== undefined ? `about ${number.format(count.about)} rows` : `more than ${number.format(count.moreThan)} rows`;
    const isRough = count && count.exactly === undefined;
    this.total.replaceChildren(words || (count === 'unknown' ? 'many rows' : ''), isRough ? button('count', () => this.readCount(this.abort.signal, true), { kind: 'link', title: 'Count all rows' }) : '');
    const range = !rows.length ? 'No rows' : this.start === null ? (this.atEnd ? `The last ${rows.length} rows` : `${rows.length} rows`) : `Rows ${number.format(this.start + 1)}–${number.format(this.start + rows.length)}`;
    this.range.textContent = range;
    this.time.textContent = this.answer ? `${this.answer.milliseconds} ms` : '';
    for (const it of this.back) it.disabled = this.atStart;
    for (const it of this.forth) it.disabled = this.atEnd || !this.answer;
    const isEmpty = this.answer && !rows.length && !this.created.length;
    $('.nothing', this.root)?.remove();
    if (isEmpty) {
      this.pager.before(make('div', { class: 'nothing' }, icon('table'), make('p', {}, this.at.filters.length ? 'No row meets all filters.' : `${this.model.name} has no rows yet.`),
        this.at.filters.length ? button('Clear filters', () => this.filter([])) : this.model.isWritable && this.model.canCreate ? button('Add row', () => this.addRow(), { kind: 'primary', symbol: 'add' }) : null));
    }
  }

  sort(name, isFurther) {
    const old = this.at.sorts.find((sort) => sort.field === name);
    const next = !old ? [{ field: name, descending: false }] : !old.descending ? [{ field: name, descending: true }] : [];
    const rest = isFurther ? this.at.sorts.filter((sort) => sort.field !== name) : [];
    place.go({ ...this.at, sorts: [...rest, ...next] });
  }

  // Selecting and changing

  select(index, is) { if (is) this.selected.add(index); else this.selected.delete(index); this.updateSelection(); }
  selectAll(is) { this.selected = new Set(is ? this.rows.keys() : []); this.render(); }
  updateSelection() {
    this.deleteButton.hidden = this.selected.size === 0;
    $('span', this.deleteButton).textContent = this.selected.size > 1 ? `Delete ${this.selected.size} rows` : 'Delete row';
    for (const tr of this.table.querySelectorAll('tr[data-row]')) tr.classList.toggle('selected', this.selected.has(Number(tr.dataset.row)));
  }
  deleteSelected() {
    const rows = [...this.selected].map((index) => this.rows[index]);
    this.selected.clear();
    changes.remove(this.model, rows);
  }

  addRow() {
    changes.add(this.model);
    this.cell = { row: 1, column: 1 };
    this.render();
    this.cellAt(1, 1)?.focus();
  }

  open(row) { openRow(this.model, row, () => this.load()); }

  async startEdit(td) {
    if (!td?.dataset.field || !this.model.isWritable) return;
    const field = this.model.byName.get(td.dataset.field);
    if (field.relation) return void $('a', td)?.click();
    const { column } = field;
    if (column.type === 'Unsupported') return toast(`Columns of the type ${column.values} are not shown.`);
    const tr = td.closest('tr');
    const where = this.placeOf(td);
    const created = this.created.find((entry) => String(entry.id) === tr.dataset.created);
    let row = this.rows[Number(tr.dataset.row)];
    if (!created && changes.isDeleted(this.model, row)) return toast('The row is marked to be deleted.');
    let value = created ? created.data[field.name] : changes.edited(this.model, row, field.name) ?? row.cells[field.name];
    if (!created && changes.edited(this.model, row, field.name) === null) value = null;
    if (value?.cut !== undefined) {
      const whole = await post('row', { model: this.model.name, key: row.key }).catch((failure) => toast(failure.message, 'bad'));
      if (!whole) return;
      if (whole.version !== row.version) toast('The row has been changed meanwhile: here is its newest version.');
      Object.assign(row, whole);
      value = whole.cells[field.name];
    }
    td.classList.add('editing');
    edit(td, column, value, {
      label: field.name, canOmit: Boolean(created),
      onkeep: (cell) => (created ? changes.setCreated(created.id, field.name, cell) : changes.set(this.model, row, field.name, cell)),
      onnext: () => { this.move(where.row, where.column + 1); this.startEdit(this.cellAt(this.cell.row, this.cell.column)); },
      onclose: () => { td.classList.remove('editing'); this.move(where.row, where.column); },
    });
  }

  // Walking

  cellAt(row, column) { return this.table.rows[row]?.cells[column]; }
  placeOf(cell) { return { row: cell.parentElement.rowIndex, column: cell.cellIndex }; }

  focused(event) {
    const cell = event.target.closest('td, th');
    if (!cell) return;
    for (const other of this.table.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    cell.setAttribute('tabindex', '0');
    this.cell = this.placeOf(cell);
  }

  move(row, column) {
    row = Math.max(0, Math.min(row, this.table.rows.length - 1));
    column = Math.max(0, Math.min(column, this.fields.length));
    const cell = this.cellAt(row, column);
    if (!cell) return;
    cell.setAttribute('tabindex', '-1');
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  key(event) {
    const cell = event.target.closest('td, th');
    if (!cell || isTyping(event) && event.target.type !== 'checkbox') return;
    const { row, column } = this.placeOf(cell);
    const isCommand = event.ctrlKey || event.metaKey;
    const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [isCommand ? 1 : row, 0], End: [isCommand ? this.table.rows.length - 1 : row, this.fields.length] }[event.key];
    const data = this.rows[Number(cell.parentElement.dataset.row)];
    if (to) this.move(...to);
    else if (event.key === 'PageDown') this.next();
    else if (event.key === 'PageUp') this.previous();
    else if (event.key === 'Enter' || event.key === 'F2') {
      if (event.target.closest('button, input')) return;
      if (cell.tagName === 'TH') $('button, input', cell)?.click();
      else if (cell.classList.contains('lead-cell')) $('button', cell)?.click();
      else if ($('a', cell)) $('a', cell).click();
      else if (this.model.isWritable) this.startEdit(cell);
      else if (data && this.model.key) this.open(data);
    } else if (event.key === ' ' && !event.target.closest('button, input')) {
      if (cell.classList.contains('lead-cell')) $('input', cell)?.click();
      else if (data && this.model.key) this.open(data);
    } else if (event.key === 'Delete' && this.model.isWritable && data) {
      if (changes.isDeleted(this.model, data)) changes.restore(this.model, data); else changes.remove(this.model, [data]);
    } else if (isCommand && event.key === 'c' && !String(getSelection())) {
      this.copy(cell, data);
    } else return;
    event.preventDefault();
  }

  async copy(cell, row) {
    const value = row?.cells[cell.dataset.field];
    if (value === undefined) return;
    await navigator.clipboard?.writeText(Array.isArray(value) ? JSON.stringify(value) : value?.cut !== undefined ? value.cut : value ?? '');
    toast('Copied.');
  }
}
