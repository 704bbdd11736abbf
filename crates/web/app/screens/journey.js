import { get } from '../api.js';
import { sentenceOf } from '../errors.js';
import { currentLanguage, t } from '../i18n.js';
import { deleteLine, forMap, hidden, inRidingOrder, loadLines, loadMarkers, moveMarker, showLines, shownLines } from '../journeys.js';
import { html, nothing } from '../lit.js';
import { notify, undoable } from '../notices.js';
import { Screen } from '../screen.js';
import { currentUser } from '../session.js';
import '../elements/kairos-map.js';
import '../elements/file-import.js';
import '../elements/journey-encounters.js';
import '../elements/journey-lines.js';
import '../elements/journey-markers.js';
import '../elements/journey-nearby.js';
import '../elements/journey-settings.js';

/** A journey: the map beside what the chosen tab says. */
class JourneyScreen extends Screen {
  static properties = {
    journey: { state: true }, markers: { state: true }, lines: { state: true }, problem: { state: true },
    drawn: { state: true }, selected: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../journeys.js').Journey | null} */
    this.journey = null;
    /** @type {string | null} */
    this.etag = null;
    /** @type {import('../journeys.js').Marker[]} */
    this.markers = [];
    /** @type {import('../journeys.js').Lines} */
    this.lines = { route: null, track: null };
    this.problem = '';
    /** What the tab draws beside the journey. */
    this.drawn = { journeys: [], encounters: [] };
    /** @type {string | null} */
    this.selected = null;
    /** The journeys as the map draws them.
     * @type {any[]} */
    this.mapJourneys = [];
  }

  get heading() {
    return this.journey?.name ?? '';
  }

  get isOwn() {
    return this.journey?.user_id === currentUser()?._id;
  }

  get tab() {
    const tabs = this.isOwn ? ['encounters', 'nearby', 'settings'] : [];
    return tabs.includes(this.params.tab) ? this.params.tab : 'markers';
  }

  firstUpdated() {
    this.load();
  }

