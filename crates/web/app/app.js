import { get, setLogInPrompt } from './api.js';
import { LANGUAGES, chooseLanguage, currentLanguage, t } from './i18n.js';
import { html, nothing, repeat } from './lit.js';
import { currentNotices, onNotices, settleAll } from './notices.js';
import { go, placeOf, startRouter } from './router.js';
import { Part } from './screen.js';
import { currentUser, isSignedIn, logOut, onSessionChange, setUser } from './session.js';
import { sentenceOf } from './errors.js';
import './elements/log-in-prompt.js';

/** @typedef {import('./router.js').Place} Place */

/** The frame around all screens: head, the screen, notices, foot. */
class App extends Part {
  static properties = { screen: { state: true }, problem: { state: true } };

  constructor() {
    super();
    /** @type {import('./screen.js').Screen | null} */
    this.screen = null;
    this.problem = '';
    this.began = false;
    /** The place that is shown, to tell a new screen from a new part of the same one. */
    this.shownAt = '';
  }

  begin() {
    this.began = true;
    setLogInPrompt(() => this.querySelector('kairos-log-in-prompt').ask());
    onSessionChange(() => { this.requestUpdate(); this.leaveIfStranger(); });
    onNotices(() => this.requestUpdate());
    this.addEventListener('kairos-title', (event) => this.setTitle(/** @type {CustomEvent} */ (event).detail));
    startRouter((place) => this.show(place));
  }

  /** Leaves a rider's screen after a log-out, which may have happened in another tab. */
  leaveIfStranger() {
    if (!isSignedIn() && placeOf(location).route.who === 'rider') go('');
  }

  setTitle(/** @type {string} */ heading) {
    const project = document.body.dataset.project ?? '';
    document.title = heading ? `${heading} · ${project}` : project;
  }

  async show(/** @type {Place} */ place) {
    const { route, params, query } = place;
    if (route.who === 'rider' && !isSignedIn()) {
      const next = location.href.slice(document.baseURI.length);
      return go(`app/log-in?${new URLSearchParams({ next })}`, { replace: true });
    }
    if (route.who === 'stranger' && isSignedIn()) return go(query.get('next') || 'app/journeys', { replace: true });
    this.problem = '';
    try {
      await Promise.all([route.load(), this.loadUser()]);
    } catch (error) {
      this.problem = sentenceOf(error);
      return;
    }
    const at = `${route.tag} ${params.id ?? ''}`;
    const isNew = at !== this.shownAt || !this.screen;
    const screen = isNew ? /** @type {any} */ (document.createElement(route.tag)) : this.screen;
    Object.assign(screen, { params, query });
    this.shownAt = at;
    this.screen = screen;
    if (isNew) {
      scrollTo(0, 0);
      await this.updateComplete;
      this.focusHeading();
    }
  }

  /** Moves the focus to the heading of a new screen, but not of the first one, where browsers begin themselves. */
  async focusHeading() {
    await this.screen?.updateComplete;
    if (this.wasNavigated) this.screen?.focusHeading();
    this.wasNavigated = true;
  }

  async loadUser() {
    if (isSignedIn() && !currentUser()) setUser((await get('users/me')).data);
  }

  async onLogOut() {
    await settleAll();
    try {
      await logOut();
      go('');
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }

  async onLanguage(/** @type {Event} */ event) {
    await chooseLanguage(/** @type {HTMLSelectElement} */ (event.target).value);
    this.requestUpdate();
    this.screen?.requestUpdate();
    for (const part of this.querySelectorAll('*')) /** @type {any} */ (part).requestUpdate?.();
  }

  render() {
    if (!this.began) return nothing;
    const user = currentUser();
    return html`
      <header class="head ${isSignedIn() ? 'signed-in' : ''}">
        <a class="brand" href="${isSignedIn() ? 'app/journeys' : './'}"><span class="mark" aria-hidden="true"></span>${document.body.dataset.project}</a>
        <nav aria-label=${t('nav.label')}>
          ${isSignedIn()
            ? html`
              <a href="app/journeys">${t('nav.journeys')}</a>
              <a href="app/profile"><bdi>${user?.name ?? t('nav.profile')}</bdi></a>
              <button class="button plain" type="button" @click=${this.onLogOut}>${t('nav.log_out')}</button>`
            : html`
              <a href="app/log-in">${t('nav.log_in')}</a>
              <a class="button main" href="app/register">${t('nav.register')}</a>`}
        </nav>
      </header>
      <main id="main">
        ${this.problem
          ? html`<div class="page stack"><h1 tabindex="-1">${t('problem.title')}</h1><p class="problem" role="alert">${this.problem}</p>
              <button class="button" type="button" @click=${() => this.show(placeOf(location))}>${t('action.retry')}</button></div>`
          : this.screen ?? html`<p class="page quiet" role="status">${t('list.loading')}</p>`}
      </main>
      <footer class="foot">
        <label><span class="for-readers">${t('profile.language')}</span>
          <select name="language" @change=${this.onLanguage}>
            ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${currentLanguage().startsWith(tag)}>${name}</option>`)}
          </select></label>
        <a href="docs">${t('foot.api')}</a>
        <a href="app/elements">${t('foot.elements')}</a>
        <span>Kairos ${document.body.dataset.version}</span>
      </footer>
      <div class="notices" role="status">
        ${repeat(currentNotices(), (notice) => notice.id, (notice) => html`
          <div class="notice"><span dir="auto">${notice.text}</span>
            ${notice.undo ? html`<button class="button" type="button" @click=${notice.undo}>${t('action.undo')}</button>` : nothing}</div>`)}
      </div>
      <kairos-log-in-prompt></kairos-log-in-prompt>`;
  }
}

customElements.define('kairos-app', App);
