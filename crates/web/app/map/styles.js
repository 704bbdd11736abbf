/** Styles of the map's element. MapLibre has a style sheet of its own. */
import { css } from '../../vendor/lit.js';

export const styles = css`
  :host {
    display: block;
    position: relative;
    min-height: 12rem;
    overflow: hidden;
  }

  #map,
  #map > div {
    position: absolute;
    inset: 0;
  }

  .maplibregl-ctrl-group button {
    width: 2.25rem;
    height: 2.25rem;
  }

  @media (pointer: coarse) {
    .maplibregl-ctrl-group button {
      width: 2.75rem;
      height: 2.75rem;
    }
  }

  .drop {
    position: absolute;
    inset: 0.75rem;
    display: grid;
    place-items: center;
    margin: 0;
    border: 2px dashed currentcolor;
    border-radius: 0.5rem;
    background: color-mix(in srgb, Canvas 80%, transparent);
    color: CanvasText;
    font-weight: 600;
    pointer-events: none;
  }

  .drawing {
    display: block;
    touch-action: none;
  }

  .drawing path {
    vector-effect: non-scaling-stroke;
  }

  .buttons {
    position: absolute;
    top: 0.6rem;
    right: 0.6rem;
    display: grid;
    gap: 0.25rem;
  }

  .buttons button {
    width: 2.75rem;
    height: 2.75rem;
    border: 0;
    border-radius: 0.25rem;
    box-shadow: 0 0 0 2px rgb(0 0 0 / 10%);
    background: #fff;
    color: #1c2321;
    font: 1.25rem/1 system-ui, sans-serif;
  }

  .attribution {
    position: absolute;
    right: 0;
    bottom: 0;
    margin: 0;
    padding: 0 0.4rem;
    background: rgb(255 255 255 / 70%);
    color: #1c2321;
    font: 0.75rem/1.6 system-ui, sans-serif;
  }

  .dark .maplibregl-ctrl-group,
  .dark .maplibregl-ctrl-attrib,
  .dark .buttons button,
  .dark .attribution {
    background: #1c2324;
    color: #e8ebe6;
  }

  .dark .maplibregl-ctrl-group button + button {
    border-color: #323c3d;
  }

  .dark .maplibregl-ctrl-attrib a {
    color: inherit;
  }

  /* Their icons are black. */
  .dark .maplibregl-ctrl-icon,
  .dark .maplibregl-ctrl-attrib-button {
    filter: invert(1);
  }
`;
