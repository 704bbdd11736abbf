/** Names of countries in the reader's language, from the browser's own data. */

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Scripts whose letters MapLibre doesn't join. */
const JOINED = /\p{Script=Arabic}|\p{Script=Syriac}/u;

/**
 * Returns a MapLibre expression for the name of the country whose ISO code is in `iso`. Countries that the
 * browser doesn't know have their English name, which is in `name`.
 *
 * @param {string} language
 */
export function countryName(language) {
  const english = ['get', 'name'];
  const pairs = namesByCode(language);
  const isDrawable = pairs.length > 0 && !pairs.some((text) => JOINED.test(text));
  return isDrawable ? ['match', ['get', 'iso'], ...pairs, english] : english;
}

/**
 * Returns ISO codes, each followed by the country's name. Without a list of codes in the browser, all pairs
 * of letters are tried.
 *
 * @param {string} language
 */
function namesByCode(language) {
  /** @type {string[]} */
  const pairs = [];
  const options = /** @type {const} */ ({ type: 'region', fallback: 'none' });
  const long = new Intl.DisplayNames([language], options);
  const short = new Intl.DisplayNames([language], { ...options, style: 'short' });
  for (const code of LETTERS.flatMap((first) => LETTERS.map((second) => first + second))) {
    const name = short.of(code);
    // `UK` and `US` are too short to be found on a map.
    if (name) pairs.push(code, name.length > 3 ? name : long.of(code) ?? name);
  }
  return pairs;
}
