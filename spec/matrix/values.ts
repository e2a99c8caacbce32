/** What a program without types may pass anywhere. */
export const values: readonly (readonly [name: string, make: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['0', () => 0],
  ['-1', () => -1],
  ['NaN', () => NaN],
  ['Infinity', () => Infinity],
  ['1.5', () => 1.5],
  ["''", () => ''],
  ["'x'", () => 'x'],
  ['Symbol()', () => Symbol()],
  ['1n', () => 1n],
  ['[]', () => []],
  ['[1]', () => [1]],
  ['{}', () => ({})],
  ['{ then() {} }', () => ({ then: () => undefined })],
  ['() => undefined', () => () => undefined],
  ['async () => undefined', () => () => Promise.resolve(undefined)],
  ['class {}', () => Nothing],
  ['new Date()', () => new Date(0)],
  ['a revoked proxy', revoked],
  ['Object.create(null)', () => Object.create(null) as unknown],
];

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- a program may pass any
class Nothing {}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
