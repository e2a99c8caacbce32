import { stateSentence } from '../../demo/client/page/words.js';
import type { ConnectionState } from '../../lib/index.js';

const failed = (cause: 'signal' | 'media' | 'both' | null): ConnectionState => ({
  state: 'failed',
  reason: 'timeout',
  error: new Error('too late'),
  attempts: 7,
  cause,
});

describe('what the demo says of a state', () => {
  it('D5 names the network that blocks media when only the media was missing', () => {
    expect(stateSentence(failed('media'))).toBe('No way back before the deadline. Signalling works: your network blocks media.');
    for (const cause of ['signal', 'both', null] as const)
      expect(stateSentence(failed(cause))).toBe('No way back before the deadline.');
  });

  it('T4 repeats what the server said with a kick', () => {
    const kicked: ConnectionState = { state: 'disconnected', reason: 'serverKicked', message: 'banned for an hour' };
    expect(stateSentence(kicked)).toBe('Removed from the room by the server. The server says: banned for an hour');
  });

  it('S7 does not say that signalling is well while media is lost: it may have been lost since', () => {
    const state: ConnectionState = {
      state: 'reconnecting',
      reason: 'mediaConnectionDisconnected',
      link: null,
      error: null,
      since: 0,
    };
    expect(stateSentence(state)).toBe('Sound and picture were lost; coming back by itself.');
  });
});
