import type { StateName } from '../../../lib/index.js';

/** The colours of the page's theme, read once a theme and not once a picture. */
export interface Palette {
  readonly states: Readonly<Record<StateName, string>>;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly panel: string;
  readonly sans: string;
}

/** Asks the browser for each colour as it is now: the custom properties themselves still say `light-dark(…)`. */
export function readPalette(canvas: HTMLElement): Palette {
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => {
    canvas.style.color = `var(--${name})`;
    return style.color;
  };
  const palette: Palette = {
    states: {
      disconnected: colour('disconnected'),
      connecting: colour('connecting'),
      connected: colour('connected'),
      reconnecting: colour('reconnecting'),
      failed: colour('failed'),
    },
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    panel: colour('panel'),
    sans: style.fontFamily,
  };
  canvas.style.removeProperty('color');
  return palette;
}
