/**
 * What flows in a call, as far as the network sees it:
 *
 *     active  picture and sound of the browser's fake devices
 *     muted   the same with both switched off: black pictures and silence, sent all the same
 *     dtx     sound alone, switched off, Opus with DTX: a packet every 0.4 s
 *     held    picture and sound are agreed on and none is sent: nothing but STUN, and a report now and then
 *     data    a data channel that nobody uses: nothing but STUN, every 2.7 s
 */
export type Situation = 'active' | 'muted' | 'dtx' | 'held' | 'data';

export const situations: readonly Situation[] = ['active', 'muted', 'dtx', 'held', 'data'];
