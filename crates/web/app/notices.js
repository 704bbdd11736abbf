/**
 * Short messages at the foot of the page, some with “Undo”.
 *
 * Hides a deleted item at once, and deletes it only when its notice goes, or when the page is left.
 */

/** @typedef {{ id: number, text: string, undo?: () => void }} Notice */

/** How long a notice stays. Its pointer or focus keeps it. */
export const NOTICE_MS = 8000;

/** @type {Notice[]} */
let notices = [];
/** @type {Map<number, { commit: () => Promise<unknown>, timer: number }>} */
const waiting = new Map();
let lastId = 0;

const changes = new EventTarget();

export const currentNotices = () => notices;

export const onNotices = (/** @type {() => void} */ listener) => changes.addEventListener('change', listener);

function change(/** @type {Notice[]} */ next) {
  notices = next;
  changes.dispatchEvent(new Event('change'));
}

const drop = (/** @type {number} */ id) => change(notices.filter((notice) => notice.id !== id));

/** Shows a message for a while. */
export function notify(/** @type {string} */ text) {
  const id = ++lastId;
  change([...notices, { id, text }]);
  setTimeout(() => drop(id), NOTICE_MS);
}

/**
 * Does something unless the rider takes it back first.
 *
 * @param {string} text What is being done.
 * @param {{ commit: () => Promise<unknown>, undo: () => void }} act
 */
export function undoable(text, { commit, undo }) {
  const id = ++lastId;
  const timer = setTimeout(() => settle(id), NOTICE_MS);
  waiting.set(id, { commit, timer });
  change([...notices, {
    id,
    text,
    undo() {
      clearTimeout(timer);
      waiting.delete(id);
      drop(id);
      undo();
    },
  }]);
}

function settle(/** @type {number} */ id) {
  const act = waiting.get(id);
  waiting.delete(id);
  clearTimeout(act?.timer);
  drop(id);
  return act?.commit();
}

/** Does everything that could still be undone, now. */
export const settleAll = () => Promise.all([...waiting.keys()].map(settle));

addEventListener('pagehide', () => { settleAll(); });
