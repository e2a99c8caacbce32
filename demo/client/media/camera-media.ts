import { Observable } from 'rxjs';

/** The camera and microphone. Unsubscribing switches them off, also when the permission comes later. */
export function cameraMedia(): Observable<MediaStream> {
  return new Observable<MediaStream>((subscriber) => {
    let stream: MediaStream | null = null;
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 480, height: 360 } }).then(
      (granted) => {
        stream = granted;
        if (subscriber.closed) stop();
        else subscriber.next(granted);
      },
      (error: unknown) => subscriber.error(error),
    );
    return stop;
  });
}
