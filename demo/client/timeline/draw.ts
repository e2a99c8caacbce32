import type { StateName } from '../../../lib/index.js';
import type { Palette } from './palette.js';
import type { AttemptMark, Span, TimelineRecord } from './record.js';
import { span } from './view-window.js';

export interface Frame {
  readonly pen: CanvasRenderingContext2D;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly now: number;
  /** Milliseconds between now and the right edge. */
  readonly ahead: number;
}

interface Lane {
  readonly top: number;
  readonly height: number;
}

export const timelineHeight = 138;
const lanes = {
  state: { top: 4, height: 30 },
  signal: { top: 43, height: 15 },
  media: { top: 65, height: 15 },
  attempts: { top: 88, height: 22 },
} as const satisfies Record<string, Lane>;
const axisTop = 116;

/** Draws the whole picture anew; it is small. */
export function drawTimeline(frame: Frame, record: TimelineRecord): void {
  const { pen, width, height, palette } = frame;
  pen.clearRect(0, 0, width, height);
  const left = gutter(width);
  const from = frame.now + frame.ahead - span;
  const x = (at: number) => left + ((at - from) / span) * (width - left);

  labels(frame);
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, height);
  pen.clip();
  axis(frame, x, left, record.deadlineAt);
  for (const one of record.states) stateBar(frame, one, x);
  for (const one of record.signal) healthBar(frame, lanes.signal, one, x);
  for (const one of record.media) healthBar(frame, lanes.media, one, x);
  for (const one of record.attempts) attemptBar(frame, one, x);
  if (record.nextRetryAt !== null) nextRetry(frame, x(Math.max(frame.now, record.nextRetryAt)));
  if (record.deadlineAt !== null) marker(frame, x(record.deadlineAt), 'deadline', palette.states.failed, [5, 4]);
  marker(frame, x(frame.now), null, palette.text, []);
  pen.restore();
}

const gutter = (width: number): number => (width < 420 ? 56 : 68);

function labels({ pen, palette }: Frame): void {
  pen.font = `500 12px ${palette.sans}`;
  pen.fillStyle = palette.muted;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  const middle = ({ top, height }: Lane) => top + height / 2 + 0.5;
  pen.fillText('state', 0, middle(lanes.state));
  pen.fillText('signal', 0, middle(lanes.signal));
  pen.fillText('media', 0, middle(lanes.media));
  pen.fillText('attempts', 0, middle(lanes.attempts));
}

/** Seconds before now, at places that do not move while nothing else does. */
function axis(
  { pen, palette, width, now, ahead }: Frame,
  x: (at: number) => number,
  left: number,
  deadlineAt: number | null,
): void {
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(left, axisTop + 0.5);
  pen.lineTo(width, axisTop + 0.5);
  pen.stroke();
  pen.font = `400 11px ${palette.sans}`;
  pen.fillStyle = palette.muted;
  pen.textAlign = 'center';
  pen.textBaseline = 'top';
  const step = width - left < 420 ? 20_000 : 10_000;
  for (let offset = -Math.floor(span / step) * step; offset <= ahead; offset += step) {
    const at = Math.round(x(now + offset)) + 0.5;
    if (at < left + 12 || (offset !== 0 && at > width - 14)) continue;
    pen.globalAlpha = 0.6;
    pen.beginPath();
    pen.moveTo(at, lanes.state.top);
    pen.lineTo(at, axisTop + 4);
    pen.stroke();
    pen.globalAlpha = 1;
    // Its own label stands there, and further to the left at the right edge.
    if (deadlineAt !== null && at > x(deadlineAt) - (x(deadlineAt) > width - 60 ? 72 : 48) && at < x(deadlineAt) + 48)
      continue;
    pen.fillText(
      offset === 0 ? 'now' : `${offset > 0 ? '+' : '−'}${Math.abs(offset) / 1000}`,
      Math.min(at, width - 13),
      axisTop + 7,
    );
  }
}

function stateBar(frame: Frame, { from, to, value }: Span<StateName>, x: (at: number) => number): void {
  const { pen, palette, now } = frame;
  const { top, height } = lanes.state;
  const start = x(from);
  const wide = Math.max(2, x(to ?? now) - start);
  if (start + wide < 0) return;
  const colour = palette.states[value];
  pen.fillStyle = palette.panel;
  pen.fillRect(start, top, wide, height);
  pen.fillStyle = colour;
  pen.globalAlpha = value === 'disconnected' ? 0.1 : 0.22;
  pen.fillRect(start, top, wide, height);
  pen.globalAlpha = 1;
  stripes(frame, value, start, top, wide, height);
  pen.fillRect(start, top + height - 3, wide, 3);
  pen.fillRect(start, top, Math.min(2, wide), height);
  inside(frame, value, start, wide, top + height / 2 - 1, palette.text);
}

