import { formatDate, t } from '../i18n.js';
import { dayOf, deleteMarker, hidden, positionOf } from '../journeys.js';
import { html, nothing, repeat } from '../lit.js';
import { Part } from '../screen.js';
import './marker-form.js';

/** @typedef {import('../journeys.js').Marker} Marker */

/** How many markers a page of the list has: a browser shows these without a pause. */
const PAGE = 100;

/** From this many markers on, the list can be searched. */
const SEARCHED = 20;

/** The markers of a journey as a list, and the form to add or edit one. */
class JourneyMarkers extends Part {
  static properties = {
    journey: { attribute: false }, markers: { attribute: false }, editable: { attribute: false }, selected: { attribute: false },
    edited: { state: true }, page: { state: true }, search: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.journey = null;
    /** @type {Marker[]} */
    this.markers = [];
    this.editable = false;
    /** @type {string | null} */
    this.selected = null;
    /** The marker in the form, which has no id if it is new; null without a form.
     * @type {Partial<Marker> | null} */
    this.edited = null;
    this.page = 0;
    this.search = '';
  }

  /** Opens the form for a new marker. A form that is open takes the position. */
  async add(/** @type {number[]} */ position = []) {
    const form = /** @type {any} */ (this.querySelector('kairos-marker-form'));
    if (form && position.length > 0) return form.moveTo(position);
    this.edited = position.length > 0 ? { coordinates: { type: 'Point', coordinates: position } } : {};
    await this.updateComplete;
    /** @type {any} */ (this.querySelector('kairos-marker-form'))?.begin();
  }

  /** Turns to the page of a marker, and scrolls to it. */
  async show(/** @type {string} */ id) {
    this.search = '';
    const index = this.shown.findIndex((marker) => marker._id === id);
    if (index < 0) return;
    this.page = Math.floor(index / PAGE);
    await this.updateComplete;
    this.querySelector(`[data-id="${id}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  get shown() {
    const wanted = this.search.trim().toLocaleLowerCase();
    return this.markers.filter((marker) => !hidden.has(marker._id) && (!wanted || marker.name.toLocaleLowerCase().includes(wanted)));
  }

  tell(/** @type {Marker[]} */ markers) {
    this.dispatchEvent(new CustomEvent('markers', { detail: markers }));
  }

  async edit(/** @type {Marker} */ marker) {
    this.edited = marker;
    await this.updateComplete;
    /** @type {any} */ (this.querySelector('kairos-marker-form'))?.begin();
  }

  onSaved(/** @type {CustomEvent} */ { detail }) {
    this.tell([...this.markers.filter((marker) => marker._id !== detail._id), detail]);
    this.close(detail._id);
  }

  /** Closes the form, and puts the focus where it came from. */
  async close(/** @type {string | undefined} */ id) {
    this.edited = null;
    await this.updateComplete;
    const row = id && this.querySelector(`[data-id="${id}"] button`);
    /** @type {HTMLElement | null} */ (row || this.querySelector('.add'))?.focus();
  }

  render() {
    const { shown } = this;
    const isEmpty = this.markers.every((marker) => hidden.has(marker._id));
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const page = Math.min(this.page, pages - 1);
    const rows = shown.slice(page * PAGE, (page + 1) * PAGE);
    return html`
      <div class="stack">
        ${this.edited
          ? html`<kairos-marker-form .journey=${this.journey} .marker=${this.edited} @saved=${this.onSaved} @cancelled=${() => this.close(this.edited?._id)}></kairos-marker-form>`
          : this.editable && !isEmpty
            ? html`<p class="row"><button class="button main add" type="button" @click=${() => this.add()}>${t('marker.add')}</button><span class="small quiet">${t('marker.add_hint')}</span></p>`
            : nothing}
        ${isEmpty && !this.edited ? this.empty() : nothing}
        ${this.markers.length > SEARCHED
          ? html`<div class="field"><label for="marker-search">${t('marker.search')}</label>
              <input id="marker-search" type="search" dir="auto" .value=${this.search} @input=${(/** @type {any} */ event) => { this.search = event.target.value; this.page = 0; }}></div>`
          : nothing}
        ${isEmpty ? nothing : html`<p class="small quiet" role="status">${t('marker.count', { count: shown.length })}</p>`}
        ${rows.length > 0
          ? html`<ol class="rows markers">${repeat(rows, (marker) => marker._id, (marker) => this.row(marker))}</ol>`
          : nothing}
        ${pages > 1
          ? html`<nav class="row" aria-label=${t('list.pages')}>
              <button class="button" type="button" ?disabled=${page === 0} @click=${() => { this.page = page - 1; }}>${t('list.earlier')}</button>
              <span>${t('list.page', { page: page + 1, pages })}</span>
              <button class="button" type="button" ?disabled=${page === pages - 1} @click=${() => { this.page = page + 1; }}>${t('list.later')}</button></nav>`
          : nothing}
      </div>`;
  }

  empty() {
    if (!this.editable) return html`<p class="empty">${t('marker.none')}</p>`;
    return html`
      <div class="empty"><h2>${t('marker.empty')}</h2><p>${t('marker.empty_text')}</p>
        <button class="button main add" type="button" @click=${() => this.add()}>${t('marker.add')}</button></div>`;
  }

  row(/** @type {Marker} */ marker) {
    const day = dayOf(marker);
    const isSelected = marker._id === this.selected;
    return html`
      <li class="marker ${marker.marker_type}" data-id=${marker._id}>
        <button class="pick" type="button" aria-current=${isSelected ? 'true' : nothing}
          @click=${() => this.dispatchEvent(new CustomEvent('pick', { detail: { id: marker._id, position: positionOf(marker) } }))}>
          <span class="dot" aria-hidden="true"></span>
          <span><bdi class="title">${marker.name || t('marker.unnamed')}</bdi>
            <span class="small quiet">${t(`marker.${marker.marker_type}`)}${day ? html` · ${formatDate(day)}` : html` · ${t('marker.no_date')}`}</span>
            ${marker.notes ? html`<span class="small notes" dir="auto">${marker.notes}</span>` : nothing}</span>
        </button>
        ${this.editable
          ? html`<span class="acts">
              <button class="button plain" type="button" @click=${() => this.edit(marker)} aria-label=${t('marker.edit_named', { name: marker.name })}>${t('action.edit')}</button>
              <button class="button plain" type="button" @click=${() => this.delete(marker)} aria-label=${t('marker.delete_named', { name: marker.name })}>${t('action.delete')}</button></span>`
          : nothing}
      </li>`;
  }

  delete(/** @type {Marker} */ marker) {
    if (this.edited?._id === marker._id) this.edited = null;
    deleteMarker(marker, () => this.tell([...this.markers]));
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.querySelector('.add'))?.focus());
  }
}

customElements.define('kairos-journey-markers', JourneyMarkers);
