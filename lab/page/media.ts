import { Observable } from 'rxjs';
import type { Situation } from '../situation.js';

/** Small and slow enough that two processors can encode and decode several calls without being late. */
const video = { width: 320, height: 240, frameRate: 15 };

/** What a user of the situation sends, from the browser's fake devices. Unsubscribing stops it. */
export function mediaOf(situation: Situation): Observable<MediaStream> {
  return new Observable<MediaStream>((subscriber) => {
    if (situation === 'data') {
      subscriber.next(new MediaStream());
      return;
    }
    let stream: MediaStream | null = null;
    navigator.mediaDevices.getUserMedia({ audio: true, video: situation === 'dtx' ? false : video }).then(
      (granted) => {
        stream = granted;
        for (const track of granted.getTracks()) track.enabled = situation === 'active';
        subscriber.next(granted);
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => stream?.getTracks().forEach((track) => track.stop());
  });
}

/** The same for a page that never gives it back. */
export const grantedMedia = (situation: Situation): Promise<MediaStream> =>
  new Promise((resolve, reject) => mediaOf(situation).subscribe({ next: resolve, error: reject }));
