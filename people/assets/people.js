// Enhances pages that also work without it. It fetches the same pages as a browser would and replaces their parts.
// Typed text is kept, whatever fails.

const $ = (selector, root = document) => root.querySelector(selector);
const parser = new DOMParser();
const make = (name, attributes, ...children) => {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...children);
  return element;
};
const later = (action, ms) => {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(action, ms); };
};
const dialog = make('dialog', { id: 'dialog' });
const toasts = make('div', { id: 'toasts', role: 'status' });
const banner = make('div', { id: 'banner', role: 'status' });
document.body.append(toasts, banner, dialog);
const isList = !!$('#results');
const signedIn = !!$('.viewer');

// Fetching pages

class SignedOut extends Error {}
let waiting = 0;

async function page(url, options = {}) {
  const slow = setTimeout(() => document.body.classList.add('loading'), 150);
  waiting++;
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, ...options });
    if (new URL(response.url).pathname.startsWith('/api/auth/')) throw new SignedOut();
    const text = await response.text();
    offline(false);
    if (isSignedOut) signedInAgain();
    return { response, doc: parser.parseFromString(text, 'text/html') };
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else if (error.name !== 'AbortError') offline(true);
    throw error;
  } finally {
    clearTimeout(slow);
    if (!--waiting) document.body.classList.remove('loading');
  }
}

function say(text, ...more) {
  banner.replaceChildren(make('p', {}, text), ...more);
}

let isOffline = false, isSignedOut = false;
function offline(is) {
  if (is === isOffline || isSignedOut) return;
  isOffline = is;
  if (!is) return banner.replaceChildren();
  const retry = make('button', { className: 'button', type: 'button', onclick: () => refresh() }, 'Try again');
  say('No connection to People. What you typed is kept.', retry);
  (function again() { setTimeout(() => isOffline && (document.hidden || refresh(), again()), 4000); })();
}

function signedOut() {
  isSignedOut = true;
  release?.();
  say('You are signed out. What you typed is kept.', make('a', { className: 'button', href: '/', target: '_blank' }, 'Sign in'));
}

function signedInAgain() {
  isSignedOut = false;
  banner.replaceChildren();
  watch();
}

// Replacing a part by its new version. Unchanged elements are not touched, so that focus, scroll positions and open menus
// stay. Children are matched by id, if they have one. Afterwards the old part equals the new one, except for open menus.

function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== 1 || from.nodeName !== to.nodeName || from.id !== to.id) return from.replaceWith(to);
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && name !== 'open') from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  const stays = new Set([...to.children].map(child => child.id).filter(id => id));
  const known = new Map([...from.children].filter(child => stays.has(child.id)).map(child => [child.id, child]));
  let place = from.firstChild;
  const drop = () => { const gone = place; place = place.nextSibling; gone.remove(); };
  for (const child of [...to.childNodes]) {
    const twin = known.get(child.id);
    // Moving an element removes its focus, so unneeded elements before its twin are removed instead.
    while (twin ? place !== twin && !known.has(place.id) : place?.id && !known.has(place.id)) drop();
    if (twin && twin !== place) from.insertBefore(twin, place);
    const old = twin ?? (known.has(place?.id) ? null : place);
    if (!old) { from.insertBefore(child, place); continue; }
    place = old.nextSibling;
    known.delete(child.id);
    morph(old, child);
  }
  while (place) drop();
}

function show(doc) {
  const focused = document.activeElement;
  $('.notice', doc)?.remove();
  document.title = doc.title;
  if (doc.body.dataset.events) document.body.dataset.events = doc.body.dataset.events;
  morph($('main'), $('main', doc));
  times();
  if (document.activeElement === document.body && focused !== document.body) {
    (focused.isConnected ? focused : $('main')).focus({ preventScroll: true });
  }
}

function times(root = document) {
  for (const time of root.querySelectorAll('time')) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: 'long', timeStyle: 'short' });
  }
}

// Search, order and pages

