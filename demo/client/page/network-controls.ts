import type { ControlAnswer, ControlCommand, DemoConfig, GateState } from '../../server/control-api.js';
import { element } from './element.js';
import type { Log } from './event-log.js';
import { errorText } from './log-words.js';
import { control, fetchConfig } from './server-calls.js';

export interface NetworkControlsOptions {
  readonly users: readonly string[];
  readonly room: string;
  readonly gate: DemoConfig['gate'];
  readonly log: Log;
}

/** The hand on the network and on the server. The library is told nothing of what is done here. */
export function networkControls(section: HTMLElement, { users, room, gate, log }: NetworkControlsOptions): void {
  const panels = new Map(users.map((user) => [user, userPanel(user)]));
  const showGate = (next: DemoConfig['gate']) => {
    for (const [user, panel] of panels) if (next[user]) panel.show(next[user]);
  };
  const send = async (command: ControlCommand, user: string | null, text: string): Promise<ControlAnswer | null> => {
    log(user, 'network', text);
    try {
      const answer = await control(command);
      showGate(answer.gate);
      if (!answer.done) log(user, 'trouble', 'There was nobody to do it to.');
      return answer;
    } catch (error) {
      log(user, 'trouble', errorText(error));
      return null;
    }
  };

  function userPanel(user: string) {
    const cut = (
      name: string,
      text: string,
      noticed: string,
      parts: { signal?: boolean; media?: boolean },
      kind = '',
    ) => {
      const said = `${text.toLowerCase()}: it shows ${noticed}`;
      const button = action(`${user}-cut-${name}`, text, user, { command: 'cut', user, ...parts }, said, kind);
      button.title = `It shows ${noticed}.`;
      return button;
    };
    const signal = element('span', { class: 'wire' });
    const media = element('span', { class: 'wire' });
    const view = element(
      'fieldset',
      { class: 'network', 'data-user': user },
      element('legend', {}, `${user}'s network`),
      element('p', { class: 'wires' }, signal, media),
      element(
        'div',
        { class: 'buttons pairs' },
        cut('all', 'Cut everything', 'within 2 s, by the media that stops', {}, 'danger'),
        action(`${user}-heal`, 'Heal', user, { command: 'heal', user }, 'the network is healed', 'primary'),
        cut('signal', 'Cut signalling', 'within 11 s, by a heartbeat without an answer', { signal: true }),
        cut('media', 'Cut media', 'within 2 s', { media: true }),
        ...[5, 20].map((percent) => {
          const command = { command: 'lose', user, share: percent / 100 } as const;
          const said = `${percent} % of the media gets lost`;
          const button = action(`${user}-lose-${percent}`, `Lose ${percent} %`, user, command, said);
          button.title = 'of the media, both ways';
          return button;
        }),
      ),
      element(
        'div',
        { class: 'buttons' },
        action(`${user}-kick`, `Kick ${user}`, user, { command: 'kick', user, room }, `the server kicks ${user}`),
        action(
          `${user}-redispatch`,
          `Redispatch ${user}`,
          user,
          { command: 'redispatch', user, room },
          `the server sends ${user} elsewhere`,
        ),
      ),
    );
    return {
      view,
      show: (state: GateState) => {
        showWire(signal, 'Signalling', state.signal, 0);
        showWire(media, 'Media', state.media, state.loss);
      },
    };
  }

  function action(testid: string, text: string, user: string | null, command: ControlCommand, said: string, kind = '') {
    const button = element('button', { type: 'button', class: kind, 'data-testid': testid }, text);
    button.addEventListener('click', () => void send(command, user, said));
    return button;
  }

  section.append(
    element('h2', { id: 'controls-title' }, 'The network and the server'),
    element('p', { class: 'muted' }, 'What you do here, nobody tells the library. It has to notice.'),
    element(
      'div',
      { class: 'networks' },
      ...[...panels.values()].map(({ view }) => view),
      element(
        'fieldset',
        { class: 'network' },
        element('legend', {}, 'The server'),
        element(
          'div',
          { class: 'buttons' },
          action('close-room', 'Close the room', null, { command: 'closeRoom', room }, 'the server closes the room'),
          action(
            'restart-server',
            'Restart the server',
            null,
            { command: 'restart' },
            'the server restarts, down for 2 s',
          ),
        ),
        busySwitch(send),
      ),
    ),
  );
  showGate(gate);
  // Another tab may have its hand on the network too.
  addEventListener(
    'focus',
    () =>
      void fetchConfig().then(
        (config) => showGate(config.gate),
        () => undefined,
      ),
  );
}

function busySwitch(
  send: (command: ControlCommand, user: null, text: string) => Promise<ControlAnswer | null>,
): HTMLElement {
  const wait = element('input', {
    type: 'number',
    min: '0',
    max: '60',
    step: '1',
    inputmode: 'numeric',
    id: 'retry-after',
    'data-testid': 'retry-after',
    placeholder: 'no hint',
  });
  const button = element('button', { type: 'button', 'aria-pressed': 'false', 'data-testid': 'busy' }, 'Busy: off');
  let on = false;
  button.addEventListener('click', () => {
    const hint = wait.value === '' ? null : wait.valueAsNumber;
    const next = !on;
    const text = next
      ? `the server is busy${hint === null ? '' : `, come back after ${hint} s`}`
      : 'the server has time again';
    void send({ command: 'busy', on: next, ...(hint !== null && { retryAfter: hint * 1000 }) }, null, text).then(
      (answer) => {
        if (!answer) return;
        on = next;
        button.textContent = on ? 'Busy: on' : 'Busy: off';
        button.setAttribute('aria-pressed', String(on));
      },
    );
  });
  return element(
    'div',
    { class: 'buttons busy' },
    button,
    element('label', { for: 'retry-after' }, 'come back after (s)'),
    wait,
  );
}

function showWire(wire: HTMLElement, name: string, state: 'open' | 'cut', loss: number): void {
  const lossy = state === 'open' && loss > 0;
  wire.dataset['wire'] = lossy ? 'lossy' : state;
  wire.textContent = `${name} ${lossy ? `~ loses ${Math.round(100 * loss)} %` : state === 'open' ? '✓ open' : '✕ cut'}`;
}
