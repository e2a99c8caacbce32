import type { AttemptKind, ConnectionState, ReasonName } from '../../../lib/index.js';

/** Each reason as a person would say it. */
const sentences: Readonly<Record<ReasonName, string>> = {
  leaveChannel: 'Left the call.',
  channelClosed: 'The room was closed for everybody.',
  serverKicked: 'Removed from the room by the server.',
  duplicateUser: 'The same user joined elsewhere.',
  joinChannel: 'Joining the room.',
  settingProxyServer: 'Finding a way through the proxy.',
  joinSucceed: 'In the call.',
  rejoinSucceed: 'Back in the call.',
  mediaConnectionDisconnected: 'Sound and picture were lost; coming back by itself.',
  signalDisconnected: 'Signalling is lost; coming back by itself.',
  redispatch: 'The server sends us elsewhere.',
  timeout: 'No way back before the deadline.',
  requestChannelFailed: 'The token could not be had.',
  joinChannelFailed: 'The room could not be joined.',
};

export function stateSentence(state: ConnectionState): string {
  if (state.reason === null) return 'Not in the call.';
  const said =
    state.state === 'disconnected' && state.message !== undefined ? ` The server says: ${state.message}` : '';
  const blocked =
    state.state === 'failed' && state.cause === 'media' ? ' Signalling works: your network blocks media.' : '';
  return sentences[state.reason] + said + blocked;
}

/** Each kind of attempt by what it does. */
export const kindWords: Readonly<Record<AttemptKind, string>> = {
  join: 'join',
  rejoin: 'full rejoin',
  restart: 'ICE restart',
  resume: 'resume signalling',
};

/** `1.2 s`; never negative. */
export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
