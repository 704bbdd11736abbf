import { applyTheme, preference, setPreference } from '../preferences.js';
import { t } from '../i18n.js';
import { html } from '../lit.js';
import { Screen } from '../screen.js';
import '../elements/account-forms.js';

/** The rider's own account. */
class Profile extends Screen {
  get heading() {
    return t('profile.title');
  }

  render() {
    const chosen = preference('theme') ?? 'auto';
    return html`
      <div class="page narrow stack">
        <h1 tabindex="-1">${t('profile.title')}</h1>
        <kairos-profile-form></kairos-profile-form>
        <hr>
        <section class="stack tight">
          <h2>${t('profile.looks')}</h2>
          <div class="field"><label for="theme">${t('profile.theme')}</label>
            <select id="theme" @change=${(/** @type {any} */ event) => { setPreference('theme', event.target.value); applyTheme(); }}>
              ${['auto', 'light', 'dark'].map((theme) => html`<option value=${theme} ?selected=${theme === chosen}>${t(`profile.theme_${theme}`)}</option>`)}
            </select></div>
        </section>
        <hr>
        <kairos-password-form></kairos-password-form>
        <hr>
        <kairos-log-out-everywhere></kairos-log-out-everywhere>
        <hr>
        <kairos-delete-account></kairos-delete-account>
      </div>`;
  }
}

customElements.define('kairos-profile', Profile);
