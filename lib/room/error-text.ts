/**
 * An error as it may stand in a log: name and message. What is no `Error` may be a payload, or a token.
 * Never throws, whatever came.
 */
export function errorText(error: unknown): string {
  try {
    if (isError(error)) return publicText(`${error.name}: ${error.message}`);
  } catch {
    // A getter that throws, or a revoked proxy: it is of no more use than what is no error.
  }
  return 'not an Error';
}

/** Also one of another realm. */
const isError = (value: unknown): value is Error => /Error|Exception/.test({}.toString.call(value));

/** On one line, not longer than 200 characters, without query, user and password of the addresses in it. */
export const publicText = (text: string): string =>
  text
    .replace(/:\/\/([^\s/?#]*@)?([^\s?#]*)\S*/g, '://$2')
    .replace(/[\s\p{C}]+/gu, ' ')
    .slice(0, 200);
