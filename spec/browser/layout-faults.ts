import type { Page } from 'playwright-core';

/** What must have a contrast of 4.5 to what is behind it, as WCAG AA asks for text of this size. */
const texts = '.brand p, .legend li, .state-name, .state-reason, .sentence, .codes, .muted, .attempt, dt, dd, button, .wire, .log-lines span';
const contrast = 4.5;

/** What sticks out, is cut off, lies over another control, or is too pale to read. In words; none is good. */
export async function layoutFaults(page: Page): Promise<readonly string[]> {
  return [...(await overflows(page)), ...(await overlaps(page)), ...(await paleTexts(page))];
}

const overflows = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth - clientWidth} px too wide`);
    for (const one of document.querySelectorAll<HTMLElement>('main *, .controls *, .log *, .masthead *, .legend *')) {
      const { left, right, width } = one.getBoundingClientRect();
      if (width > 0 && (left < -0.5 || right > clientWidth + 0.5)) faults.push(`${one.className || one.tagName} sticks out`);
      if (one.tagName === 'BUTTON' && one.scrollWidth > one.clientWidth) faults.push(`the button ${one.textContent} is cut off`);
    }
    return faults;
  });

const overlaps = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const faults: string[] = [];
    const boxes: { name: string; box: DOMRect }[] = [];
    for (const one of document.querySelectorAll<HTMLElement>('button, input, canvas'))
      boxes.push({ name: one.textContent || one.tagName, box: one.getBoundingClientRect() });
    for (const one of document.querySelectorAll('.state, .sentence, .codes, .attempt, .others, dt, dd, h2, label')) {
      // Each line of the text by itself: the paragraph is wider than what it says.
      const range = document.createRange();
      range.selectNodeContents(one);
      for (const box of range.getClientRects()) boxes.push({ name: one.textContent, box });
    }
    for (const [nth, one] of boxes.entries()) {
      for (const other of boxes.slice(nth + 1)) {
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (one.name !== other.name && wide > 1 && high > 1) faults.push(`“${one.name}” lies over “${other.name}”`);
      }
    }
    return faults;
  });

const paleTexts = (page: Page): Promise<string[]> =>
  page.evaluate(
    ({ selector, least }) => {
      const faults: string[] = [];
      const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      if (!pen) return ['no canvas to mix colours on'];
      for (const one of document.querySelectorAll<HTMLElement>(selector)) {
        if (one.closest('.stage, [aria-disabled="true"]') || one.textContent.trim() === '') continue;
        const layers: string[] = [];
        for (let at: Element | null = one; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
        // Luminance of what is behind the text, then of the text upon it.
        const luminances = [layers, [getComputedStyle(one).color]].map((colours) => {
          for (const colour of colours) {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
          }
          const [red = 0, green = 0, blue = 0] = [...pen.getImageData(0, 0, 1, 1).data].map((value) =>
            value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
          );
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        });
        const ratio = (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05);
        if (ratio < least) faults.push(`“${one.textContent}” has a contrast of ${ratio.toFixed(2)}`);
      }
      return faults;
    },
    { selector: texts, least: contrast },
  );
