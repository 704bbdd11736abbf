/** Files of journeys: in and out. */
import { get, post } from './api.js';
import { ApiError, sentenceOf } from './errors.js';
import { t } from './i18n.js';
import { settleAll } from './notices.js';

/** What a file field offers. The server takes the type from the content. */
export const ACCEPTED = '.gpx,.geojson,.json,.kml,.kmz,.fit';

/** The formats of an export, by their own names. */
export const EXPORT_FORMATS = { gpx: 'GPX', geojson: 'GeoJSON', kml: 'KML' };

/** The bytes that a file may have. A server may take fewer. */
const MAX_BYTES = 32 * 1024 * 1024;

/** @typedef {{ length_meters: number }} ImportedLine */
/** @typedef {{ count: number, entries: Array<{ where: string, reason: string }> }} Skipped */
/** @typedef {{ journey: import('./journeys.js').Journey, route: ImportedLine | null, track: ImportedLine | null, markers_created: number, skipped: Skipped }} Report */

/**
 * Sends a file, into a journey or as a new one.
 *
 * @param {File} file
 * @param {{ journeyId?: string, query: Record<string, string | undefined>, signal: AbortSignal, onProgress: (part: number) => void }} options
 * @returns {Promise<Report>}
 */
export async function importFile(file, { journeyId, query, signal, onProgress }) {
  if (file.size > MAX_BYTES) throw new ApiError(413, 'body_too_large', '');
  // A line whose deletion waits for its notice must not take the new one with it.
  await settleAll();
  const body = new FormData();
  body.set('file', file);
  const path = journeyId ? `journeys/${journeyId}/import` : 'journeys/import';
  return (await post(path, { body, query, signal, onProgress })).data;
}

/** Says why a file was not taken. */
export function importProblem(/** @type {unknown} */ error) {
  if (!(error instanceof ApiError)) return sentenceOf(error);
  // The server names the line of the file.
  const fault = error.faults.get('file');
  if (fault) return t('import.unreadable', { reason: fault });
  if (error.status === 413) return t('import.too_large');
  if (error.status === 429) return t('import.another');
  return error.sentence;
}

/** Saves a journey as a file on the rider's device, without what is being deleted. */
export async function exportJourney(/** @type {{ _id: string }} */ journey, /** @type {string} */ format) {
  await settleAll();
  const { data, headers } = await get(`journeys/${journey._id}/export`, { query: { format }, raw: true });
  const name = /filename\*=UTF-8''([^;]+)/i.exec(headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name ? decodeURIComponent(name) : `${journey._id}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
