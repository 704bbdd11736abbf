/** What a browser remembers of a rider: theme and language, and nothing else. */

/** @typedef {'theme' | 'language'} Preference */

/** Returns a preference, or null. A browser may forbid storage. */
export function preference(/** @type {Preference} */ name) {
  try {
    return localStorage.getItem(`kairos.${name}`);
  } catch {
    return null;
  }
}

export function setPreference(/** @type {Preference} */ name, /** @type {string} */ value) {
  try {
    localStorage.setItem(`kairos.${name}`, value);
  } catch {
    // The choice lasts until the page is closed.
  }
}

/** Shows the chosen theme: `light`, `dark`, or that of the system. */
export function applyTheme() {
  const theme = preference('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}