let running, asked = 0, shown = 0;
async function go(url, push) {
  running?.abort();
  const mine = running = new AbortController();
  const turn = ++asked;
  try {
    const { response, doc } = await page(url, { signal: mine.signal });
    if (mine !== running) return;
    shown = turn;
    if (!response.ok) return trouble(doc);
    history[push ? 'pushState' : 'replaceState']({}, '', response.url);
    show(doc);
    if (push) scrollTo(0, 0);
  } catch { /* said already; the list stays as it was */
  } finally {
    if (mine === running) running = null;
  }
}

// Returns the text of an error page.
const problem = doc => $('h1', doc)?.textContent + '. ' + $('.lead', doc)?.textContent;
const trouble = doc => { say(problem(doc)); isOffline = true; };

const searchUrl = () => {
  const fields = new URLSearchParams(new FormData($('.search')));
  if (!fields.get('q')) fields.delete('q');
  if (fields.get('sort') === 'name') fields.delete('sort');
  return '/people' + (fields.size ? '?' + fields : '');
};
// Sets the search fields to the values of a URL.
const choose = address => {
  const { searchParams } = new URL(address);
  $('#q').value = searchParams.get('q') ?? '';
  $('#sort').value = searchParams.get('sort') === 'newest' ? 'newest' : 'name';
};
const search = later(() => go(searchUrl()), 150);

// Whether the fields differ from the list: a response is pending, or was lost.
const isElsewhere = () => {
  const wanted = new URL(searchUrl(), location).searchParams;
  const has = new URLSearchParams(location.search);
  return (wanted.get('q') ?? '').trim() !== (has.get('q') ?? '').trim() || wanted.get('sort') !== has.get('sort');
};

// Refreshing the page

const refresh = later(async () => {
  const edited = dialog.open ? { root: dialog, url: dialog.url } : $('main [data-edit]') ? { root: $('main'), url: location.href } : null;
  try {
    if (edited) await compare(edited);
    if ($('#results') || $('.detail')) {
      if (isList && isElsewhere()) {
        // A pending navigation updates the page itself.
        if (!running) go(searchUrl());
        return;
      }
      const before = location.href;
      const turn = ++asked;
      // A replica may not have the change yet.
      const { response, doc } = await page(before, { headers: { accept: 'text/html', 'cache-control': 'no-cache' } });
      // The later request has the newer response, whatever arrives first.
      if (location.href !== before || turn < shown || (isList && isElsewhere())) return;
      shown = turn;
      // An empty page is replaced by the first one.
      if (response.redirected) history.replaceState(history.state, '', response.url);
      if (response.ok || response.status === 404) show(doc);
      else trouble(doc);
    }
  } catch { /* said already */ }
}, 120);

async function compare({ root, url }) {
  const version = $('[name=version]', root)?.value;
  if (!version || !url) return;
  const { response, doc } = await page(url);
  const is = response.ok ? $('[name=version]', doc)?.value : 'deleted';
  if ($('[name=version]', root)?.value !== version) return;
  const text = !response.ok
    ? 'Someone else has just deleted this person. What you typed is kept.'
    : is !== version ? 'Someone else has just changed this person. When you save, you can choose what to keep.' : '';
  const said = $('.meanwhile', root);
  if (!text) said?.remove();
  else if (said) said.textContent = text;
  else $('form', root).before(make('p', { className: 'meanwhile', role: 'status' }, text));
}

// Dialogs

let opener, typed;
const values = form => form ? new URLSearchParams(new FormData(form)).toString() : '';
const isDirty = () => typed !== undefined && values($('[data-edit], .conflict', dialog)) !== typed;

function fill(doc) {
  if (!dialog.open) { dialog.showModal(); history.pushState({ dialog: true }, ''); }
  dialog.replaceChildren(...$('main', doc).children);
  dialog.append(make('button', { className: 'button quiet close', type: 'button', ariaLabel: 'Close', onclick: ask }, '×'));
  const heading = $('h1', dialog);
  dialog.append(toasts, banner);
  heading.id = 'dialog-title';
  heading.tabIndex = -1;
  dialog.setAttribute('aria-labelledby', heading.id);
  ($('[aria-invalid]', dialog) ?? $('[data-edit] input:not([type=hidden])', dialog) ?? heading).focus();
}

