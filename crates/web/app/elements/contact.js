import { t } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { Part } from '../screen.js';

/** How another rider can be reached, as far as they say. */
class Contact extends Part {
  static properties = { rider: { attribute: false } };

  constructor() {
    super();
    /** @type {{ country?: string | null, phonenumber?: string | null, instagram?: string | null } | null} */
    this.rider = null;
  }

  render() {
    const { country, phonenumber, instagram } = this.rider ?? {};
    if (!country && !phonenumber && !instagram) return nothing;
    const handle = instagram?.trim().replace(/^@/, '') ?? '';
    return html`
      <dl class="facts">
        ${country ? html`<div><dt>${t('field.country')}</dt><dd><bdi>${country}</bdi></dd></div>` : nothing}
        ${phonenumber ? html`<div><dt>${t('field.phone')}</dt><dd><a href="tel:${phonenumber.replace(/[^\d+]/g, '')}" dir="ltr">${phonenumber}</a></dd></div>` : nothing}
        ${instagram
          ? html`<div><dt>Instagram</dt><dd>${/^[\w.]+$/.test(handle)
            ? html`<a href="https://www.instagram.com/${handle}" target="_blank" rel="noopener noreferrer">@${handle}</a>`
            : html`<bdi>${instagram}</bdi>`}</dd></div>`
          : nothing}
      </dl>`;
  }
}

customElements.define('kairos-contact', Contact);
