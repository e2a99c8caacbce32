/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In every text that a frame may hold: no error may repeat it. */
export const SECRET = 's3cret';

const TEXTS = ['', SECRET, `${SECRET}\u0000`, '😀'.repeat(50), '__proto__', 'constructor', 'x'.repeat(5_000)];
const NUMBERS = [0, -1, 1.5, 2 ** 53, -(2 ** 31), 1e308];
const NAMES = ['id', 'type', 'janus', 'data', '__proto__', 'constructor', 'toString', 'length', SECRET, ''];

/** Any JSON, up to four levels deep. */
export function junk(random: () => number, depth = 0): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
  const many = Array.from({ length: Math.floor(random() * 4) });
  switch (kind) {
    case 0:
      return null;
    case 1:
      return random() < 0.5;
    case 2:
      return pick(NUMBERS);
    case 3:
      return pick(TEXTS);
    case 4:
      return many.map(() => junk(random, depth + 1));
    default:
      return Object.fromEntries(many.map(() => [pick(NAMES), junk(random, depth + 1)]));
  }
}

/** A frame with one to three of its members, at any depth, left out or replaced by junk. */
export function mutated(random: () => number, frame: unknown): unknown {
  const copy = structuredClone(frame);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) damage(random, copy);
  return random() < 0.05 ? junk(random) : copy;
}

function damage(random: () => number, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const names = Object.keys(value);
  const name = names[Math.floor(random() * names.length)];
  if (name === undefined) return;
  const members = value as Record<string, unknown>;
  const inside = members[name];
  if (random() < 0.6 && typeof inside === 'object' && inside !== null) damage(random, inside);
  else if (random() < 0.3) Reflect.deleteProperty(members, name);
  else members[name] = junk(random);
}

/** A text frame that came in broken: cut, with a byte too many, or nested without end. */
export function broken(random: () => number, frame: unknown): string {
  const text = JSON.stringify(frame);
  const at = Math.floor(random() * text.length);
  const way = random();
  if (way < 0.5) return text.slice(0, at);
  if (way < 0.8) return `${text.slice(0, at)}${SECRET}\u0007${text.slice(at)}`;
  return '['.repeat(2_000);
}