async function open(link) {
  opener = link;
  try {
    const { response, doc } = await page(link.href);
    if (!response.ok) return toast(problem(doc)), refresh();
    dialog.url = link.href;
    fill(doc);
    typed = values($('[data-edit]', dialog));
  } catch { /* said already */ }
}

// While a dialog is open nothing outside it can be used, so toasts and the banner move into it. A browser may close it
// without asking; if something was typed, it is opened again.
function empty() {
  if (dialog.contains(toasts)) document.body.append(toasts, banner);
  dialog.replaceChildren();
}
dialog.addEventListener('close', () => dialog.open || (isDirty() ? dialog.showModal() : empty()));

function ask() {
  if (!isDirty() || confirm('Discard what you typed?')) close();
}

function close() {
  typed = dialog.url = undefined;
  dialog.close();
  empty();
  if (history.state?.dialog) history.back();
  const again = opener?.isConnected ? opener : opener?.href && $(`a[href="${opener.getAttribute('href')}"]`);
  (again || $('main')).focus();
}

async function send(form, button) {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  const inDialog = dialog.contains(form) && !form.closest('.toast');
  const beside = dialog.open && !inDialog;
  try {
    const { response, doc } = await page(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, button)) });
    if (response.redirected && response.ok) {
      const wasHere = location.pathname === new URL(response.url).pathname;
      const notice = $('.notice', doc);
      if (!isList && !wasHere && !beside) return leave(response.url);
      if (inDialog) close(); else form.closest('.toast, .notice')?.remove();
      // The person's page shows the name; elsewhere the name links to it.
      const who = $('strong', notice);
      if (who && !wasHere) who.replaceWith(make('a', { href: new URL(response.url).pathname }, who.textContent));
      toast(...notice.childNodes);
      refresh();
    } else if (!beside && $('main form[method=post]', doc)) {
      const before = typed;
      fill(doc);
      typed = before ?? '';
    } else {
      // A late Undo has no effect any more.
      if (response.status === 410) form.closest('.toast, .notice')?.remove();
      complain(form, problem(doc));
    }
  } catch (error) {
    complain(form, error instanceof SignedOut ? 'You are signed out. Sign in in another tab, then try again.' : 'No connection. Nothing was lost; try again.');
  } finally {
    form.ariaBusy = null;
  }
}

// Leaves the page of a deleted person: back to the list if the user came from there, which then shows the notice,
// otherwise to another page.
function leave(url) {
  typed = undefined;
  const { pathname, searchParams } = new URL(url);
  const steps = history.state?.dialog ? 2 : 1;
  const before = window.navigation?.entries()[navigation.currentEntry.index - steps]?.url;
  if (before && new URL(before).pathname === pathname) {
    sessionStorage.setItem('people.done', searchParams.get('done'));
    return history.go(-steps);
  }
  if (steps === 1) return location.replace(url);
  addEventListener('popstate', event => { event.stopImmediatePropagation(); location.replace(url); }, { capture: true, once: true });
  history.back();
}

async function sayWhatWasDone() {
  const done = sessionStorage.getItem('people.done');
  if (!done || !isList) return;
  sessionStorage.removeItem('people.done');
  const { doc } = await page('/people?done=' + encodeURIComponent(done));
  const notice = $('.notice', doc);
  if (notice) toast(...notice.childNodes);
  refresh();
}

function complain(form, text) {
  if (!dialog.contains(form) || form.closest('.toast')) return toast(text);
  $('.problem', dialog)?.remove();
  form.before(make('div', { className: 'problem', role: 'alert' }, make('p', {}, text)));
}

// Toasts stay while the user reads or uses them

function toast(...content) {
  const box = make('div', { className: 'toast' }, ...content);
  const remove = () => box.matches(':hover, :focus-within') ? start() : box.remove();
  // As long as the server can undo the deletion.
  const start = () => setTimeout(remove, $('form', box) ? 600000 : 7000);
  box.append(make('button', { className: 'button quiet', type: 'button', ariaLabel: 'Dismiss', onclick: () => box.remove() }, '×'));
  // The server can undo only the last deletion, so there is one Undo.
  const undo = $('form', box);
  for (const old of [...toasts.children]) if ((undo && $('form', old)) || !old.matches(':hover, :focus-within, :has(form)')) old.remove();
  toasts.append(box);
  start();
}

