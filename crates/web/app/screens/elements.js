import { FormScreen } from '../form.js';
import { t } from '../i18n.js';
import { visibilityChoices } from '../journeys.js';
import { html } from '../lit.js';
import { notify, undoable } from '../notices.js';

const COLOURS = ['page', 'surface', 'surface-sunken', 'line', 'line-strong', 'text', 'text-quiet', 'own', 'own-soft', 'other', 'other-soft', 'bad', 'good'];

/** Every element of the design, in both themes. */
class Elements extends FormScreen {
  constructor() {
    super();
    this.faults = new Map([['wrong', t('fault.missing')]]);
  }

  get heading() {
    return t('foot.elements');
  }

  render() {
    return html`
      <div class="page stack">
        <h1 tabindex="-1">${t('foot.elements')}</h1>
        <div class="themes">${['light', 'dark'].map((theme) => html`<section class="theme stack" data-theme=${theme} aria-label=${t(`profile.theme_${theme}`)}>${this.all(theme)}</section>`)}</div>
      </div>`;
  }

  all(/** @type {string} */ theme) {
    return html`
      <h2>${t(`profile.theme_${theme}`)}</h2>
      <ul class="swatches">${COLOURS.map((name) => html`<li><span class="swatch is-${name}"></span><code class="small">${name}</code></li>`)}</ul>
      <p class="row"><button class="button main" type="button" @click=${() => notify(t('settings.saved'))}>${t('action.save')}</button>
        <button class="button" type="button" @click=${() => undoable(t('marker.deleted', { name: 'Lugano' }), { commit: async () => {}, undo: () => {} })}>${t('action.delete')}</button>
        <button class="button plain" type="button">${t('action.edit')}</button>
        <button class="button bad" type="button">${t('settings.delete')}</button>
        <button class="button" type="button" disabled>${t('list.earlier')}</button></p>
      <p class="row"><span class="tag own">${t('journey.active')}</span><span class="tag">${t('journey.completed')}</span><span class="tag other">${t('nearby.title')}</span><a href="app/elements">${t('nav.journeys')}</a></p>
      <p class="problem">${t('error.unreachable')}</p>
      <p class="advice">${t('verify.needed')}</p>
      <form class="card stack" novalidate @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        ${this.field({ name: `name-${theme}`, label: t('field.name'), value: 'Łukasz 山田 عمر', required: true })}
        ${this.field({ name: 'wrong', label: t('field.email'), type: 'email', required: true, hint: t('register.email_hint') })}
        ${this.choice({ name: `visibility-${theme}`, label: t('visibility.question'), value: 'public', choices: visibilityChoices() })}
      </form>
      <ul class="rows markers">
        <li class="marker past"><button class="pick" type="button" aria-current="true"><span class="dot" aria-hidden="true"></span><span><bdi class="title">Lugano</bdi><span class="small quiet">${t('marker.past')}</span></span></button></li>
        <li class="marker plan"><button class="pick" type="button"><span class="dot" aria-hidden="true"></span><span><bdi class="title">Τρίκαλα</bdi><span class="small quiet">${t('marker.plan')}</span></span></button></li>
        <li class="encounter"><button class="pick" type="button"><span class="dot other" aria-hidden="true"></span><span><bdi class="title">Ada</bdi><span class="small">${t('encounters.same_day')}</span></span></button></li>
      </ul>
      <div class="empty"><h2>${t('journeys.empty')}</h2><p>${t('journeys.empty_text')}</p><button class="button main" type="button">${t('journeys.new')}</button></div>`;
  }
}

customElements.define('kairos-elements', Elements);
