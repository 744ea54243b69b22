export const media = {
  'media.camera': 'Camera',
  'media.microphone': 'Microphone',
  'media.speaker': 'Speaker',
  'media.start': 'Turn on camera and microphone',
  'media.asking': 'Waiting for your permission…',
  'media.asking.hint': 'Your browser asks for permission. Please choose “Allow”.',
  'media.idle': 'Your camera is off',
  'media.preview': 'Your own picture',
  'media.preview.off': 'Camera is off',
  'media.preview.none': 'No picture',
  'media.private': 'Only you see this picture until you are admitted. Nothing is recorded.',
  'media.level': 'Microphone level',
  'media.level.hint': 'Say a few words. The bar moves when your microphone works.',
  'media.level.off': 'Your microphone is off.',
  'media.speaker.test': 'Play a test sound',
  'media.speaker.hint': 'Turn up the volume until you hear it well.',
  'media.speaker.playing': 'Playing…',
  'media.speaker.failed': 'The sound could not be played.',
  'media.devices': 'Use another device',
  'media.device.unnamed': 'Device {number}',
  'media.device.default': 'The device’s own choice',
  'media.denied.title': 'The camera and the microphone are blocked',
  'media.denied.chrome':
    'Tap the symbol to the left of the address, allow the camera and the microphone, then try again.',
  'media.denied.firefox':
    'Click the crossed-out symbol to the left of the address, remove the block, then try again.',
  'media.denied.safari':
    'Open the menu Safari > Settings for this website, allow the camera and the microphone, then try again.',
  'media.denied.ios':
    'Tap the symbol beside the address, then Website Settings, allow the camera and the microphone, and try again.',
  'media.denied.other':
    'Allow the camera and the microphone in your browser’s settings for this page, then try again.',
  'media.missing.title': 'No camera or microphone was found',
  'media.missing.text': 'Plug one in, or continue on a phone, then try again.',
  'media.in_use.title': 'Another program is using your camera or microphone',
  'media.in_use.text': 'Close other video programs and tabs, then try again.',
  'media.failed.title': 'The camera or microphone did not start',
  'media.failed.text': 'Try again. If it happens once more, restart your device.',
  'media.only.microphone':
    'Only your microphone works. The practitioner will hear you, but not see you.',
  'media.only.camera': 'Only your camera works. The practitioner will see you, but not hear you.',
  'media.stuck.microphone.title': 'Your microphone did not turn on',
  'media.stuck.microphone':
    'The others cannot hear you. Close other video programs, or plug the microphone in again. Then press “Microphone” once more. If your browser asks, choose “Allow”.',
  'media.stuck.camera.title': 'Your camera did not turn on',
  'media.stuck.camera':
    'The others cannot see you. Close other video programs, or plug the camera in again. Then press “Camera” once more. If your browser asks, choose “Allow”.',
  'media.ready': 'Your camera and microphone work',
} as const;