// The progress of an import: one line of JSON per batch

async function follow(form) {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  $('.problem', form)?.remove();
  const bar = make('progress', { ariaLabel: 'Import' });
  const said = make('p', { className: 'hint' }, 'Reading the file…');
  form.append(bar, said);
  let last = {};
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/x-ndjson' } });
    if (!response.headers.get('content-type')?.startsWith('application/x-ndjson')) return form.submit();
    let text = '';
    for await (const part of parts(response.body.pipeThrough(new TextDecoderStream()))) {
      text = (text + part).replace(/.*\n/g, line => { last = JSON.parse(line); return ''; });
      if (last.of === undefined) continue;
      bar.max = last.of || 1;
      bar.value = last.done;
      said.textContent = `${last.done.toLocaleString('en')} of ${last.of.toLocaleString('en')}`;
    }
  } catch { /* as if nothing had been said at the end */ }
  if (last.result) return location.assign(last.result);
  bar.remove();
  said.remove();
  form.ariaBusy = null;
  const text = last.problem ?? 'The connection was lost. Try again; nobody is added twice.';
  form.prepend(make('div', { className: 'problem', role: 'alert' }, make('p', {}, text)));
}

async function* parts(stream) {
  const reader = stream.getReader();
  for (let part; !(part = await reader.read()).done;) yield part.value;
}

// Live updates: one visible window holds the stream for the whole browser

const channel = new BroadcastChannel('people');
let release, stopped;

function news(what) {
  if (what === 'signed-out') return signedOut();
  document.body.classList.toggle('lost', what === 'lost');
  // A hidden window refreshes when it becomes visible.
  if (what !== 'lost' && !document.hidden) refresh();
}
const tell = what => { news(what); channel.postMessage(what); };
channel.onmessage = ({ data }) => news(data);

function listen(end) {
  let source, timer, lost;
  const connect = () => {
    source = new EventSource(document.body.dataset.events);
    for (const name of ['ready', 'change', 'signed-out']) {
      source.addEventListener(name, () => { clearTimeout(lost); lost = 0; tell(name); });
    }
    source.onopen = () => { clearTimeout(lost); if (document.body.classList.contains('lost')) tell('back'); lost = 0; };
    source.onerror = () => {
      lost ||= setTimeout(() => tell('lost'), 3000);
      if (source.readyState !== EventSource.CLOSED) return;
      // Unavailable: refresh periodically and try again.
      refresh();
      timer = setTimeout(connect, 10000);
    };
  };
  connect();
  release = () => { clearTimeout(timer); clearTimeout(lost); source.close(); end(); release = null; };
}

function watch() {
  stopped?.abort();
  release?.();
  if (document.hidden || isSignedOut) return;
  stopped = new AbortController();
  const hold = () => new Promise(listen);
  if (navigator.locks) navigator.locks.request('people.events', { signal: stopped.signal }, hold).catch(() => {});
  else hold();
}

// Keyboard shortcuts, which can be turned off

const keysOn = () => localStorage.getItem('people.keys') !== 'off';
function keys(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || !keysOn()) return;
  if (target.closest('input, select, textarea, [contenteditable]')) return;
  const rows = [...document.querySelectorAll('.people .name')];
  const row = target.closest('.people li');
  const at = rows.findIndex(name => row?.contains(name));
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
  if (step && rows.length && (row || key.length === 1)) rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
  else if (key === '/' && $('#q')) $('#q').select();
  else if (key === 'n') ($('a[href="/people/new"]') ?? make('a', { href: '/people/new' })).click();
  else if (key === 'e') $('a[href$="/edit"]', row ?? $('.detail') ?? make('i'))?.click();
  else if (key === '?') help();
  else return;
  event.preventDefault();
}

