/**
 * Colours of the map. Those of journeys are the colours of styles/tokens.css, since a style of MapLibre can't
 * use custom properties of CSS.
 *
 * @typedef {Record<'water' | 'land' | 'coast' | 'river' | 'border' | 'country' | 'town' | 'townDot' | 'halo'
 *   | 'own' | 'other' | 'text', string>} Palette
 */

/** @type {Palette} */
const light = {
  water: '#c8dbe3',
  land: '#f4f2ea',
  coast: '#93b0bd',
  river: '#a3c3d1',
  border: '#a1978a',
  country: '#6a645a',
  town: '#3d4340',
  townDot: '#6f7571',
  halo: '#faf9f5',
  own: '#0a6560',
  other: '#a34a12',
  text: '#1c2321',
};

/** @type {Palette} */
const dark = {
  water: '#11191d',
  land: '#232c2d',
  coast: '#3f555e',
  river: '#34505c',
  border: '#65706d',
  country: '#98a5a1',
  town: '#c9d2cd',
  townDot: '#8c9793',
  halo: '#1a2122',
  own: '#63cabf',
  other: '#f0a66b',
  text: '#eef1ec',
};

export const palettes = { light, dark };
