import { post } from '../api.js';
import { ApiError } from '../errors.js';
import { FormScreen } from '../form.js';
import { t } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { notify } from '../notices.js';
import { go } from '../router.js';
import { logIn } from '../session.js';

/** Makes an account and logs in to it. */
class Register extends FormScreen {
  static properties = { needsInvite: { state: true } };

  get heading() {
    return t('register.title');
  }

  async register(/** @type {Record<string, string>} */ { name, email, password, invite }) {
    const json = { name, email, password, invite: invite || undefined };
    try {
      await post('users/register', { json, anonymous: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'registration_by_invitation') this.needsInvite = true;
      if (error.code !== 'email_taken') throw error;
      return this.fault('email', t('error.email_taken'));
    }
    await logIn(email, password);
    notify(t('register.mail_sent', { email }));
    go(this.query.get('next') || 'app/journeys');
  }

  render() {
    const invite = this.query.get('invite') ?? '';
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('register.title')}</h1>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (fields) => this.register(fields))}>
          ${this.field({ name: 'name', label: t('field.name'), hint: t('register.name_hint'), required: true, autocomplete: 'name' })}
          ${this.field({ name: 'email', label: t('field.email'), type: 'email', hint: t('register.email_hint'), required: true, autocomplete: 'username' })}
          ${this.field({ name: 'password', label: t('field.password'), type: 'password', hint: t('field.password_hint'), required: true, autocomplete: 'new-password' })}
          ${this.needsInvite || invite ? this.field({ name: 'invite', label: t('field.invite'), value: invite, required: true }) : nothing}
          ${this.submitRow(t('nav.register'))}
        </form>
        <p>${t('register.have_account')} <a href="app/log-in">${t('nav.log_in')}</a></p>
      </div>`;
  }
}

customElements.define('kairos-register', Register);
