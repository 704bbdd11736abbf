import { get, post } from '../api.js';
import { sentenceOf } from '../errors.js';
import { formatDate, t } from '../i18n.js';
import { hidden } from '../journeys.js';
import { html, nothing, repeat } from '../lit.js';
import { notify } from '../notices.js';
import { Screen } from '../screen.js';
import { currentUser } from '../session.js';
import '../elements/file-import.js';

/** The rider's own journeys, the newest first. */
class Journeys extends Screen {
  static properties = { journeys: { state: true }, problem: { state: true } };

  constructor() {
    super();
    /** @type {import('../journeys.js').Journey[] | null} */
    this.journeys = null;
    this.problem = '';
  }

  get heading() {
    return t('journeys.title');
  }

  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  async load() {
    this.problem = '';
    try {
      this.journeys = (await get('users/me/journeys')).data.reverse();
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  async sendMail() {
    try {
      await post('users/resend-verification', { json: { email: currentUser()?.email }, anonymous: true });
      notify(t('verify.sent', { email: currentUser()?.email ?? '' }));
    } catch (error) {
      notify(sentenceOf(error));
    }
  }

  render() {
    const shown = this.journeys?.filter((journey) => !hidden.has(journey._id));
    return html`
      <div class="page stack">
        <div class="row apart">
          <h1 tabindex="-1">${t('journeys.title')}</h1>
          <a class="button main" href="app/journeys/new">${t('journeys.new')}</a>
        </div>
        <kairos-file-import @imported=${this.load}></kairos-file-import>
        ${currentUser()?.is_verified === false
          ? html`<div class="advice row apart"><p>${t('verify.needed')}</p><button class="button" type="button" @click=${this.sendMail}>${t('verify.send')}</button></div>`
          : nothing}
        <p class="problem" role="alert">${this.problem}</p>
        ${this.problem ? html`<p><button class="button" type="button" @click=${this.load}>${t('action.retry')}</button></p>` : nothing}
        ${!shown
          ? html`<p class="quiet" role="status">${this.problem ? '' : t('list.loading')}</p>`
          : shown.length === 0
            ? html`<div class="empty"><h2>${t('journeys.empty')}</h2><p>${t('journeys.empty_text')}</p><a class="button main" href="app/journeys/new">${t('journeys.new')}</a></div>`
            : html`<ul class="rows journeys">${repeat(shown, (journey) => journey._id, (journey) => this.row(journey))}</ul>`}
      </div>`;
  }

  row(/** @type {import('../journeys.js').Journey} */ journey) {
    return html`
      <li class="row apart">
        <div>
          <a class="title" href="app/journeys/${journey._id}"><bdi>${journey.name}</bdi></a>
          <p class="small quiet">${t('journeys.created', { date: formatDate(journey.created_at.slice(0, 10), { weekday: undefined }) })}</p>
        </div>
        <p class="row">
          ${journey.active ? html`<span class="tag own">${t('journey.active')}</span>` : nothing}
          ${journey.completed ? html`<span class="tag">${t('journey.completed')}</span>` : nothing}
          <span class="tag">${t(`visibility.${journey.visibility}_short`)}</span>
        </p>
      </li>`;
  }
}

customElements.define('kairos-journeys', Journeys);
