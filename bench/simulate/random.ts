/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * Chris Doty-Humphrey's sfc32, 32 bits a draw: a counter and three words, period at least 2³², on average about 2¹²⁷.
 * Small, fast and good enough for PractRand; the same seed gives the same run on every machine.
 */
export function seeded(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // Seeds that lie close together need some rounds to part.
  for (let round = 0; round < 12; round++) draw();
  return draw;
}
