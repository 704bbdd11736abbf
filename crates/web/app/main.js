/** The start of the app: preferences, language, session, then the first screen. */
import './app.js';
import { loadLanguage } from './i18n.js';
import { applyTheme } from './preferences.js';
import { refresh } from './session.js';

applyTheme();
// The session is asked for beside the language; if the server can't be reached, the first screen says so.
await Promise.all([loadLanguage(), refresh().catch(() => {})]);
/** @type {any} */ (document.querySelector('kairos-app')).begin();