  async load() {
    this.problem = '';
    try {
      const { data, etag } = await get(`journeys/${this.params.id}`);
      [this.journey, this.etag] = [data, etag];
      [this.markers, this.lines] = await Promise.all([
        loadMarkers(data._id, (markers) => { this.markers = [...markers]; }),
        loadLines(data._id),
      ]);
      await this.updateComplete;
      this.fit();
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  get map() {
    return /** @type {any} */ (this.querySelector('kairos-map'));
  }

  fit() {
    if (this.markers.length > 0 || this.lines.route || this.lines.track) this.map?.fit(this.params.id);
  }

  willUpdate(/** @type {Map<string, unknown>} */ changed) {
    if (changed.has('params')) {
      this.drawn = { journeys: [], encounters: [] };
      this.selected = null;
    }
    // The map draws journeys anew whenever it is given another array.
    if (this.journey && ['journey', 'markers', 'lines', 'drawn'].some((name) => changed.has(name))) {
      const shown = this.markers.filter((marker) => !hidden.has(marker._id));
      this.mapJourneys = [...this.drawn.journeys, forMap(this.journey, shown, this.isOwn, shownLines(this.journey._id, this.lines))];
    }
  }

  onMapClick(/** @type {CustomEvent} */ { detail }) {
    if (this.isOwn && this.tab === 'markers') this.markerPart?.add(detail.position);
  }

  get markerPart() {
    return /** @type {any} */ (this.querySelector('kairos-journey-markers'));
  }

  async onMarkerMove(/** @type {CustomEvent} */ { detail: { id, position } }) {
    const before = this.markers.find((marker) => marker._id === id);
    if (!before) return;
    const put = (/** @type {import('../journeys.js').Marker} */ marker) => {
      this.markers = this.markers.map((other) => (other._id === id ? marker : other));
    };
    const move = (/** @type {number[]} */ to) => moveMarker(before, to).then(put, (error) => {
      put(before);
      notify(sentenceOf(error));
    });
    put({ ...before, coordinates: { type: 'Point', coordinates: position } });
    await move(position);
    undoable(t('marker.moved', { name: before.name }), { undo: () => move(before.coordinates.coordinates), commit: async () => {} });
  }

  onMarkers(/** @type {CustomEvent} */ { detail }) {
    this.markers = inRidingOrder(detail);
  }

  onFile(/** @type {CustomEvent} */ { detail }) {
    if (this.isOwn) /** @type {any} */ (this.querySelector('kairos-file-import')).begin(detail.file);
    else notify(t('import.not_own'));
  }

  onImported() {
    showLines(this.params.id);
    this.load();
  }

  onDeleteLine(/** @type {CustomEvent} */ { detail }) {
    if (this.journey) deleteLine(this.journey, detail, () => { this.lines = { ...this.lines }; });
    /** @type {HTMLElement | null} */ (this.querySelector('kairos-file-import button'))?.focus();
  }

  onDraw(/** @type {CustomEvent} */ { detail }) {
    this.drawn = { journeys: [], encounters: [], ...detail };
    if (detail.bbox) this.updateComplete.then(() => this.map?.fit(detail.bbox));
  }

  onSelect(/** @type {CustomEvent} */ { detail }) {
    this.selected = detail.id;
    if (detail.position) this.map?.flyTo(detail.position);
  }

  render() {
    const { journey } = this;
    if (!journey) {
      return html`<div class="page stack"><h1 tabindex="-1">${this.problem ? t('problem.title') : t('journey.title')}</h1>
        ${this.problem
          ? html`<p class="problem" role="alert">${this.problem}</p><p class="row"><button class="button" type="button" @click=${this.load}>${t('action.retry')}</button><a href="app/journeys">${t('nav.journeys')}</a></p>`
          : html`<p class="quiet" role="status">${t('list.loading')}</p>`}</div>`;
    }
    return html`
      <div class="split">
        <section class="panel stack" aria-label=${t('journey.panel')}>
          <div class="stack tight">
            ${this.isOwn ? nothing : html`<p class="small"><a href="app/riders/${journey.user_id}">${t('journey.by_other')}</a></p>`}
            <h1 tabindex="-1" dir="auto">${journey.name}</h1>
            ${journey.description ? html`<p class="description" dir="auto">${journey.description}</p>` : nothing}
            <p class="row">
              ${journey.active ? html`<span class="tag own">${t('journey.active')}</span>` : nothing}
              ${journey.completed ? html`<span class="tag">${t('journey.completed')}</span>` : nothing}
              <span class="tag">${t(`visibility.${journey.visibility}_short`)}</span>
            </p>
          </div>
          ${this.isOwn ? this.tabs() : nothing}
          <p class="problem" role="alert">${this.problem}</p>
          ${this.isOwn ? html`<kairos-file-import .journey=${journey} .isQuiet=${this.tab !== 'markers'} @imported=${this.onImported}></kairos-file-import>` : nothing}
          ${this.part()}
        </section>
        <kairos-map class="map" .base=${new URL(document.body.dataset.maps ?? '', document.baseURI).href} .mapConfig=${MAP} .language=${currentLanguage()}
          .journeys=${this.mapJourneys} .encounters=${this.drawn.encounters} .selected=${this.selected}
          .editable=${this.isOwn && this.tab === 'markers'} .labels=${mapLabels()} theme=${document.documentElement.dataset.theme ?? 'auto'}
          @map-click=${this.onMapClick} @marker-move=${this.onMarkerMove} @map-ready=${this.fit} @file-drop=${this.onFile}
          @marker-select=${(/** @type {CustomEvent} */ event) => { this.selected = event.detail.id; this.markerPart?.show(event.detail.id); }}
          @encounter-select=${(/** @type {CustomEvent} */ event) => { this.selected = event.detail.id; }}
          @journey-select=${(/** @type {CustomEvent} */ event) => { this.selected = event.detail.id; }}></kairos-map>
      </div>`;
  }

  tabs() {
    const path = `app/journeys/${this.params.id}`;
    const tabs = [['markers', path], ['encounters', `${path}/encounters`], ['nearby', `${path}/nearby`], ['settings', `${path}/settings`]];
    return html`
      <nav class="tabs" aria-label=${t('journey.tabs')}>
        ${tabs.map(([tab, href]) => html`<a href=${href} aria-current=${tab === this.tab ? 'page' : nothing}>${t(`journey.tab.${tab}`)}</a>`)}
      </nav>`;
  }

  part() {
    const { journey } = this;
    switch (this.tab) {
      case 'encounters':
        return html`<kairos-journey-encounters .journey=${journey} .selected=${this.selected} @draw=${this.onDraw} @pick=${this.onSelect}></kairos-journey-encounters>`;
      case 'nearby':
        return html`<kairos-journey-nearby .journey=${journey} .selected=${this.selected} @draw=${this.onDraw} @pick=${this.onSelect}></kairos-journey-nearby>`;
      case 'settings':
        return html`<kairos-journey-settings .journey=${journey} .etag=${this.etag} @changed=${(/** @type {CustomEvent} */ event) => {
          [this.journey, this.etag] = [event.detail.journey, event.detail.etag];
        }}></kairos-journey-settings>`;
      default:
        return html`
          <kairos-journey-lines .lines=${shownLines(this.params.id, this.lines)} .editable=${this.isOwn} @delete-line=${this.onDeleteLine}></kairos-journey-lines>
          <kairos-journey-markers .journey=${journey} .markers=${this.markers} .editable=${this.isOwn} .selected=${this.selected}
          @markers=${this.onMarkers} @pick=${this.onSelect}></kairos-journey-markers>`;
    }
  }
}

const { mapStyle, mapTiles, mapArchive, mapAttribution } = document.body.dataset;

/** The operator's base map, if there is one. */
const MAP = { styleUrl: mapStyle, tilesUrl: mapTiles, pmtilesUrl: mapArchive, attribution: mapAttribution };

const LABELS = ['map', 'zoomIn', 'zoomOut', 'attribution', 'drop'];
let labels = { language: '', texts: {} };

/** The texts that the map shows or reads out. The map is built anew for other ones. */
function mapLabels() {
  const language = currentLanguage();
  if (labels.language !== language) {
    labels = { language, texts: Object.fromEntries(LABELS.map((name) => [name, t(`map.${name}`)])) };
  }
  return labels.texts;
}

customElements.define('kairos-journey', JourneyScreen);
