/** The HTTP API, as far as a page needs it. */

import { VestibuleError } from '../contract.ts';
import type {
  HttpError,
  SessionGrant,
  SignInOffer,
  SignInRequest,
  SignInStart,
  WalkInGrant,
} from '../wire.ts';
import { HTTP_MS } from './limits.ts';
import { refusal } from './requests.ts';

export interface Api {
  walkIn(link: string): Promise<WalkInGrant>;
  session(token: string, deviceKey: string): Promise<SessionGrant>;
  signIn(request: SignInRequest): Promise<SignInStart>;
  signInOffer(): Promise<SignInOffer>;
}

export function openApi(origin: string): Api {
  return {
    walkIn: (link) => post(`${origin}/api/v1/walk-ins`, { link }),
    session: (token, device_key) => post(`${origin}/api/v1/sessions`, { token, device_key }),
    signIn: (request) => post(`${origin}/api/v1/sign-ins`, request),
    signInOffer: () => ask(`${origin}/sign-in/offered`),
  };
}

function post<T>(url: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return ask(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function ask<T>(url: string, how?: RequestInit): Promise<T> {
  const response = await fetch(url, {
    ...how,
    credentials: 'omit',
    signal: AbortSignal.timeout(HTTP_MS),
  }).catch(() => null);
  const answer: unknown = await response?.json().catch(() => null);
  if (response?.ok === true && answer !== null) return answer as T;
  if (isHttpError(answer)) throw refusal(answer.error).error;
  throw new VestibuleError('network', true);
}

function isHttpError(answer: unknown): answer is HttpError {
  return typeof answer === 'object' && answer !== null && 'error' in answer;
}
