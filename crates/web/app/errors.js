/** Errors of the API, and their words for people. */
import { hasText, t } from './i18n.js';

/** A refusal of the server, or (with status 0) no answer at all. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code A stable word of the API, such as `email_taken`.
   * @param {string} detail The server's sentence.
   * @param {Map<string, string>} [faults] What is wrong, by field.
   * @param {number} [retryAfter] Seconds after which another try may succeed.
   */
  constructor(status, code, detail, faults = new Map(), retryAfter = 0) {
    super(detail || code);
    Object.assign(this, { status, code, detail, faults, retryAfter });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.faults = faults;
    this.retryAfter = retryAfter;
  }

  /** Returns the error as a sentence in the rider's language. */
  get sentence() {
    const key = `error.${this.code}`;
    if (this.code === 'rate_limited' && this.retryAfter > 90) {
      return t('error.rate_limited_minutes', { count: Math.ceil(this.retryAfter / 60) });
    }
    return hasText(key) ? t(key) : this.detail || t('error.internal');
  }
}

/**
 * Makes an error of an answer.
 *
 * @param {number} status
 * @param {{ detail?: string | Array<{ type: string, loc: Array<string | number>, msg: string }>, code?: string }} body
 * @param {Headers} [headers]
 */
export function describe(status, body, headers) {
  const detail = body.detail;
  const faults = new Map();
  if (Array.isArray(detail)) {
    for (const fault of detail) {
      const field = String(fault.loc[1] ?? fault.loc[0]);
      if (!faults.has(field)) faults.set(field, faultText(fault));
    }
  }
  const retryAfter = Number(headers?.get('retry-after') ?? 0);
  return new ApiError(status, body.code ?? 'internal', typeof detail === 'string' ? detail : '', faults, retryAfter);
}

function faultText(/** @type {{ type: string, loc: Array<string | number>, msg: string }} */ fault) {
  const ofField = `fault.${fault.loc[1]}.${fault.type}`;
  if (hasText(ofField)) return t(ofField);
  const key = `fault.${fault.type}`;
  return hasText(key) ? t(key) : fault.msg.replace(/^Value error, /, '');
}

/** Returns any error as a sentence for people. */
export function sentenceOf(/** @type {unknown} */ error) {
  if (error instanceof ApiError) return error.sentence;
  console.error(error);
  return t('error.internal');
}