function help() {
  opener = document.activeElement;
  const box = make('input', { type: 'checkbox', checked: keysOn(), onchange: () => localStorage.setItem('people.keys', box.checked ? 'on' : 'off') });
  const list = make('dl', { className: 'keys' });
  for (const [key, what] of [['/', 'Search'], ['n', 'Add a person'], ['j k', 'Next and previous person'], ['Enter', 'Open'], ['e', 'Edit'], ['?', 'This help']]) {
    list.append(make('div', {}, make('dt', {}, ...key.split(' ').map(name => make('kbd', {}, name))), make('dd', {}, what)));
  }
  const content = make('main', {}, make('h1', {}, 'Keyboard shortcuts'), list, make('label', { className: 'check' }, box, 'Enable shortcuts'));
  fill(make('div', {}, content));
}

// Events of the page

if (signedIn) {
  const { searchParams } = new URL(location.href);
  if (searchParams.has('done')) {
    searchParams.delete('done');
    history.replaceState({}, '', location.pathname + (searchParams.size ? '?' + searchParams : ''));
    const notice = $('.notice');
    if (notice) { notice.remove(); toast(...notice.childNodes); }
  }
  times();
  $('footer').hidden = false;
  $('footer button').onclick = help;
  document.addEventListener('input', ({ target }) => target.id === 'q' && search());
  document.addEventListener('change', ({ target }) => target.id === 'sort' && go(searchUrl(), true));
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.matches('.search')) { event.preventDefault(); go(searchUrl()); }
    else if (form.matches('[data-progress]')) { event.preventDefault(); follow(form); }
    else if (form.method === 'post' && form.closest('dialog, .toast, .notice')) { event.preventDefault(); send(form, event.submitter); }
    else if (form.ariaBusy === 'true') event.preventDefault();
    else if (form.method === 'post') { left = true; form.ariaBusy = 'true'; }
  });
  document.addEventListener('click', event => {
    const link = event.target.closest('a');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.matches('dialog [data-cancel]')) ask();
    else if (link.matches('dialog .problem a[href^="#"]')) { event.preventDefault(); $(link.hash, dialog)?.focus(); }
    else if (link.matches('[data-dialog]')) { if (!dialog.open || !isDirty() || confirm('Leave and discard what you typed?')) open(link); }
    else if ($('#results') && link.matches('#results a[href^="/people?"], #results a[href="/people"]')) {
      if (link.id === 'all' || link.closest('.empty')) $('#q').focus();
      choose(link.href);
      go(link.href, true);
    } else return;
    event.preventDefault();
  });
  document.addEventListener('keydown', keys);
  const shut = menu => menu?.removeAttribute('open');
  document.addEventListener('click', ({ target }) => target.closest('.menu') || shut($('.menu[open]')));
  document.addEventListener('keydown', event => {
    const menu = event.key === 'Escape' && !dialog.open && $('.menu[open]');
    if (!menu) return;
    if (menu.contains(event.target)) $('summary', menu).focus();
    shut(menu);
    event.preventDefault();
  });
  document.addEventListener('focusin', ({ target }) => target.closest('.menu') || shut($('.menu[open]')));
  dialog.addEventListener('keydown', event => { if (event.key === 'Escape') { event.preventDefault(); ask(); } });
  dialog.addEventListener('cancel', event => { event.preventDefault(); ask(); });
  addEventListener('popstate', () => {
    if (dialog.open) isDirty() && !confirm('Discard what you typed?') ? history.pushState({ dialog: true }, '') : close();
    else if (isList) {
      choose(location.href);
      go(location.href);
    }
  });
  let left = false;
  const full = $('main [data-edit]');
  const begun = values(full);
  addEventListener('beforeunload', event => { if (!left && (isDirty() || values(full) !== begun)) event.preventDefault(); });
  addEventListener('pageshow', event => { for (const form of document.forms) form.ariaBusy = null; if (event.persisted) { watch(); refresh(); } sayWhatWasDone().catch(() => {}); });
  addEventListener('pagehide', () => { stopped?.abort(); release?.(); });
  addEventListener('online', () => refresh());
  addEventListener('offline', () => offline(true));
  document.addEventListener('visibilitychange', () => { watch(); if (!document.hidden) refresh(); });
  if (location.pathname.startsWith('/people')) watch();
} else {
  document.addEventListener('submit', event => {
    if (event.target.ariaBusy === 'true') event.preventDefault();
    event.target.ariaBusy = 'true';
  });
  addEventListener('pageshow', () => { for (const form of document.forms) form.ariaBusy = null; });
}
