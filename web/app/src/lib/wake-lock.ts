/** Keeps the screen awake while somebody waits or talks, where the browser can. */

/** Returns how to let it sleep again. The lock is lost when the page is hidden and taken anew after. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let wanted = true;

  const take = async () => {
    if (!wanted || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (!wanted) await lock.release();
    } catch {
      // A battery saver refuses it; the screen then sleeps as the device likes.
    }
  };
  const visible = () => void take();
  document.addEventListener('visibilitychange', visible);
  void take();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', visible);
    void lock?.release();
  };
}
