import { ReplaySubject, share } from 'rxjs';
import { cameraMedia } from './media/camera-media.js';
import { syntheticMedia } from './media/synthetic-media.js';
import { element } from './page/element.js';
import { eventLog } from './page/event-log.js';
import type { DemoHistory } from './page/history.js';
import { legend } from './page/legend.js';
import { networkControls } from './page/network-controls.js';
import { pageOptions } from './page/options.js';
import { fetchConfig, reportState } from './page/server-calls.js';
import { themeButton } from './page/theme.js';
import { userSide } from './page/user-side.js';
import { viewLinks } from './page/view-links.js';

const options = pageOptions(location.search);
const announcer = byId('announcer');
const log = eventLog(byId('log'));
themeButton(byId('theme') as HTMLButtonElement);
legend(byId('legend'));
viewLinks(byId('views'), options);

const demo: DemoHistory = {
  history: Object.fromEntries(options.users.map((user) => [user, []])),
  attempts: Object.fromEntries(options.users.map((user) => [user, 0])),
};
window.demo = demo;

fetchConfig().then(
  (config) => {
    const room = options.room ?? config.room;
    for (const user of options.users) {
      const endpoints = config.users[user];
      if (!endpoints) continue;
      /** One report after the other: the terminal shall see them in order. */
      let reports = Promise.resolve();
      const side = userSide({
        user,
        room,
        endpoints,
        janus: options.janus,
        limits: options.limits,
        stream$: (options.camera ? cameraMedia() : syntheticMedia(user)).pipe(
          share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: true }),
        ),
        log,
        announce: (text) => (announcer.textContent = text),
        onState: (entry) => {
          demo.history[user]?.push(entry);
          if (entry.reason !== null) reports = reports.then(() => reportState(user, entry));
        },
        onAttempt: () => (demo.attempts[user] = (demo.attempts[user] ?? 0) + 1),
      });
      byId('call').append(side.view);
      if (options.autojoin) side.join();
    }
    byId('call').dataset['users'] = String(options.users.length);
    networkControls(byId('controls'), { users: options.users, room, gate: config.gate, log });
  },
  () =>
    byId('call').append(
      element('p', { class: 'card' }, 'The process behind this page does not answer. Run npm start.'),
    ),
);

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
