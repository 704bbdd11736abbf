import { t } from '../i18n.js';
import { html } from '../lit.js';
import { FormPart } from '../form.js';
import { currentUser, logIn } from '../session.js';

/** Asks for the password on top of a screen whose session has ended, so that nothing on the screen is lost. */
class LogInPrompt extends FormPart {
  constructor() {
    super();
    /** @type {Promise<boolean> | null} */
    this.answer = null;
    /** @type {(hasLoggedIn: boolean) => void} */
    this.settle = () => {};
  }

  /** Opens the dialog, and resolves to whether the rider has logged in. */
  ask() {
    this.answer ??= new Promise((resolve) => { this.settle = resolve; }).finally(() => { this.answer = null; });
    const dialog = this.querySelector('dialog');
    if (!dialog.open) dialog.showModal();
    this.requestUpdate();
    return this.answer;
  }

  close(/** @type {boolean} */ hasLoggedIn) {
    this.settle(hasLoggedIn);
    this.querySelector('form').reset();
    this.querySelector('dialog').close();
  }

  render() {
    return html`
      <dialog aria-labelledby="log-in-prompt-title" @cancel=${() => this.close(false)}>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ email, password }) => {
          await logIn(email, password);
          this.close(true);
        })}>
          <h2 id="log-in-prompt-title">${t('prompt.title')}</h2>
          <p>${t('prompt.text')}</p>
          ${this.field({ name: 'email', label: t('field.email'), type: 'email', value: currentUser()?.email, required: true, autocomplete: 'username' })}
          ${this.field({ name: 'password', label: t('field.password'), type: 'password', required: true, autocomplete: 'current-password' })}
          ${this.submitRow(t('nav.log_in'), html`<button class="button" type="button" @click=${() => this.close(false)}>${t('action.not_now')}</button>`)}
        </form>
      </dialog>`;
  }
}

customElements.define('kairos-log-in-prompt', LogInPrompt);
