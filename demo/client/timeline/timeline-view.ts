import { Subscription, type Observable } from 'rxjs';
import { follow } from '../page/follow.js';
import { drawTimeline, timelineHeight } from './draw.js';
import { readPalette, type Palette } from './palette.js';
import { emptyRecord, type TimelineRecord } from './record.js';
import { aheadWanted, isStill, span } from './view-window.js';

/** Milliseconds between two pictures for those who do not want motion. */
const calmPace = 1_000;

/**
 * Keeps a canvas showing a record. A picture is drawn when something changed, and then once for each pixel that time
 * moves on, only while the canvas is in sight and only until nothing in it moves any more.
 */
export function showTimeline(canvas: HTMLCanvasElement, record$: Observable<TimelineRecord>): Subscription {
  const pen = canvas.getContext('2d');
  if (!pen) return Subscription.EMPTY;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const subscription = new Subscription();
  let record = emptyRecord;
  let palette: Palette | null = null;
  let width = 0;
  let ahead = aheadWanted(record, 0);
  let inSight = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  const draw = () => {
    frame = 0;
    const now = Date.now();
    const wanted = aheadWanted(record, now);
    // The view glides to make room for a deadline; a jump would look like an event.
    ahead = calm.matches || Math.abs(wanted - ahead) < 200 ? wanted : ahead + (wanted - ahead) * 0.25;
    palette ??= readPalette(canvas);
    drawTimeline({ pen, width, height: timelineHeight, palette, now, ahead }, record);
    if (ahead !== wanted || !isStill(record, now)) {
      const gliding = Math.abs(ahead - wanted) > 200;
      const pixel = span / Math.max(1, width * devicePixelRatio);
      timer = setTimeout(askForFrame, calm.matches ? calmPace : gliding ? 16 : Math.max(33, pixel));
    }
  };
  const askForFrame = () => {
    clearTimeout(timer);
    if (inSight && width > 0 && frame === 0) frame = requestAnimationFrame(draw);
  };
  const resize = () => {
    width = canvas.clientWidth;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(timelineHeight * devicePixelRatio);
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    askForFrame();
  };
  const repaint = () => {
    palette = null;
    askForFrame();
  };

  const sizes = new ResizeObserver(resize);
  const sights = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    askForFrame();
  });
  sizes.observe(canvas);
  sights.observe(canvas);
  document.addEventListener('themechange', repaint);
  dark.addEventListener('change', repaint);
  subscription.add(
    follow(record$, (next) => {
      record = next;
      askForFrame();
    }),
  );
  subscription.add(() => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    sizes.disconnect();
    sights.disconnect();
    document.removeEventListener('themechange', repaint);
    dark.removeEventListener('change', repaint);
  });
  return subscription;
}
