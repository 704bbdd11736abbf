import { LitElement } from './lit.js';

/** The base of all elements here: no shadow tree, so that one style sheet and one heading order serve all. */
export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }
}

/** A screen: the router sets what the path says, and asks for the title. */
export class Screen extends Part {
  static properties = { params: { attribute: false }, query: { attribute: false } };

  constructor() {
    super();
    /** @type {Record<string, string>} */
    this.params = {};
    this.query = new URLSearchParams();
    /** The heading that has the focus since the screen began.
     * @type {HTMLElement | null} */
    this.focused = null;
  }

  /** Moves the focus to the heading, so that a screen reader begins there. */
  focusHeading() {
    this.focused = this.querySelector('h1');
    this.focused?.focus();
  }

  /** The title of the page, which is known once the screen has loaded what it shows. */
  get heading() {
    return '';
  }

  updated() {
    // A screen that has loaded may have another heading than before.
    if (this.focused && !this.focused.isConnected && document.activeElement === document.body) this.focusHeading();
    this.dispatchEvent(new CustomEvent('kairos-title', { bubbles: true, detail: this.heading }));
  }
}
