import { ApiError } from '../errors.js';
import { ACCEPTED, importFile, importProblem } from '../files.js';
import { FormPart } from '../form.js';
import { formatLength, t } from '../i18n.js';
import { visibilityChoices } from '../journeys.js';
import { html, ifDefined, nothing } from '../lit.js';
import { go } from '../router.js';

/** How many parts of a file that were left out are listed. */
const SKIPPED_SHOWN = 10;

/**
 * Imports a file that is chosen or dropped anywhere on the page: into `journey`, or as a new one. `isQuiet`
 * hides the button. The event `imported` says that the journey has changed or is there.
 */
class FileImport extends FormPart {
  static properties = {
    journey: { attribute: false }, isQuiet: { attribute: false },
    file: { state: true }, step: { state: true }, sent: { state: true }, report: { state: true }, isDropTarget: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../journeys.js').Journey | null} */
    this.journey = null;
    this.isQuiet = false;
    /** @type {File | null} */
    this.file = null;
    /** @type {'ask' | 'send' | 'replace' | 'failed' | 'done'} */
    this.step = 'ask';
    /** How much of the file was sent, from 0 to 1. */
    this.sent = 0;
    /** @type {import('../files.js').Report | null} */
    this.report = null;
    this.isDropTarget = false;
    this.sending = new AbortController();
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('dragover', this.onDragOver);
    document.addEventListener('dragleave', this.onDragLeave);
    document.addEventListener('drop', this.onDrop);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('dragover', this.onDragOver);
    document.removeEventListener('dragleave', this.onDragLeave);
    document.removeEventListener('drop', this.onDrop);
  }

  onDragOver = (/** @type {DragEvent} */ event) => {
    // The map says itself that it takes files.
    this.isDropTarget = !event.defaultPrevented && Boolean(event.dataTransfer?.types.includes('Files'));
    if (this.isDropTarget) event.preventDefault();
  };

  onDragLeave = (/** @type {DragEvent} */ event) => {
    if (!event.relatedTarget) this.isDropTarget = false;
  };

  onDrop = (/** @type {DragEvent} */ event) => {
    this.isDropTarget = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (event.defaultPrevented || !file) return;
    event.preventDefault();
    this.begin(file);
  };

  onChoice(/** @type {Event} */ event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (file) this.begin(file);
    // The same file can be chosen again.
    input.value = '';
  }

  get dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  /** Begins with a file: sends it at once into a journey, or asks who can see the new one. */
  async begin(/** @type {File} */ file) {
    if (this.step === 'send') return;
    this.file = file;
    this.faults = new Map();
    this.problem = '';
    this.step = 'ask';
    await this.updateComplete;
    this.querySelector('form')?.reset();
    if (!this.dialog.open) this.dialog.showModal();
    if (this.journey) this.send({});
  }

  async send(/** @type {Record<string, string | undefined>} */ query) {
    const { file, journey } = this;
    if (!file) return;
    this.sending = new AbortController();
    const { signal } = this.sending;
    this.sent = 0;
    this.problem = '';
    await this.turnTo('send');
    try {
      this.report = await importFile(file, { journeyId: journey?._id, query, signal, onProgress: (part) => { this.sent = part; } });
    } catch (error) {
      if (signal.aborted) {
        this.step = 'ask';
        return;
      }
      const mayReplace = error instanceof ApiError && error.code === 'line_exists';
      await this.turnTo(mayReplace ? 'replace' : journey ? 'failed' : 'ask');
      if (!mayReplace) this.explain(error);
      return;
    }
    this.dispatchEvent(new CustomEvent('imported', { detail: this.report }));
    await this.turnTo('done');
  }

  /** Shows what is wrong with the file, or with what was typed. */
  explain(/** @type {unknown} */ error) {
    const form = this.querySelector('form');
    const isTyped = form && error instanceof ApiError && error.faults.size > 0 && !error.faults.has('file');
    if (isTyped) this.take(error, form);
    else this.problem = importProblem(error);
  }

  /** Turns to a step, and tells a screen reader by the focus. */
  async turnTo(/** @type {FileImport['step']} */ step) {
    this.step = step;
    await this.updateComplete;
    if (!this.isConnected) return;
    if (!this.dialog.open) this.dialog.showModal();
    this.querySelector('h2')?.focus();
  }

  /** Stops a file that is on its way. One that was sent is being read, and can't be stopped. */
  onCancel(/** @type {Event} */ event) {
    if (this.step === 'send' && this.sent === 1) event.preventDefault();
    else this.sending.abort();
  }

