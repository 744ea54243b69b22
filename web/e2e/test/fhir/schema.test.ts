/**
 * What a server answered as FHIR R4, against what HL7 publishes. The answers are committed: a Rust test asks a running
 * server for all of them, on each database, and fails when they are not the same any more.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faults } from '../../src/fhir.ts';
import { REPOSITORY } from '../../src/server.ts';

const ANSWERS = join(REPOSITORY, 'signaling', 'tests', 'fhir');

type Resource = Record<string, unknown>;

interface Bundle {
  readonly entry: { readonly resource: Resource }[];
}

function answer(name: string): Resource {
  return JSON.parse(readFileSync(join(ANSWERS, name), 'utf8')) as Resource;
}

function first(name: string): Resource {
  const { entry } = answer(name) as unknown as Bundle;
  const resource = entry[0]?.resource;
  if (!resource) throw new Error(`${name} has no resource`);
  return resource;
}

describe('m24: what is read as FHIR R4', () => {
  const names = readdirSync(ANSWERS);

  it('is there of every kind', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'Appointment.json',
        'AuditEvent.json',
        'CapabilityStatement.json',
        'Consent.json',
        'Encounter.json',
        'OperationOutcome.json',
        'QuestionnaireResponse.json',
      ]),
    );
  });

  it.each(names)('is what the published definitions describe: %s', (name) => {
    const resource = answer(name);
    expect(faults(resource)).toEqual([]);
    const { entry = [] } = resource as unknown as Partial<Bundle>;
    for (const inside of entry) expect(faults(inside.resource)).toEqual([]);
  });
});

describe('what is not FHIR R4 is noticed', () => {
  it.each<[string, string, (resource: Resource) => void]>([
    ['a code that there is not', 'Encounter.json', (it) => (it['status'] = 'done')],
    ['a member that there is not', 'Encounter.json', (it) => (it['patientName'] = 'Ada')],
    ['a moment that is none', 'AuditEvent.json', (it) => (it['recorded'] = '2027-01-15 08:00')],
    ['a list that is none', 'Appointment.json', (it) => (it['participant'] = {})],
    ['a number in words', 'Appointment.json', (it) => (it['minutesDuration'] = 'fifteen')],
    ['a null', 'Consent.json', (it) => (it['dateTime'] = null)],
    ['a missing code', 'Encounter.json', (it) => delete it['status']],
    ['a missing class', 'Encounter.json', (it) => delete it['class']],
    ['a missing reader', 'AuditEvent.json', (it) => delete it['agent']],
    [
      'something missing in a part',
      'AuditEvent.json',
      (it) => delete (it['agent'] as Resource[])[0]?.['requestor'],
    ],
    [
      'something missing in an answer',
      'QuestionnaireResponse.json',
      (it) => delete (it['item'] as Resource[])[0]?.['linkId'],
    ],
  ])('%s', (_, name, spoil) => {
    const resource = first(name);
    expect(faults(resource)).toEqual([]);
    spoil(resource);
    expect(faults(resource)).not.toEqual([]);
  });
});
