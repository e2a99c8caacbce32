import { useJanus } from '../janus/use-janus.js';
import { useDemo } from './use-demo.js';

describe('the demo over a real Janus', () => {
  const janus = useJanus();
  const stage = useDemo();

  it('both join and see each other move, and one who leaves is gone', async () => {
    const server = await janus();
    const demo = await stage.open({ janus: server.url });
    await demo.joinBoth();
    expect(await demo.others('B')).toBe('with A');
    await demo.press('A-leave');
    await demo.shows('A', 'disconnected/leaveChannel');
    await demo.othersAre('B', '');
    expect(await demo.state('B')).toBe('connected/joinSucceed');
  });
});
