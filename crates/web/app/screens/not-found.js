import { t } from '../i18n.js';
import { html } from '../lit.js';
import { Screen } from '../screen.js';

/** A path that no screen has. */
class NotFound extends Screen {
  get heading() {
    return t('not_found.title');
  }

  render() {
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('not_found.title')}</h1>
        <p>${t('not_found.text')}</p>
        <p><a class="button" href="app/journeys">${t('nav.journeys')}</a></p>
      </div>`;
  }
}

customElements.define('kairos-not-found', NotFound);