/** Each state has a texture too. */
function stripes({ pen }: Frame, state: StateName, left: number, top: number, wide: number, high: number): void {
  if (state === 'connected' || state === 'disconnected') return;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, wide, high);
  pen.clip();
  pen.strokeStyle = pen.fillStyle;
  pen.globalAlpha = 0.35;
  pen.lineWidth = 1.5;
  pen.beginPath();
  // Aligned to the bar, so that the texture travels with it.
  for (let offset = -high; offset < wide; offset += state === 'connecting' ? 7 : 9) {
    if (left + offset > -high && left + offset < 4000) {
      if (state !== 'connecting') {
        pen.moveTo(left + offset, top + high);
        pen.lineTo(left + offset + high, top);
      } else {
        pen.moveTo(left + offset, top);
        pen.lineTo(left + offset, top + high);
      }
      if (state === 'failed') {
        pen.moveTo(left + offset, top);
        pen.lineTo(left + offset + high, top + high);
      }
    }
  }
  pen.stroke();
  pen.restore();
}

/** Up is a quiet line; down is a block that cannot be overlooked. */
function healthBar(
  frame: Frame,
  { top, height }: Lane,
  { from, to, value }: Span<boolean>,
  x: (at: number) => number,
): void {
  const { pen, palette, now } = frame;
  const start = x(from);
  const wide = Math.max(2, x(to ?? now) - start);
  if (value) {
    pen.fillStyle = palette.states.connected;
    pen.fillRect(start, top + height / 2 - 2, wide, 4);
    return;
  }
  pen.fillStyle = palette.states.failed;
  pen.globalAlpha = 0.18;
  pen.fillRect(start, top, wide, height);
  pen.globalAlpha = 1;
  pen.strokeStyle = palette.states.failed;
  pen.lineWidth = 1;
  pen.strokeRect(start + 0.5, top + 0.5, Math.max(1, wide - 1), height - 1);
  inside(frame, 'down', start, wide, top + height / 2 + 0.5, palette.text, 11);
}

const outcomeSigns = { running: '…', succeeded: '✓', failed: '✕', cut: '–' } as const;
const kindSigns = { join: 'join', rejoin: 'rejoin', restart: 'ICE', resume: 'resume' } as const;

function attemptBar(frame: Frame, { from, to, value }: Span<AttemptMark>, x: (at: number) => number): void {
  const { pen, palette, now } = frame;
  const { top, height } = lanes.attempts;
  const start = x(from);
  const wide = Math.max(3, x(to ?? now) - start);
  const { states } = palette;
  const colour = {
    running: states.connecting,
    succeeded: states.connected,
    failed: states.failed,
    cut: states.disconnected,
  }[value.outcome];
  pen.fillStyle = colour;
  pen.globalAlpha = 0.25;
  pen.fillRect(start, top, wide, height);
  pen.globalAlpha = 1;
  pen.fillRect(start, top, 2, height);
  pen.fillRect(start, top + height - 2, wide, 2);
  const sign = outcomeSigns[value.outcome];
  const long = `${kindSigns[value.kind]} ${sign}`;
  if (inside(frame, long, start, wide, top + height / 2, palette.text, 11) || wide < 11) return;
  pen.textAlign = 'center';
  pen.fillStyle = palette.text;
  pen.fillText(sign, start + wide / 2 + 1, top + height / 2);
}

function nextRetry({ pen, palette }: Frame, at: number): void {
  const { top, height } = lanes.attempts;
  pen.strokeStyle = palette.states.connecting;
  pen.lineWidth = 1.5;
  pen.setLineDash([2, 3]);
  pen.strokeRect(at + 1, top + 1, 14, height - 2);
  pen.setLineDash([]);
}

function marker(
  { pen, palette, width }: Frame,
  at: number,
  label: string | null,
  colour: string,
  dash: number[],
): void {
  pen.strokeStyle = colour;
  pen.lineWidth = label === null ? 1 : 2;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(Math.round(at) + 0.5, 0);
  pen.lineTo(Math.round(at) + 0.5, axisTop + 4);
  pen.stroke();
  pen.setLineDash([]);
  if (label === null) return;
  pen.font = `600 11px ${palette.sans}`;
  pen.fillStyle = colour;
  pen.textBaseline = 'top';
  pen.textAlign = at > width - 60 ? 'right' : 'center';
  pen.fillText(label, Math.min(at, width - 2), axisTop + 7);
}

/** A text in a bar, where it fits; it stays in sight while its bar does. */
function inside(
  { pen, palette, width }: Frame,
  text: string,
  start: number,
  wide: number,
  middle: number,
  colour: string,
  size = 12,
): boolean {
  pen.font = `600 ${size}px ${palette.sans}`;
  const needed = pen.measureText(text).width + 8;
  const seen = Math.max(start, gutter(width));
  if (start + wide - seen < needed) return false;
  pen.fillStyle = colour;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, seen + 6, middle);
  return true;
}
