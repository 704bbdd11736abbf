import { get, patch } from '../api.js';
import { ApiError, sentenceOf } from '../errors.js';
import { EXPORT_FORMATS, exportJourney } from '../files.js';
import { FormPart } from '../form.js';
import { t } from '../i18n.js';
import { deleteJourney, visibilityChoices } from '../journeys.js';
import { html } from '../lit.js';
import { notify } from '../notices.js';
import { go, showAgain } from '../router.js';

/** What a rider can change of a journey as a whole. */
class JourneySettings extends FormPart {
  static properties = { journey: { attribute: false }, etag: { attribute: false }, exported: { state: true } };

  constructor() {
    super();
    /** @type {any} */
    this.journey = null;
    /** @type {string | undefined} */
    this.etag = undefined;
    /** The format of the file that is on its way. */
    this.exported = '';
  }

  /** Changes fields of the journey. A change from elsewhere is shown first, and not overwritten. */
  async change(/** @type {object} */ json, /** @type {string} */ done) {
    try {
      const { data, etag } = await patch(`journeys/${this.journey._id}`, { json, etag: this.etag });
      this.tell(data, etag);
      notify(done);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'changed_meanwhile') {
        const { data, etag } = await get(`journeys/${this.journey._id}`);
        this.tell(data, etag);
      }
      throw error;
    }
  }

  tell(/** @type {any} */ journey, /** @type {string | null} */ etag) {
    this.dispatchEvent(new CustomEvent('changed', { detail: { journey, etag } }));
  }

  async act(/** @type {object} */ json, /** @type {string} */ done) {
    this.problem = '';
    try {
      await this.change(json, done);
    } catch (error) {
      this.take(error, this.querySelector('form'));
    }
  }

  async export(/** @type {string} */ format) {
    if (this.exported) return;
    this.exported = format;
    try {
      await exportJourney(this.journey, format);
    } catch (error) {
      notify(sentenceOf(error));
    }
    this.exported = '';
  }

  delete() {
    deleteJourney(this.journey, () => { if (location.pathname.endsWith('/journeys')) showAgain(); });
    go('app/journeys');
  }

  render() {
    const { journey } = this;
    return html`
      <div class="stack">
        <h2>${t('settings.title')}</h2>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, ({ name, description, visibility }) =>
          this.change({ name, description, visibility }, t('settings.saved')))}>
          ${this.field({ name: 'name', label: t('field.journey_name'), value: journey.name, required: true })}
          ${this.field({ name: 'description', label: t('field.description'), value: journey.description, rows: 3 })}
          ${this.choice({ name: 'visibility', label: t('visibility.question'), value: journey.visibility, choices: visibilityChoices() })}
          ${this.submitRow(t('action.save'))}
        </form>
        <hr>
        <div class="stack tight">
          <h3>${t('settings.state')}</h3>
          <p class="quiet">${t(journey.completed ? 'settings.is_completed' : journey.active ? 'settings.is_active' : 'settings.is_planned')}</p>
          <p class="row">
            ${journey.completed
              ? html`<button class="button" type="button" @click=${() => this.act({ completed: false }, t('settings.reopened'))}>${t('settings.reopen')}</button>`
              : html`
                <button class="button" type="button" @click=${() => this.act({ active: !journey.active }, t(journey.active ? 'settings.stopped' : 'settings.started'))}>${t(journey.active ? 'settings.stop' : 'settings.start')}</button>
                <button class="button" type="button" @click=${() => this.act({ completed: true }, t('settings.now_completed'))}>${t('settings.complete')}</button>`}
          </p>
        </div>
        <hr>
        <div class="stack tight">
          <h3 id="export-title">${t('export.title')}</h3>
          <p class="quiet">${t('export.text')}</p>
          <div class="row" role="group" aria-labelledby="export-title">
            ${Object.entries(EXPORT_FORMATS).map(([format, name]) => html`
              <button class="button" type="button" aria-busy=${this.exported === format} @click=${() => this.export(format)}>${name}</button>`)}
          </div>
        </div>
        <hr>
        <div class="stack tight">
          <h3>${t('settings.delete_title')}</h3>
          <p class="quiet">${t('settings.delete_text')}</p>
          <p><button class="button bad" type="button" @click=${this.delete}>${t('settings.delete')}</button></p>
        </div>
      </div>`;
  }
}

customElements.define('kairos-journey-settings', JourneySettings);
