/** What the app uses of Lit. */
export { LitElement, html, nothing, svg } from '../vendor/lit.js';
export { repeat } from '../vendor/lit-html/directives/repeat.js';
export { live } from '../vendor/lit-html/directives/live.js';
export { ifDefined } from '../vendor/lit-html/directives/if-defined.js';
export { keyed } from '../vendor/lit-html/directives/keyed.js';
