import { ApiError, sentenceOf } from './errors.js';
import { html, ifDefined, nothing } from './lit.js';
import { Part, Screen } from './screen.js';
import { t } from './i18n.js';

/**
 * The base of forms: one request at a time, faults beside their fields, other errors above the button.
 * Fields keep what was typed whatever comes of the request.
 *
 * @template {new (...parts: any[]) => Part} Base
 * @param {Base} Base
 */
const withForm = (Base) => class extends Base {
  static properties = { busy: { state: true }, faults: { state: true }, problem: { state: true } };

  constructor(/** @type {any[]} */ ...parts) {
    super(...parts);
    this.busy = false;
    /** @type {Map<string, string>} */
    this.faults = new Map();
    this.problem = '';
  }

  /**
   * Handles a submit: calls `act` with the fields, and shows what is wrong.
   *
   * @param {SubmitEvent} event
   * @param {(fields: Record<string, string>, form: HTMLFormElement) => Promise<void>} act
   */
  async submit(event, act) {
    event.preventDefault();
    if (this.busy) return;
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    this.faults = missing(form);
    this.problem = '';
    if (this.faults.size === 0) {
      this.busy = true;
      try {
        await act(fields, form);
      } catch (error) {
        this.take(error, form);
      }
      this.busy = false;
    }
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'))?.focus();
  }

  /** Shows an error beside the field that it is about, else above the button. */
  take(/** @type {unknown} */ error, /** @type {HTMLFormElement} */ form) {
    const faults = error instanceof ApiError ? error.faults : new Map();
    const known = [...faults].filter(([name]) => form.elements.namedItem(name));
    const unknown = [...faults].filter(([name]) => !form.elements.namedItem(name));
    this.faults = new Map(known);
    if (faults.size === 0) this.problem = sentenceOf(error);
    else this.problem = unknown.map(([name, text]) => `${name}: ${text}`).join(' ');
  }

  /** Shows a fault beside one field. */
  fault(/** @type {string} */ name, /** @type {string} */ text) {
    this.faults = new Map([[name, text]]);
  }

  /**
   * A field with its label, its hint and its fault.
   *
   * @param {{ name: string, label: string, type?: string, value?: string, hint?: string, required?: boolean, autocomplete?: string, rows?: number, min?: string, max?: string, step?: string, inputmode?: string }} field
   */
  field({ name, label, type = 'text', value = '', hint = '', required = false, autocomplete, rows, min, max, step, inputmode }) {
    const id = `${this.localName}-${name}`;
    const fault = this.faults.get(name);
    const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
    return html`
      <div class="field">
        <label for=${id}>${label}${required ? nothing : html` <span class="quiet small">${t('form.optional')}</span>`}</label>
        ${rows
          ? html`<textarea id=${id} name=${name} rows=${rows} dir="auto" .defaultValue=${value}
              aria-describedby=${ifDefined(described)} aria-invalid=${fault ? 'true' : 'false'}></textarea>`
          : html`<input id=${id} name=${name} type=${type} dir=${type === 'text' ? 'auto' : 'ltr'} .defaultValue=${value}
              autocomplete=${ifDefined(autocomplete)} min=${ifDefined(min)} max=${ifDefined(max)} step=${ifDefined(step)} inputmode=${ifDefined(inputmode)}
              aria-required=${required ? 'true' : 'false'} aria-describedby=${ifDefined(described)} aria-invalid=${fault ? 'true' : 'false'}>`}
        ${hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : nothing}
        ${fault ? html`<span class="fault" id="${id}-fault">${fault}</span>` : nothing}
      </div>`;
  }

  /**
   * One choice of several. Nothing is chosen unless `value` says so.
   *
   * @param {{ name: string, label: string, value?: string, choices: Array<{ value: string, label: string, hint?: string }> }} field
   */
  choice({ name, label, value, choices }) {
    const fault = this.faults.get(name);
    const id = `${this.localName}-${name}`;
    return html`
      <fieldset class="field" data-required=${name} role="radiogroup" aria-invalid=${fault ? 'true' : 'false'} aria-describedby=${ifDefined(fault ? `${id}-fault` : undefined)} tabindex=${fault ? '-1' : nothing}>
        <legend>${label}</legend>
        <div class="choices">
          ${choices.map((choice) => html`
            <label class="choice"><input type="radio" name=${name} value=${choice.value} .defaultChecked=${choice.value === value}>
              <span><b>${choice.label}</b>${choice.hint ? html`<span class="small quiet">${choice.hint}</span>` : nothing}</span></label>`)}
        </div>
        ${fault ? html`<span class="fault" id="${id}-fault">${fault}</span>` : nothing}
      </fieldset>`;
  }

  /** The place of errors that are of no field, and the button. */
  submitRow(/** @type {string} */ label, /** @type {unknown} */ beside = nothing) {
    return html`
      <p class="problem" role="alert">${this.problem}</p>
      <div class="row"><button class="button main" aria-busy=${this.busy}>${label}</button>${beside}</div>`;
  }
};

export const FormScreen = withForm(Screen);
export const FormPart = withForm(Part);

/** Returns a fault for each field that must not be empty and is. */
function missing(/** @type {HTMLFormElement} */ form) {
  const faults = new Map();
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[aria-required="true"]'))) {
    if (input.value.trim() === '') faults.set(input.name, t('fault.missing'));
  }
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-required]'))) {
    const name = group.dataset.required ?? '';
    if (!new FormData(form).has(name)) faults.set(name, t('fault.choose'));
  }
  return faults;
}
