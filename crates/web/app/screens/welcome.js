import { t } from '../i18n.js';
import { html } from '../lit.js';
import { Screen } from '../screen.js';

/** What this is, for whoever is not signed in. */
class Welcome extends Screen {
  get heading() {
    return t('welcome.title');
  }

  render() {
    const steps = ['route', 'days', 'meet'];
    return html`
      <div class="page welcome">
        <section class="hero stack">
          <h1 tabindex="-1">${t('welcome.title')}</h1>
          <p class="lead">${t('welcome.lead')}</p>
          <p class="row">
            <a class="button main" href="app/register">${t('welcome.register')}</a>
            <a class="button" href="app/log-in">${t('nav.log_in')}</a>
          </p>
        </section>
        <ol class="steps">
          ${steps.map((step) => html`<li class="card stack tight"><h2>${t(`welcome.${step}.title`)}</h2><p>${t(`welcome.${step}.text`)}</p></li>`)}
        </ol>
        <p class="quiet small">${t('welcome.privacy')}</p>
      </div>`;
  }
}

customElements.define('kairos-welcome', Welcome);
