export const signIn = {
  'sign-in.action': 'Sign in',
  'sign-in.again': 'Sign in again',
  'sign-in.without': 'Go on without signing in',
  'sign-in.why':
    'Sign in, and the clinic knows who you are: your appointment and your place are found, here and on another device. Or go on below.',
  'sign-in.unavailable':
    'The service where you sign in does not answer. Please try again in a few minutes.',
  'sign-in.console.heading': 'Sign in to the console',
  'sign-in.console.text':
    'Sign in with your account and its second factor, or open the link that you received.',
  'problem.sign_in_refused.heading': 'You are not signed in',
  'problem.sign_in_refused.text': 'The sign-in was cancelled, or it was not confirmed.',
  'problem.sign_in_expired.heading': 'The sign-in took too long',
  'problem.sign_in_expired.text':
    'It is good once, for ten minutes, and in the browser where it was begun.',
  'problem.sign_in_unavailable.heading': 'Signing in does not work at the moment',
  'problem.sign_in_unavailable.text':
    'The service where you sign in does not answer. Please try again in a few minutes.',
  'problem.sign_in_unknown.heading': 'This sign-in is not known here',
  'problem.sign_in_unknown.text': 'Ask the clinic to register it for you, or open your link.',
  'problem.second_factor_missing.heading': 'A second factor is needed',
  'problem.second_factor_missing.text':
    'Turn it on where you sign in, then sign in again. It protects your patients.',
} as const;
