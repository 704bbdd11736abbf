export { FetchSource, PMTiles, Protocol } from 'pmtiles';
