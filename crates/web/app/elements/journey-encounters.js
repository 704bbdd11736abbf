import { get, post } from '../api.js';
import { ApiError, sentenceOf } from '../errors.js';
import { formatDate, formatDaysFrom, formatDistance, daysBetween, t, today } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { notify } from '../notices.js';
import { Part } from '../screen.js';
import { currentUser } from '../session.js';
import './contact.js';

const DISTANCES = [5, 25, 50, 100, 200];
const DAYS = [0, 1, 3, 7, 14];

/** Who will be near on the same days: by day, with the place and the distance; and what others see. */
class JourneyEncounters extends Part {
  static properties = {
    journey: { attribute: false }, selected: { attribute: false },
    encounters: { state: true }, refusal: { state: true }, kilometres: { state: true }, within: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.journey = null;
    /** @type {string | null} */
    this.selected = null;
    /** @type {any[] | null} */
    this.encounters = null;
    /** @type {unknown} */
    this.refusal = null;
    this.kilometres = 25;
    this.within = 1;
    /** @type {AbortController | null} */
    this.asked = null;
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.journey) this.load();
  }

  async load() {
    this.asked?.abort();
    const { signal } = this.asked = new AbortController();
    this.refusal = null;
    const query = { max_distance_meters: this.kilometres * 1000, within_days: this.within, limit: 200 };
    try {
      this.encounters = (await get(`journeys/${this.journey._id}/encounters`, { query, signal })).data;
      this.draw();
    } catch (error) {
      if (!signal.aborted) this.refusal = error;
    }
  }

  draw() {
    const encounters = (this.encounters ?? []).map((encounter) => ({
      id: encounter.journey_id,
      mine: encounter.position.coordinates,
      theirs: encounter.their_position.coordinates,
      label: encounter.rider.name,
    }));
    this.dispatchEvent(new CustomEvent('draw', { detail: { encounters } }));
  }

  render() {
    return html`
      <div class="stack">
        <h2>${t('encounters.title')}</h2>
        <div class="pair">
          ${this.select('kilometres', t('encounters.within_distance'), DISTANCES, (value) => formatDistance(value * 1000))}
          ${this.select('within', t('encounters.within_days'), DAYS, (value) => (value === 0 ? t('encounters.same_day') : t('encounters.days_apart', { count: value })))}
        </div>
        <div role="status" aria-live="polite">${this.summary()}</div>
        ${this.refusal ? this.refused() : this.list()}
        ${this.whatOthersSee()}
      </div>`;
  }

  select(/** @type {'kilometres' | 'within'} */ name, /** @type {string} */ label, /** @type {number[]} */ values, /** @type {(value: number) => string} */ text) {
    return html`
      <div class="field"><label for="encounters-${name}">${label}</label>
        <select id="encounters-${name}" @change=${(/** @type {any} */ event) => { this[name] = Number(event.target.value); this.load(); }}>
          ${values.map((value) => html`<option value=${value} ?selected=${value === this[name]}>${text(value)}</option>`)}
        </select></div>`;
  }

  summary() {
    if (this.refusal) return nothing;
    if (!this.encounters) return html`<p class="quiet">${t('list.loading')}</p>`;
    return html`<p>${t('encounters.count', { count: this.encounters.length })}</p>`;
  }

  list() {
    if (!this.encounters) return nothing;
    if (this.encounters.length === 0) {
      return html`<div class="empty"><p>${t('encounters.empty')}</p><p>${t('encounters.empty_text')}</p>
        <a class="button" href="app/journeys/${this.journey._id}">${t('encounters.to_markers')}</a></div>`;
    }
    const days = byDay(this.encounters);
    return html`<ol class="stack">${[...days].map(([day, encounters]) => html`
      <li class="stack tight">
        <h3>${capitalised(formatDaysFrom(day, today()))} <span class="quiet small">${formatDate(day)}</span></h3>
        <ul class="rows">${encounters.map((/** @type {any} */ encounter) => this.row(encounter))}</ul>
      </li>`)}</ol>`;
  }

  row(/** @type {any} */ encounter) {
    const { rider, date, their_date: theirs } = encounter;
    const apart = daysBetween(date, theirs);
    const isSelected = encounter.journey_id === this.selected;
    return html`
      <li class="encounter">
        <button class="pick" type="button" aria-current=${isSelected ? 'true' : nothing}
          @click=${() => this.dispatchEvent(new CustomEvent('pick', { detail: { id: encounter.journey_id, position: encounter.position.coordinates } }))}>
          <span class="dot other" aria-hidden="true"></span>
          <span><bdi class="title">${rider.name}</bdi>
            <span class="small">${formatDistance(encounter.distance_meters)} · ${apart === 0 ? t('encounters.same_day') : t(apart > 0 ? 'encounters.later' : 'encounters.earlier', { count: Math.abs(apart) })}</span></span>
        </button>
        ${isSelected
          ? html`<div class="more stack tight">
              <kairos-contact .rider=${rider}></kairos-contact>
              <p><a href="app/journeys/${encounter.journey_id}">${t('encounters.their_journey')} <bdi>${encounter.name}</bdi></a></p>
              <p><a href="app/riders/${rider._id}">${t('encounters.about')} <bdi>${rider.name}</bdi></a></p></div>`
          : nothing}
      </li>`;
  }

  refused() {
    const code = this.refusal instanceof ApiError ? this.refusal.code : '';
    if (code === 'email_not_verified') {
      return html`<div class="empty"><h3>${t('verify.title')}</h3><p>${t('verify.needed')}</p>
        <p class="row"><button class="button main" type="button" @click=${this.sendMail}>${t('verify.send')}</button>
        <button class="button" type="button" @click=${this.load}>${t('verify.done')}</button></p></div>`;
    }
    if (code === 'journey_private') {
      return html`<div class="empty"><h3>${t('encounters.private')}</h3><p>${t('encounters.private_text')}</p>
        <a class="button main" href="app/journeys/${this.journey._id}/settings">${t('encounters.to_settings')}</a></div>`;
    }
    return html`<p class="problem" role="alert">${sentenceOf(this.refusal)}</p><p><button class="button" type="button" @click=${this.load}>${t('action.retry')}</button></p>`;
  }

  async sendMail() {
    try {
      await post('users/resend-verification', { json: { email: currentUser()?.email }, anonymous: true });
      notify(t('verify.sent', { email: currentUser()?.email ?? '' }));
    } catch (error) {
      notify(sentenceOf(error));
    }
  }

  whatOthersSee() {
    const isPublic = this.journey.visibility === 'public';
    return html`
      <details class="card"><summary>${t('seen.title')}</summary>
        <ul class="bullets">
          ${isPublic
            ? html`<li>${t('seen.journey')}</li><li>${t('seen.days')}</li><li>${t('seen.name')}</li><li>${t('seen.contact')}</li><li>${t('seen.email')}</li>
              ${this.journey.completed ? html`<li>${t('seen.completed')}</li>` : nothing}`
            : html`<li>${t('seen.nothing')}</li>`}
        </ul>
        <p><a href="app/profile">${t('seen.change_contact')}</a> · <a href="app/journeys/${this.journey._id}/settings">${t('seen.change_visibility')}</a></p>
      </details>`;
  }
}

const capitalised = (/** @type {string} */ text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Groups encounters by day. They are in that order already. */
function byDay(/** @type {any[]} */ encounters) {
  const days = new Map();
  for (const encounter of encounters) days.set(encounter.date, [...(days.get(encounter.date) ?? []), encounter]);
  return days;
}

customElements.define('kairos-journey-encounters', JourneyEncounters);
