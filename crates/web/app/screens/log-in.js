import { FormScreen } from '../form.js';
import { t } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { go } from '../router.js';
import { logIn } from '../session.js';

/** Begins a session, then goes on to where the rider wanted to be. */
class LogIn extends FormScreen {
  get heading() {
    return t('nav.log_in');
  }

  render() {
    const next = this.query.get('next') ?? '';
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('nav.log_in')}</h1>
        ${next ? html`<p class="advice">${t('log_in.next')}</p>` : nothing}
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ email, password }) => {
          await logIn(email, password);
          go(isOwnPath(next) ? next : 'app/journeys');
        })}>
          ${this.field({ name: 'email', label: t('field.email'), type: 'email', required: true, autocomplete: 'username' })}
          ${this.field({ name: 'password', label: t('field.password'), type: 'password', required: true, autocomplete: 'current-password' })}
          ${this.submitRow(t('nav.log_in'), html`<a href="app/forgot">${t('forgot.title')}</a>`)}
        </form>
        <p>${t('log_in.no_account')} <a href="app/register">${t('nav.register')}</a></p>
      </div>`;
  }
}

/** Whether a path is of this app: a link must not lead a rider to another site after the log-in. */
const isOwnPath = (/** @type {string} */ path) => /^app\/[\w/?=&%.-]*$/.test(path);

customElements.define('kairos-log-in', LogIn);
