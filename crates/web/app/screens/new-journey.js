import { post } from '../api.js';
import { FormScreen } from '../form.js';
import { t } from '../i18n.js';
import { visibilityChoices } from '../journeys.js';
import { html } from '../lit.js';
import { go } from '../router.js';
import '../elements/file-import.js';

/** Creates a journey. Who can see it is asked, and nothing is chosen beforehand. */
class NewJourney extends FormScreen {
  get heading() {
    return t('new_journey.title');
  }

  async create(/** @type {Record<string, string>} */ { name, description, visibility }) {
    const { data } = await post('journeys/', { json: { name, description, visibility } });
    go(`app/journeys/${data._id}`, { replace: true });
  }

  render() {
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('new_journey.title')}</h1>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (fields) => this.create(fields))}>
          ${this.field({ name: 'name', label: t('field.journey_name'), required: true, hint: t('new_journey.name_hint') })}
          ${this.field({ name: 'description', label: t('field.description'), rows: 3 })}
          ${this.choice({ name: 'visibility', label: t('visibility.question'), choices: visibilityChoices() })}
          ${this.submitRow(t('new_journey.create'), html`<a class="button" href="app/journeys">${t('action.cancel')}</a>`)}
        </form>
        <hr>
        <h2>${t('import.title')}</h2>
        <kairos-file-import></kairos-file-import>
      </div>`;
  }
}

customElements.define('kairos-new-journey', NewJourney);
