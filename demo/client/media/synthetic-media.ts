import { Observable } from 'rxjs';

const width = 480;
const height = 360;
/** Milliseconds between two pictures. */
const pace = 66;

/**
 * A drawn picture and a soft tone, for machines without a camera. Each user has a colour and a pitch. Unsubscribing
 * stops the tracks, the pen and the sound.
 */
export function syntheticMedia(user: string): Observable<MediaStream> {
  return new Observable<MediaStream>((subscriber) => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext('2d');
    const hue = user === 'A' ? 205 : 285;
    const still = matchMedia('(prefers-reduced-motion: reduce)');
    const draw = () => pen && drawPicture(pen, user, hue, performance.now(), still.matches);
    draw();
    // Not requestAnimationFrame: it stops in a hidden tab, and the others would see a frozen picture.
    const timer = setInterval(draw, pace);
    const picture = canvas.captureStream(1000 / pace);
    const sound = tone(user === 'A' ? 220 : 277.2);
    const stream = new MediaStream([...picture.getTracks(), ...sound.stream.getTracks()]);
    subscriber.next(stream);
    return () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      sound.stop();
    };
  });
}

function drawPicture(pen: CanvasRenderingContext2D, user: string, hue: number, now: number, still: boolean): void {
  const sky = pen.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, `hsl(${hue} 45% 30%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 50% 15%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);

  // Rings that travel outwards: a frozen picture is seen at a glance.
  const phase = still ? 0 : (now / 2400) % 1;
  pen.lineWidth = 2;
  for (let ring = 0; ring < 4; ring++) {
    const way = (ring + phase) / 4;
    pen.strokeStyle = `hsl(${hue} 80% 80% / ${(0.5 * (1 - way)).toFixed(3)})`;
    pen.beginPath();
    pen.arc(width / 2, height * 0.44, 62 + way * 170, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.fillStyle = `hsl(${hue} 60% 62%)`;
  pen.beginPath();
  pen.arc(width / 2, height * 0.44, 58, 0, 2 * Math.PI);
  pen.fill();

  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = '#fff';
  pen.font = '700 64px system-ui, sans-serif';
  pen.fillText(user, width / 2, height * 0.445);
  // Wall clock with tenths: two pages side by side show the delay between them.
  pen.font = '500 26px ui-monospace, monospace';
  pen.fillStyle = 'rgb(255 255 255 / 0.85)';
  pen.fillText(clock(new Date(), still), width / 2, height * 0.87);
}

const clock = (date: Date, still: boolean): string =>
  date.toTimeString().slice(0, 8) + (still ? '' : `.${Math.floor(date.getMilliseconds() / 100)}`);

function tone(pitch: number): { readonly stream: MediaStream; stop(): void } {
  const audio = new AudioContext();
  const oscillator = new OscillatorNode(audio, { frequency: pitch });
  const volume = new GainNode(audio, { gain: 0.05 });
  const out = audio.createMediaStreamDestination();
  oscillator.connect(volume).connect(out);
  oscillator.start();
  // A context made without a click starts suspended, and then sends no sound; the picture flows all the same.
  const wake = () => void audio.resume().catch(() => undefined);
  wake();
  addEventListener('pointerdown', wake, { once: true });
  return {
    stream: out.stream,
    stop: () => {
      removeEventListener('pointerdown', wake);
      oscillator.stop();
      void audio.close().catch(() => undefined);
    },
  };
}
