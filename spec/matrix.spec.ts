import * as rejoin from '../lib/index.js';
import * as janus from '../lib/janus/index.js';
import * as webrtc from '../lib/webrtc/index.js';
import * as websocket from '../lib/websocket/index.js';
import { adapterPieces } from './matrix/adapters.js';
import { pieces, withoutPlaces, type Places } from './matrix/pieces.js';
import { values } from './matrix/values.js';
import { textsOf } from './matrix/watch.js';
import { uncaughtIn } from './room/host.js';

/** What the engine or rxjs says when a value is not what the code expects: it names no parameter and no cure. */
const ENGINE =
  /Cannot (read|destructure|convert|set|access|use 'in'|mix)|is not (a function|iterable|an object|a constructor)|undefined is not|You provided/;

/** What a program throws, or cannot be read, is its own. */
const own: Readonly<Record<string, readonly string[]>> = {
  'createRoom, what join throws': ['a revoked proxy'],
  'createRoom, what repair throws': ['a revoked proxy'],
  'roomConnection, what join throws': ['a revoked proxy'],
  'roomConnection, what repair throws': ['a revoked proxy'],
  'reconnect, what classify gives': ['a revoked proxy'],
  'usersOf, options.onError': ['class {}'],
};

const entries = [
  ['rejoin', rejoin, pieces],
  ['rejoin/websocket', websocket, adapterPieces.websocket],
  ['rejoin/webrtc', webrtc, adapterPieces.webrtc],
  ['rejoin/janus', janus, adapterPieces.janus],
] as const;

describe('any value in any place', () => {
  for (const [entry, exports, known] of entries) {
    describe(entry, () => {
      for (const [name, places] of Object.entries<Places>(known)) {
        for (const [place, use] of Object.entries(places)) {
          it(`O3 M8 ${name}, ${place}: no message of the engine, and nothing uncaught`, async () => {
            const bad = new Set<string>();
            const uncaught = await uncaughtIn(() => {
              for (const [value, make] of values) {
                if (own[`${name}, ${place}`]?.includes(value) === true) continue;
                const tell = (text: string): void => {
                  if (ENGINE.test(text)) bad.add(`${value}: ${text}`);
                };
                for (const text of textsOf((watch) => use(make(), watch), tell)) tell(text);
              }
            });
            expect([...bad]).toEqual([]);
            expect(uncaught).toEqual([]);
          });
        }
      }

      it('O3 every public function is in the table', () => {
        const isClass = (member: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(member));
        const functions = Object.entries<unknown>(exports)
          .filter(([, member]) => typeof member === 'function' && !isClass(member))
          .map(([name]) => name);
        expect([...Object.keys(known), ...withoutPlaces]).toEqual(jasmine.arrayContaining(functions));
      });
    });
  }
});
