import { post } from '../api.js';
import { FormScreen } from '../form.js';
import { t } from '../i18n.js';
import { html } from '../lit.js';

/** Asks for the mail that leads to a new password. The answer never says whether the address is known. */
class Forgot extends FormScreen {
  static properties = { sentTo: { state: true } };

  get heading() {
    return t('forgot.title');
  }

  render() {
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('forgot.title')}</h1>
        <div role="status">${this.sentTo ? html`<p class="advice">${t('forgot.sent', { email: this.sentTo })}</p>` : ''}</div>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ email }) => {
          this.sentTo = '';
          await post('users/reset-password', { json: { email }, anonymous: true });
          this.sentTo = email;
        })}>
          <p>${t('forgot.text')}</p>
          ${this.field({ name: 'email', label: t('field.email'), type: 'email', required: true, autocomplete: 'username' })}
          ${this.submitRow(t('forgot.send'), html`<a href="app/log-in">${t('nav.log_in')}</a>`)}
        </form>
      </div>`;
  }
}

customElements.define('kairos-forgot', Forgot);
