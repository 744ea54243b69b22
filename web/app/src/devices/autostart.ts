/** Whether the camera may be started without a surprise: the browser would not have to ask. */

async function granted(name: 'camera' | 'microphone'): Promise<boolean> {
  try {
    const status = await navigator.permissions.query({ name: name as PermissionName });
    return status.state === 'granted';
  } catch {
    // Older browsers do not know these names; then the person presses the button.
    return false;
  }
}

export async function mayStartSilently(): Promise<boolean> {
  return (await granted('camera')) && (await granted('microphone'));
}
