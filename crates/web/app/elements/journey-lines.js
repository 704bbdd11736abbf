import { formatLength, t } from '../i18n.js';
import { LINE_KINDS } from '../journeys.js';
import { html, nothing } from '../lit.js';
import { Part } from '../screen.js';

/** Route and track of a journey with their lengths. */
class JourneyLines extends Part {
  static properties = { lines: { attribute: false }, editable: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../journeys.js').Lines} */
    this.lines = { route: null, track: null };
    this.editable = false;
  }

  render() {
    const kinds = LINE_KINDS.filter((kind) => this.lines[kind]);
    if (kinds.length === 0) return nothing;
    return html`<ul class="rows lines" aria-label=${t('line.title')}>${kinds.map((kind) => this.row(kind))}</ul>`;
  }

  row(/** @type {import('../journeys.js').LineKind} */ kind) {
    return html`
      <li class="line"><span><b>${t(`line.${kind}`)}</b> <span class="quiet">${formatLength(this.lines[kind]?.meters ?? 0)}</span></span>
        ${this.editable
          ? html`<span class="acts"><button class="button plain" type="button" aria-label=${t(`line.delete_${kind}`)}
              @click=${() => this.dispatchEvent(new CustomEvent('delete-line', { detail: kind }))}>${t('action.delete')}</button></span>`
          : nothing}</li>`;
  }
}

customElements.define('kairos-journey-lines', JourneyLines);
