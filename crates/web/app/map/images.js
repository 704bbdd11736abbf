/**
 * Images that layers ask for by name: `town`, `capital`, and `label:` before any text. A canvas draws labels,
 * because it shapes all scripts, which MapLibre doesn't.
 *
 * @import { Palette } from './palette.js'
 */

const LABEL = 'label:';
const FONT = '600 13px system-ui, sans-serif';
const HEIGHT = 22;
const MAX_WIDTH = 200;

/** Images are drawn at twice the size of CSS pixels on all screens. */
export const PIXEL_RATIO = 2;

/**
 * Returns the pixels of an image, or null if nothing is known by this name.
 *
 * @param {string} name
 * @param {Palette} palette
 * @returns {ImageData | null}
 */
export function drawImage(name, palette) {
  if (name === 'town' || name === 'capital') return drawDot(palette, name === 'capital');
  return name.startsWith(LABEL) ? drawLabel(name.slice(LABEL.length), palette) : null;
}

/**
 * @param {Palette} palette
 * @param {boolean} isCapital
 */
function drawDot({ townDot, halo }, isCapital) {
  const context = canvas(12, 12);
  context.beginPath();
  context.arc(6, 6, isCapital ? 4 : 3, 0, 2 * Math.PI);
  context.lineWidth = isCapital ? 2 : 1;
  context.fillStyle = isCapital ? halo : townDot;
  context.strokeStyle = isCapital ? townDot : halo;
  context.fill();
  context.stroke();
  return pixels(context);
}

/**
 * @param {string} text
 * @param {Palette} palette
 */
function drawLabel(text, { text: colour, halo }) {
  const measuring = canvas(1, 1);
  measuring.font = FONT;
  const shortened = shorten(text, measuring);
  const width = Math.ceil(measuring.measureText(shortened).width) + 8;
  const context = canvas(width, HEIGHT);
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = halo;
  context.fillStyle = colour;
  context.strokeText(shortened, width / 2, HEIGHT / 2);
  context.fillText(shortened, width / 2, HEIGHT / 2);
  return pixels(context);
}

/**
 * Cuts a text between letters as readers see them, not between code units.
 *
 * @param {string} text
 * @param {CanvasRenderingContext2D} context
 */
function shorten(text, context) {
  const fits = (/** @type {string} */ shown) => context.measureText(shown).width <= MAX_WIDTH;
  if (fits(text)) return text;
  const letters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  let length = Math.min(letters.length, 60);
  while (length > 1 && !fits(`${letters.slice(0, length).join('')}…`)) length -= 1;
  return `${letters.slice(0, length).join('').trimEnd()}…`;
}

/**
 * @param {number} width
 * @param {number} height
 */
function canvas(width, height) {
  const element = document.createElement('canvas');
  element.width = width * PIXEL_RATIO;
  element.height = height * PIXEL_RATIO;
  // Its pixels are read at once: a canvas on the GPU would first wait for all that is being drawn.
  const options = { willReadFrequently: true };
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d', options));
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  return context;
}

/** @param {CanvasRenderingContext2D} context */
function pixels(context) {
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}
