/**
 * Texts in the rider's language, and dates, numbers and distances as the language writes them.
 *
 * A language is one file in `locales/`, and one entry of `LANGUAGES`. A text with a number has one entry for
 * each plural form, as in `markers.count.one` and `markers.count.other`.
 */
import { preference, setPreference } from './preferences.js';

/** The languages, by their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' };

/** @type {Record<string, string>} */
let texts = {};
let language = 'en';
let plurals = new Intl.PluralRules('en');

/** Returns the language in use. */
export const currentLanguage = () => language;

/** Loads the language that the rider has chosen, else the first of the browser that there is. */
export async function loadLanguage() {
  const wanted = [preference('language'), ...navigator.languages.map((tag) => tag.split('-')[0])];
  await use(wanted.find((tag) => tag && tag in LANGUAGES) ?? 'en');
}

/** Changes the language and remembers it. */
export async function chooseLanguage(/** @type {string} */ tag) {
  setPreference('language', tag);
  await use(tag);
}

async function use(/** @type {string} */ tag) {
  const answer = await fetch(new URL(`./locales/${tag}.json`, import.meta.url));
  texts = await answer.json();
  // The region of the browser decides how dates are written, if its language is the one in use.
  language = navigator.languages.find((wanted) => wanted.split('-')[0] === tag) ?? tag;
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
}

/**
 * Returns a text. `{name}` in it is replaced by the value of that name; `count` also chooses the plural form.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const plural = 'count' in values ? `${key}.${plurals.select(Number(values.count))}` : key;
  const text = texts[plural] ?? texts[`${key}.other`] ?? texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? '';
    return typeof value === 'number' ? formatNumber(value) : value;
  });
}

/** Returns whether the language has a text. */
export const hasText = (/** @type {string} */ key) => key in texts;

export const formatNumber = (/** @type {number} */ value) => new Intl.NumberFormat(language).format(value);

/** Writes how far two places are from each other. */
export const formatDistance = (/** @type {number} */ metres) => (metres < 10 ? t('distance.here') : formatLength(metres));

/** Writes a length in metres or kilometres, with as many digits as matter on a bike. */
export function formatLength(/** @type {number} */ metres) {
  const isFar = metres >= 1000;
  const value = isFar ? metres / 1000 : Math.round(metres / 10) * 10;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: isFar ? 'kilometer' : 'meter',
    maximumFractionDigits: isFar && value < 10 ? 1 : 0,
  }).format(value);
}

/** Writes a day such as `2026-05-15`. Days have no time zone, so UTC is used on both sides. */
export function formatDate(/** @type {string} */ day, /** @type {Intl.DateTimeFormatOptions} */ options = {}) {
  const style = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', ...options };
  return new Intl.DateTimeFormat(language, /** @type {any} */ ({ ...style, timeZone: 'UTC' })).format(new Date(`${day}T00:00:00Z`));
}

/** Writes how far a day is from another: “today”, “in 3 days”, “2 days ago”. */
export function formatDaysFrom(/** @type {string} */ day, /** @type {string} */ today) {
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(daysBetween(today, day), 'day');
}

/** Returns the number of days from one day to another. */
export const daysBetween = (/** @type {string} */ from, /** @type {string} */ to) =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

/** Returns the day so many days after another. */
export const addDays = (/** @type {string} */ day, /** @type {number} */ count) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);

/** Returns today in UTC, which is the service's day. */
export const today = () => new Date().toISOString().slice(0, 10);
