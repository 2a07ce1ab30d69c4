// Elements, icons and messages. Every value becomes a text node: nothing here parses markup, and the page's policy forbids it.

export const $ = (selector, root = document) => root.querySelector(selector);

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className = value;
    else if (key === 'value') element.value = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const PATHS = {
  add: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  columns: 'M4 5h16v14H4zM9.5 5v14M14.5 5v14',
  dark: 'M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z',
  automatic: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  filter: 'M4 6h16M7 12h10M10 18h4',
  first: 'M17 5l-7 7 7 7M6 5v14',
  forward: 'M9 5l7 7-7 7',
  help: 'M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2M12 17.5v.1',
  last: 'M7 5l7 7-7 7M18 5v14',
  light: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  open: 'M9 5H5v14h14v-4M13 5h6v6M19 5l-8 8',
  refresh: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
  remove: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.1',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

export function button(text, onclick, { kind = '', symbol, label, ...attributes } = {}) {
  const content = [symbol ? icon(symbol) : null, text ? make('span', {}, text) : null];
  const name = `button ${kind}${text ? '' : ' square'}`;
  return make('button', { type: 'button', class: name, 'aria-label': label, title: label, onclick, ...attributes }, ...content);
}

export const later = (action, milliseconds) => {
  let timer;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => action(...values), milliseconds); };
};

export function toast(text, kind = '') {
  const element = make('p', { class: `toast ${kind}` }, text);
  $('#toasts').append(element);
  setTimeout(() => element.remove(), kind === 'bad' ? 10000 : 4000);
}

// A dialog with a heading and a button that closes it. It is removed when it is closed.
export function dialog(title, content, { kind = '', onclose } = {}) {
  const heading = make('h2', { id: 'dialog-title', tabindex: -1 }, title);
  const close = button('', () => element.close(), { kind: 'quiet close', symbol: 'close', label: 'Close' });
  const element = make('dialog', { class: kind, 'aria-labelledby': 'dialog-title' }, make('header', {}, heading, close), ...content);
  const before = document.activeElement;
  element.addEventListener('close', () => { element.remove(); onclose?.(); if (before?.isConnected) before.focus(); });
  element.addEventListener('click', (event) => { if (event.target === element) element.close(); });
  document.body.append(element);
  element.showModal();
  return element;
}

export const isTyping = (event) => event.target.closest('input, textarea, select, dialog, .popover') !== null;