  close() {
    this.sending.abort();
    this.dialog.close();
  }

  render() {
    return html`
      ${this.isQuiet
        ? nothing
        : html`<p class="row"><button class="button" type="button" @click=${() => /** @type {HTMLElement} */ (this.querySelector('[type="file"]')).click()}>${t('import.button')}</button>
            <span class="small quiet">${t('import.hint')}</span></p>`}
      <input type="file" accept=${ACCEPTED} hidden @change=${this.onChoice}>
      ${this.isDropTarget ? html`<p class="drop-target">${t('map.drop')}</p>` : nothing}
      <dialog aria-labelledby="file-import-title" @cancel=${this.onCancel}>
        <div class="stack">
          <h2 id="file-import-title" tabindex="-1">${t(`import.step_${this.step}`)}</h2>
          <p class="quiet file-name"><bdi>${this.file?.name}</bdi></p>
          ${this.journey || !this.file || this.step === 'done' ? nothing : this.form()}
          ${this.content()}
        </div>
      </dialog>`;
  }

  /** The form of a new journey. It stays while the file is sent, so that nothing is typed twice. */
  form() {
    return html`
      <form class="stack" novalidate ?hidden=${this.step !== 'ask'} @submit=${(/** @type {SubmitEvent} */ event) =>
        this.submit(event, ({ name, visibility }) => this.send({ name: name || undefined, visibility }))}>
        ${this.field({ name: 'name', label: t('field.journey_name'), hint: t('import.name_hint') })}
        ${this.choice({ name: 'visibility', label: t('visibility.question'), choices: visibilityChoices() })}
        ${this.submitRow(t('import.do'), html`<button class="button" type="button" @click=${this.close}>${t('action.cancel')}</button>`)}
      </form>`;
  }

  content() {
    const closing = html`<button class="button" type="button" @click=${this.close}>${t('action.close')}</button>`;
    switch (this.step) {
      case 'send':
        return html`
          <p role="status">${t(this.sent < 1 ? 'import.sending' : 'import.reading')}</p>
          <progress max="1" value=${ifDefined(this.sent < 1 ? this.sent : undefined)} aria-labelledby="file-import-title"></progress>
          ${this.sent < 1 ? html`<p class="row"><button class="button" type="button" @click=${this.close}>${t('action.cancel')}</button></p>` : nothing}`;
      case 'replace':
        return html`
          <p>${t('import.replace_text')}</p>
          <p class="row"><button class="button main" type="button" @click=${() => this.send({ replace: 'true' })}>${t('import.replace')}</button>
            <button class="button" type="button" @click=${this.close}>${t('action.cancel')}</button></p>`;
      case 'failed':
        return html`<p class="problem" role="alert">${this.problem}</p>
          <p class="row"><button class="button" type="button" @click=${() => this.send({})}>${t('action.retry')}</button>${closing}</p>`;
      case 'done':
        return html`${this.report ? this.summary(this.report) : nothing}
          <p class="row">${this.journey ? nothing : html`<button class="button main" type="button" @click=${this.open}>${t('import.open')}</button>`}${closing}</p>`;
      default:
        return nothing;
    }
  }

  open() {
    const id = this.report?.journey._id;
    this.dialog.close();
    go(`app/journeys/${id}`);
  }

  summary(/** @type {import('../files.js').Report} */ { route, track, markers_created: count, skipped }) {
    const rest = skipped.count - SKIPPED_SHOWN;
    return html`
      <ul class="bullets report">
        ${route ? html`<li><b>${t('import.route', { length: formatLength(route.length_meters) })}</b> ${t('import.route_why')}</li>` : nothing}
        ${track ? html`<li><b>${t('import.track', { length: formatLength(track.length_meters) })}</b> ${t('import.track_why')}</li>` : nothing}
        ${count > 0 ? html`<li><b>${t('import.markers', { count })}</b></li>` : nothing}
        ${!route && !track && count === 0 ? html`<li>${t('import.nothing')}</li>` : nothing}
      </ul>
      ${skipped.count > 0
        ? html`<details><summary>${t('import.skipped', { count: skipped.count })}</summary>
            <ul class="bullets small" lang="en">${skipped.entries.slice(0, SKIPPED_SHOWN).map(({ where, reason }) => html`<li><bdi>${where}</bdi>: ${reason}</li>`)}</ul>
            ${rest > 0 ? html`<p class="small">${t('import.skipped_more', { count: rest })}</p>` : nothing}</details>`
        : nothing}`;
  }
}

customElements.define('kairos-file-import', FileImport);
