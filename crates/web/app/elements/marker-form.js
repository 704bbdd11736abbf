import { get, patch, post } from '../api.js';
import { ApiError } from '../errors.js';
import { FormPart } from '../form.js';
import { t } from '../i18n.js';
import { dayOf } from '../journeys.js';
import { html } from '../lit.js';

/** Adds a marker, or edits one. Its place is taken from the map or typed. */
class MarkerForm extends FormPart {
  static properties = { journey: { attribute: false }, marker: { attribute: false } };

  constructor() {
    super();
    /** @type {any} */
    this.journey = null;
    /** @type {Partial<import('../journeys.js').Marker>} */
    this.marker = {};
    /** The version that the form began with, so that a change from elsewhere is not overwritten.
     * @type {Promise<string | undefined>} */
    this.etag = Promise.resolve(undefined);
  }

  get path() {
    return `journeys/${this.journey._id}/markers`;
  }

  get form() {
    return /** @type {HTMLFormElement} */ (this.querySelector('form'));
  }

  /** Fills the form from its marker. */
  async begin() {
    await this.updateComplete;
    this.form.reset();
    this.faults = new Map();
    this.problem = '';
    const { _id } = this.marker;
    this.etag = _id ? get(`${this.path}/${_id}`).then(({ etag }) => etag ?? undefined, () => undefined) : Promise.resolve(undefined);
    this.scrollIntoView({ block: 'nearest' });
    /** @type {HTMLElement} */ (this.form.elements.namedItem('name')).focus();
  }

  /** Puts a position from the map into the fields. */
  moveTo(/** @type {number[]} */ [longitude, latitude]) {
    /** @type {any} */ (this.form.elements.namedItem('longitude')).value = round(longitude);
    /** @type {any} */ (this.form.elements.namedItem('latitude')).value = round(latitude);
  }

  async save(/** @type {Record<string, string>} */ fields) {
    const place = [Number(fields.longitude.replace(',', '.')), Number(fields.latitude.replace(',', '.'))];
    const wrong = place.findIndex((value, index) => !(Math.abs(value) <= [180, 90][index]));
    if (wrong >= 0) return this.fault(['longitude', 'latitude'][wrong], t(wrong ? 'fault.latitude' : 'fault.longitude'));
    const elevation = this.marker.coordinates?.coordinates.slice(2) ?? [];
    const isPast = fields.marker_type === 'past';
    const json = {
      name: fields.name,
      notes: fields.notes,
      marker_type: fields.marker_type,
      coordinates: { type: 'Point', coordinates: [...place, ...elevation] },
      [isPast ? 'timestamp' : 'estimated_time']: fields.date || null,
    };
    try {
      const { data } = this.marker._id
        ? await patch(`${this.path}/${this.marker._id}`, { json, etag: await this.etag })
        : await post(this.path, { json });
      this.dispatchEvent(new CustomEvent('saved', { detail: data }));
    } catch (error) {
      throw error instanceof ApiError ? withFieldsOfTheForm(error) : error;
    }
  }

  render() {
    const { marker } = this;
    const [longitude, latitude] = marker.coordinates?.coordinates ?? [];
    const day = marker.marker_type ? dayOf(/** @type {any} */ (marker)) : null;
    const kinds = [
      { value: 'plan', label: t('marker.plan'), hint: t('marker.plan_hint') },
      { value: 'past', label: t('marker.past'), hint: t('marker.past_hint') },
    ];
    return html`
      <form class="card stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (fields) => this.save(fields))}
        @keydown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === 'Escape') this.cancel(); }}>
        <h2>${marker._id ? t('marker.edit') : t('marker.add')}</h2>
        ${this.field({ name: 'name', label: t('field.marker_name'), value: marker.name, required: true })}
        ${this.choice({ name: 'marker_type', label: t('marker.kind'), value: marker.marker_type, choices: kinds })}
        ${this.field({ name: 'date', label: t('field.date'), type: 'date', value: day ?? '', hint: t('marker.date_hint') })}
        <div class="pair">
          ${this.field({ name: 'latitude', label: t('field.latitude'), value: round(latitude), required: true, inputmode: 'decimal' })}
          ${this.field({ name: 'longitude', label: t('field.longitude'), value: round(longitude), required: true, inputmode: 'decimal' })}
        </div>
        <p class="small quiet">${t('marker.place_hint')}</p>
        ${this.field({ name: 'notes', label: t('field.notes'), value: marker.notes, rows: 2 })}
        ${this.submitRow(t('action.save'), html`<button class="button" type="button" @click=${this.cancel}>${t('action.cancel')}</button>`)}
      </form>`;
  }

  cancel() {
    this.dispatchEvent(new CustomEvent('cancelled'));
  }
}

/** Writes a coordinate to a decimetre or so. */
const round = (/** @type {number | undefined} */ value) => (value === undefined ? '' : String(Math.round(value * 1e6) / 1e6));

/** The API has two dates and one position; the form has one date and two coordinates. */
function withFieldsOfTheForm(/** @type {ApiError} */ error) {
  const names = new Map([['timestamp', 'date'], ['estimated_time', 'date'], ['coordinates', 'latitude']]);
  const faults = new Map([...error.faults].map(([name, text]) => [names.get(name) ?? name, text]));
  return new ApiError(error.status, error.code, error.detail, faults, error.retryAfter);
}

customElements.define('kairos-marker-form', MarkerForm);
