import { get } from '../api.js';
import { sentenceOf } from '../errors.js';
import { t } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { Screen } from '../screen.js';
import '../elements/contact.js';

/** Another rider: what they show of themselves, and their journeys. */
class Rider extends Screen {
  static properties = { rider: { state: true }, journeys: { state: true }, problem: { state: true } };

  constructor() {
    super();
    /** @type {any} */
    this.rider = null;
    /** @type {import('../journeys.js').Journey[]} */
    this.journeys = [];
    this.problem = '';
  }

  get heading() {
    return this.rider?.name ?? '';
  }

  async firstUpdated() {
    try {
      const [rider, journeys] = await Promise.all([get(`users/${this.params.id}`), get(`users/${this.params.id}/journeys`)]);
      this.rider = rider.data;
      this.journeys = journeys.data;
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  render() {
    const { rider } = this;
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1" dir="auto">${rider?.name ?? t('rider.title')}</h1>
        <p class="problem" role="alert">${this.problem}</p>
        ${rider ? html`<kairos-contact .rider=${rider}></kairos-contact>` : nothing}
        <h2>${t('journeys.of_rider')}</h2>
        ${this.journeys.length > 0
          ? html`<ul class="rows journeys">${this.journeys.map((journey) => html`<li><a class="title" href="app/journeys/${journey._id}"><bdi>${journey.name}</bdi></a></li>`)}</ul>`
          : html`<p class="quiet">${rider ? t('rider.no_journeys') : ''}</p>`}
      </div>`;
  }
}

customElements.define('kairos-rider', Rider);
