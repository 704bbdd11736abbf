import { get, post, put, remove } from '../api.js';
import { ApiError } from '../errors.js';
import { FormPart } from '../form.js';
import { t } from '../i18n.js';
import { html, nothing } from '../lit.js';
import { notify } from '../notices.js';
import { go } from '../router.js';
import { currentUser, logIn, logOut, setUser } from '../session.js';

/** Name, address and what other riders may use to get in touch. */
class ProfileForm extends FormPart {
  static properties = { changesEmail: { state: true } };

  async save(/** @type {Record<string, string>} */ fields) {
    const user = currentUser();
    const json = {
      name: fields.name,
      email: fields.email,
      country: fields.country || null,
      phonenumber: fields.phonenumber || null,
      instagram: fields.instagram || null,
      current_password: fields.current_password || undefined,
    };
    try {
      const { data } = await put(`users/${user?._id}`, { json });
      const isNewAddress = data.email !== user?.email;
      setUser(data);
      this.changesEmail = false;
      notify(isNewAddress ? t('register.mail_sent', { email: data.email }) : t('settings.saved'));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'incorrect_password') return this.fault('current_password', t('error.incorrect_password'));
      if (error.code === 'email_taken') return this.fault('email', t('error.email_taken'));
      throw error;
    }
  }

  render() {
    const user = currentUser();
    if (!user) return nothing;
    return html`
      <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, (fields) => this.save(fields))}>
        ${this.field({ name: 'name', label: t('field.name'), value: user.name, required: true, autocomplete: 'name' })}
        <div @input=${(/** @type {any} */ event) => { this.changesEmail = event.target.value.trim() !== user.email; }}>
          ${this.field({ name: 'email', label: t('field.email'), type: 'email', value: user.email, required: true, autocomplete: 'email', hint: user.is_verified ? t('profile.verified') : t('verify.needed') })}
        </div>
        ${this.changesEmail ? this.field({ name: 'current_password', label: t('field.current_password'), type: 'password', required: true, autocomplete: 'current-password', hint: t('profile.password_for_email') }) : nothing}
        <p class="advice small">${t('profile.contact_text')}</p>
        ${this.field({ name: 'country', label: t('field.country'), value: user.country ?? '', autocomplete: 'country-name' })}
        ${this.field({ name: 'phonenumber', label: t('field.phone'), type: 'tel', value: user.phonenumber ?? '', autocomplete: 'tel' })}
        ${this.field({ name: 'instagram', label: 'Instagram', value: user.instagram ?? '' })}
        ${this.submitRow(t('action.save'))}
      </form>`;
  }
}

/** Changes the password, which ends all other sessions. */
async function changePassword(/** @type {string} */ current, /** @type {string} */ next) {
  await post('users/me/password', { json: { current_password: current, new_password: next } });
  // The session of the cookie has ended with the others, so a new one begins.
  const user = currentUser();
  await logIn(user?.email ?? '', next);
  setUser((await get('users/me')).data);
}

class PasswordForm extends FormPart {
  render() {
    return html`
      <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ current_password, new_password }, form) => {
        await refusedAt(this, 'current_password', () => changePassword(current_password, new_password));
        if (this.faults.size > 0) return;
        form.reset();
        notify(t('profile.password_changed'));
      })}>
        <h2>${t('profile.password')}</h2>
        <input hidden autocomplete="username" .value=${currentUser()?.email ?? ''} readonly>
        ${this.field({ name: 'current_password', label: t('field.current_password'), type: 'password', required: true, autocomplete: 'current-password' })}
        ${this.field({ name: 'new_password', label: t('field.new_password'), type: 'password', required: true, autocomplete: 'new-password', hint: t('field.password_hint') })}
        ${this.submitRow(t('profile.change_password'))}
      </form>`;
  }
}

/** Ends every session but this one: the password is set anew to what it is. */
class LogOutEverywhere extends FormPart {
  render() {
    return html`
      <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ current_password }, form) => {
        await refusedAt(this, 'current_password', () => changePassword(current_password, current_password));
        if (this.faults.size > 0) return;
        form.reset();
        notify(t('profile.logged_out_everywhere'));
      })}>
        <h2>${t('profile.everywhere')}</h2>
        <p>${t('profile.everywhere_text')}</p>
        ${this.field({ name: 'current_password', label: t('field.current_password'), type: 'password', required: true, autocomplete: 'current-password' })}
        ${this.submitRow(t('profile.everywhere_do'))}
      </form>`;
  }
}

/** Deletes the account. It can't be undone, so the rider types the name. */
class DeleteAccount extends FormPart {
  render() {
    const user = currentUser();
    return html`
      <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.submit(event, async ({ confirmation }) => {
        if (confirmation.trim() !== user?.name.trim()) return this.fault('confirmation', t('fault.name_differs'));
        await remove(`users/${user._id}`);
        await logOut();
        notify(t('profile.account_deleted'));
        go('');
      })}>
        <h2>${t('profile.delete')}</h2>
        <p>${t('profile.delete_text')}</p>
        ${this.field({ name: 'confirmation', label: t('profile.delete_confirm', { name: user?.name ?? '' }), required: true, autocomplete: 'off' })}
        <p class="problem" role="alert">${this.problem}</p>
        <p><button class="button bad" aria-busy=${this.busy}>${t('profile.delete_do')}</button></p>
      </form>`;
  }
}

/** Shows a wrong password beside its field. */
async function refusedAt(/** @type {any} */ form, /** @type {string} */ field, /** @type {() => Promise<void>} */ act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'incorrect_password') throw error;
    form.fault(field, t('error.incorrect_password'));
  }
}

customElements.define('kairos-profile-form', ProfileForm);
customElements.define('kairos-password-form', PasswordForm);
customElements.define('kairos-log-out-everywhere', LogOutEverywhere);
customElements.define('kairos-delete-account', DeleteAccount);
