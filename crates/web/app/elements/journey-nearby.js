import { get } from '../api.js';
import { sentenceOf } from '../errors.js';
import { formatDistance, t } from '../i18n.js';
import { forMap } from '../journeys.js';
import { html, nothing } from '../lit.js';
import { Part } from '../screen.js';

const DISTANCES = [10, 25, 50, 100, 200, 500];

/** How many journeys are drawn: each comes with its markers. */
const LIMIT = 30;

/** Journeys of other riders that come near, whenever that is. */
class JourneyNearby extends Part {
  static properties = {
    journey: { attribute: false }, selected: { attribute: false },
    nearby: { state: true }, problem: { state: true }, kilometres: { state: true }, withCompleted: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.journey = null;
    /** @type {string | null} */
    this.selected = null;
    /** @type {any[] | null} */
    this.nearby = null;
    this.problem = '';
    this.kilometres = 50;
    this.withCompleted = true;
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.journey) this.load();
  }

  async load() {
    this.problem = '';
    const query = {
      max_distance_meters: this.kilometres * 1000, include_completed: String(this.withCompleted), limit: LIMIT, include: ['rider', 'markers'],
    };
    try {
      this.nearby = (await get(`journeys/${this.journey._id}/nearby`, { query })).data;
    } catch (error) {
      this.problem = sentenceOf(error);
      return;
    }
    const journeys = (this.nearby ?? []).map((near) => forMap({ _id: near.journey_id, name: near.name }, near.markers ?? []));
    this.dispatchEvent(new CustomEvent('draw', { detail: { journeys } }));
  }

  render() {
    return html`
      <div class="stack">
        <h2>${t('nearby.title')}</h2>
        <p class="quiet">${t('nearby.text')}</p>
        <div class="field"><label for="nearby-distance">${t('nearby.within')}</label>
          <select id="nearby-distance" @change=${(/** @type {any} */ event) => { this.kilometres = Number(event.target.value); this.load(); }}>
            ${DISTANCES.map((value) => html`<option value=${value} ?selected=${value === this.kilometres}>${formatDistance(value * 1000)}</option>`)}
          </select></div>
        <label class="row"><input type="checkbox" .checked=${this.withCompleted} @change=${(/** @type {any} */ event) => { this.withCompleted = event.target.checked; this.load(); }}>${t('nearby.with_completed')}</label>
        <p class="problem" role="alert">${this.problem}</p>
        <p role="status">${this.nearby ? t('nearby.count', { count: this.nearby.length }) : this.problem ? '' : t('list.loading')}</p>
        ${this.nearby?.length === LIMIT ? html`<p class="small quiet">${t('nearby.more', { limit: LIMIT })}</p>` : nothing}
        ${this.nearby?.length === 0
          ? html`<div class="empty"><p>${t('nearby.empty')}</p></div>`
          : html`<ul class="rows">${(this.nearby ?? []).map((near) => this.row(near))}</ul>`}
      </div>`;
  }

  row(/** @type {any} */ near) {
    const isSelected = near.journey_id === this.selected;
    return html`
      <li class="encounter">
        <button class="pick" type="button" aria-current=${isSelected ? 'true' : nothing}
          @click=${() => this.dispatchEvent(new CustomEvent('pick', { detail: { id: near.journey_id, position: near.position?.coordinates ?? near.position } }))}>
          <span class="dot other" aria-hidden="true"></span>
          <span><bdi class="title">${near.name}</bdi><span class="small">${near.rider ? html`<bdi>${near.rider.name}</bdi> · ` : nothing}${formatDistance(near.distance_meters)}</span></span>
        </button>
        ${isSelected ? html`<div class="more"><a href="app/journeys/${near.journey_id}">${t('nearby.open')}</a></div>` : nothing}
      </li>`;
  }
}

customElements.define('kairos-journey-nearby', JourneyNearby);
