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

export function readPalette(from: Element): Palette {
  const style = getComputedStyle(from);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
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
}
